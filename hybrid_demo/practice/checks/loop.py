"""Exercises about what holds the loop: hand it over, or give way in between.

Imports trials and findings.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from time import thread_time

from ... import cpu_intensive_analysis
from ..findings import Finding, differs, fault, own_pools, right, trouble, waited_on_the_loop, where
from ..stage import asked
from ..trial import Answer, Trial, attempt, lent_pool, size_of, together

_REQUESTS = 4
_CHUNKS = 12
_ALL = 0.6  # of the computing in one go is as good as all of it
_MORE_THAN_ONE = 2.5  # chunks; CPU time of equal chunks differs by less


async def free_the_loop(answer: Answer) -> Finding:
    """Find whether the handler's computing is done by worker processes."""
    size = size_of(0.1)
    async with lent_pool(2) as executor:
        calls = [(rid, size, executor) for rid in range(_REQUESTS)]
        trial = await attempt(lambda: together(answer, calls), lent=[executor])
    return (
        trouble(trial)
        or differs(trial, [(rid, cpu_intensive_analysis(size)) for rid in range(_REQUESTS)])
        or where(trial, _REQUESTS)
        or waited_on_the_loop(trial)
        or own_pools(trial)
        or right(trial)
    )


async def take_turns(answer: Answer) -> Finding:
    """Find whether the loop goes round between two chunks, so that nobody waits for three."""
    sizes = [size_of(0.02)] * _CHUNKS
    seen: list[float] = []

    async def work() -> object:
        with turns() as moments:
            try:
                return await asked(answer, sizes)
            finally:
                seen.extend([*moments, thread_time()])

    trial = await attempt(work)
    total = cpu_intensive_analysis(sizes[0]) * _CHUNKS
    return (
        trouble(trial)
        or differs(trial, total, same=_is_close(trial.value, total))
        or _elsewhere(trial)
        or _turns_taken(trial, seen)
        or right(trial)
    )


@contextmanager
def turns() -> Iterator[list[float]]:
    """Note this thread's CPU seconds at every turn of the loop."""
    loop = asyncio.get_running_loop()
    moments = [thread_time()]

    going = True

    def turn() -> None:
        moments.append(thread_time())
        if going:
            loop.call_soon(turn)

    loop.call_soon(turn)
    try:
        yield moments
    finally:
        going = False


def _turns_taken(trial: Trial, moments: list[float]) -> Finding | None:
    """Judge by CPU time between two turns: on a busy machine it does not stretch."""
    spent = [later - earlier for earlier, later in pairwise(moments)]
    in_one_go, total = max(spent), sum(spent)
    chunks = round(_CHUNKS * in_one_go / total)
    if in_one_go > _ALL * total:
        return fault(trial, "in_one_go", chunks=_CHUNKS)
    if in_one_go > _MORE_THAN_ONE / _CHUNKS * total:
        return fault(trial, "too_rarely", chunks=chunks)
    return None


def _elsewhere(trial: Trial) -> Finding | None:
    return fault(trial, "elsewhere") if trial.recording.jobs else None


def _is_close(value: object, total: float) -> bool:
    return isinstance(value, (int, float)) and math.isclose(value, total, rel_tol=1e-9)
