"""Exercises about the executor's life: made once, closed once, and nobody waits for it.

Imports trials and findings.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from ... import cpu_intensive_analysis
from ...spans import JobSpan
from ..findings import (
    Finding,
    differs,
    fault,
    one_by_one,
    right,
    trouble,
    waited_on_the_loop,
    where,
)
from ..stage import asked
from ..trial import Answer, Trial, attempt, lent_pool, size_of

_REQUESTS = 6
_JOBS = 8


async def share_one_pool(answer: Answer) -> Finding:
    """Find whether one pool serves all requests, and they are under way together."""
    size = size_of(0.03)
    requests = [(rid, size) for rid in range(_REQUESTS)]
    trial = await attempt(lambda: asked(answer, requests))
    return (
        trouble(trial)
        or differs(trial, [(rid, cpu_intensive_analysis(size)) for rid, size in requests])
        or where(trial, _REQUESTS)
        or _many_pools(trial)
        or waited_on_the_loop(trial)
        or one_by_one(trial)
        or right(trial)
    )


@dataclass(frozen=True)
class Closed:
    """How a pool was found after an answer had closed it."""

    under_way: int
    cancelled: int
    is_open: bool


async def close_without_holding(answer: Answer) -> Finding:
    """Find whether all jobs are done and the pool is closed, with the loop free meanwhile."""
    size = size_of(0.04)
    async with lent_pool(2) as executor:

        async def work() -> Closed:
            jobs = [executor.submit(cpu_intensive_analysis, size) for _ in range(_JOBS)]
            await asyncio.sleep(0)
            await asked(answer, executor)
            under_way = sum(not job.done() for job in jobs)
            cancelled = sum(job.cancelled() for job in jobs)
            return Closed(under_way, cancelled, await _takes_a_job(executor))

        trial = await attempt(work, lent=[executor])
    return _sent_to_itself(trial) or trouble(trial) or _closed_badly(trial) or right(trial)


def _closed_badly(trial: Trial) -> Finding | None:
    found: Closed = trial.value
    if found.cancelled:
        return fault(trial, "cancelled_jobs", cancelled=found.cancelled, all=_JOBS)
    jobs = [job for job in trial.recording.jobs if job.name == "cpu_intensive_analysis"][:_JOBS]
    if 2 * sum(_ended_while_held(trial, job) for job in jobs) > _JOBS:
        return fault(trial, "held_until_done", by_time=True)
    if found.is_open:
        return fault(trial, "not_closed")
    if found.under_way:
        return fault(trial, "not_waited", under_way=found.under_way, all=_JOBS)
    return None


def _ended_while_held(trial: Trial, job: JobSpan) -> bool:
    ended = job.finished_s
    holds = trial.recording.holds
    return ended is not None and any(hold.start_s < ended < hold.stop_s for hold in holds)


def _many_pools(trial: Trial) -> Finding | None:
    pools = [pool for pool in trial.recording.pools if pool.kind == "process"]
    return fault(trial, "many_pools", requests=_REQUESTS) if len(pools) > 1 else None


def _sent_to_itself(trial: Trial) -> Finding | None:
    """Return that the pool was asked to close itself in a worker of its own."""
    sent = [j for j in trial.recording.jobs if j.executor == "process" and "shutdown" in j.name]
    return fault(trial, "sent_to_itself") if sent else None


async def _takes_a_job(executor: Any) -> bool:
    try:
        executor.submit(cpu_intensive_analysis, 1).cancel()
    except RuntimeError:
        return False
    return True
