"""Exercises about bounds: so many jobs in flight and no more, and consumers that all end.

Imports trials and findings.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ... import cpu_intensive_analysis
from ...recording import Recording, counted
from ..findings import (
    Finding,
    differs,
    fault,
    leftovers,
    one_by_one,
    right,
    trouble,
    waited_on_the_loop,
    where,
)
from ..stage import asked
from ..trial import Answer, Trial, attempt, lent_pool, size_of

_BOUND = 4
_JOBS = 20
_CONSUMERS = 3
_QUEUED = 12


async def bound_in_flight(answer: Answer) -> Finding:
    """As many jobs as allowed are in flight, never more, and a free place is taken at once."""
    long, short = size_of(0.04), size_of(0.01)
    sizes = [short if number % _BOUND else long for number in range(_JOBS)]
    async with lent_pool(2) as executor:
        trial = await attempt(lambda: asked(answer, sizes, executor, _BOUND), lent=[executor])
    expected = [cpu_intensive_analysis(size) for size in sizes]
    return (
        trouble(trial)
        or _another_order(trial, expected)
        or differs(trial, expected)
        or where(trial, _JOBS)
        or waited_on_the_loop(trial)
        or _peak(trial)
        or right(trial, bound=_BOUND)
    )


def _another_order(trial: Trial, expected: list[float]) -> Finding | None:
    value = trial.value
    if value != expected and isinstance(value, list) and _same(value, expected):
        return fault(trial, "another_order")
    return None


def _same(value: list[Any], expected: list[float]) -> bool:
    return all(isinstance(each, float) for each in value) and sorted(value) == sorted(expected)


def _peak(trial: Trial) -> Finding | None:
    peak = trial.recording.in_flight.peak
    if peak > _BOUND:
        return fault(trial, "unbounded", bound=_BOUND)
    if peak < _BOUND:
        return one_by_one(trial) or fault(trial, "too_few", bound=_BOUND)
    # Once by chance on a busy machine; in batches, before each but the first.
    if pauses(trial.recording) >= _JOBS // _BOUND - 2:
        return fault(trial, "in_batches", bound=_BOUND, pauses=pauses(trial.recording))
    return None


def pauses(recording: Recording) -> int:
    """Return how often a job was submitted when nothing at all was in flight, the first aside."""
    edges = [(job.submitted_s, 1) for job in recording.jobs]
    edges += [(job.delivered_s, 0) for job in recording.jobs if job.delivered_s is not None]
    depth, found = 0, -1
    for _, begins in sorted(edges):
        found += bool(begins) and depth == 0
        depth += 1 if begins else -1
    return found


async def n_consumers(answer: Answer) -> Finding:
    """Three consumers await their jobs, answer all of them, and end, although there is one pill."""
    size = size_of(0.02)
    sizes = [size + number for number in range(_QUEUED)]
    async with lent_pool(2) as executor:

        async def work() -> object:
            job_queue: asyncio.Queue[int | None] = asyncio.Queue()
            for each in [*sizes, None]:
                job_queue.put_nowait(each)
            return await asked(answer, job_queue, executor, _CONSUMERS)

        trial = await attempt(work, lent=[executor])
    expected = sorted(cpu_intensive_analysis(each) for each in sizes)
    return (
        _still_waiting(trial)
        or _pill_as_a_job(trial)
        or trouble(trial)
        or _lost_jobs(trial)
        or differs(trial, expected, same=_sorted(trial.value) == expected)
        or where(trial, _QUEUED)
        or waited_on_the_loop(trial)
        or _consumers(trial)
        or leftovers(trial)
        or right(trial, consumers=_CONSUMERS)
    )


def _still_waiting(trial: Trial) -> Finding | None:
    """Return that some wait for ever in the queue, which has nothing more to give."""
    waiting = sum(".get(" in line for line in trial.waiting)
    joining = any(".join(" in line for line in trial.waiting)
    if trial.ended or trial.stuck or trial.never_awaited:
        return None
    if joining:
        return fault(trial, "still_joining")
    if not waiting:
        return None
    return fault(trial, "still_waiting", waiting=counted(waiting, "consumer"))


def _pill_as_a_job(trial: Trial) -> Finding | None:
    none = isinstance(trial.error, TypeError) and str(trial.error).startswith("data_size is None")
    return fault(trial, "pill_as_a_job") if none else None


def _lost_jobs(trial: Trial) -> Finding | None:
    value = trial.value
    if isinstance(value, list) and len(value) < _QUEUED and len(trial.recording.jobs) > len(value):
        return fault(trial, "lost_jobs", given=len(value), queued=_QUEUED)
    return None


def _consumers(trial: Trial) -> Finding | None:
    peak = trial.recording.in_flight.peak
    if peak > _CONSUMERS:
        return fault(trial, "not_awaited", consumers=_CONSUMERS)
    if peak < _CONSUMERS:
        return fault(trial, "too_few", consumers=_CONSUMERS)
    return None


def _sorted(value: Any) -> list[Any] | None:
    try:
        return sorted(value)
    except TypeError:
        return None
