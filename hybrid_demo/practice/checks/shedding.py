"""An exercise about a service at its limit: who is let in, and when a place is free again.

Imports trials, findings and a job that says when a worker is free.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ... import cpu_intensive_analysis
from ...pools import WarmPool
from .. import jobs
from ..findings import Finding, differs, fault, right, trouble, waited_on_the_loop, where
from ..stage import asked
from ..trial import Answer, Trial, attempt, lent_pool, size_of, together

_PLACES, _CROWD = 4, 10
_SHORT_S, _LATE_S = 0.03, 0.4  # CPU seconds of a job
_AMPLE_S, _LIMIT_S = 60.0, 0.1
_TURNS = 5  # of the loop, in which a place that is given back is free


@dataclass(frozen=True)
class Told:
    """What the requests were told: a crowd at once, and three one after another.

    Attributes:
        crowd: the answers to the crowd, in the order in which they came.
        late: to a request whose job takes longer than its deadline.
        beside: to one that comes while that job is still running.
        after: to one that comes when it has ended.
    """

    crowd: Sequence[object]
    late: object
    beside: object
    after: object


async def shed_at_once(answer: Answer) -> Finding:
    """Find whether a full house refuses at once, and a place is free when its job has ended."""
    async with lent_pool(1) as executor:
        trial = await attempt(lambda: _ask(answer, executor), lent=[executor])
    return (
        _raised_at_the_limit(trial)
        or trouble(trial)
        or waited_on_the_loop(trial)
        or _crowd(trial, trial.value)
        or _deadline(trial, trial.value)
        or differs(trial, _expected())
        or right(trial, refused=_CROWD - _PLACES)
    )


async def _ask(answer: Answer, executor: WarmPool) -> Told:
    short, late, crowd = size_of(_SHORT_S), size_of(_LATE_S), list[object]()

    async def come(places: asyncio.Semaphore) -> None:
        crowd.append(await asked(answer, short, executor, places, _AMPLE_S))

    places = asyncio.Semaphore(_PLACES)
    await together(come, [(places,)] * _CROWD)
    place = asyncio.Semaphore(1)
    told = [await asked(answer, late, executor, place, _LIMIT_S)]
    told.append(await asked(answer, short, executor, place, _AMPLE_S))
    await asyncio.wrap_future(executor.submit(jobs.work, ""))  # the only worker is free again
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    told.append(await asked(answer, short, executor, place, _AMPLE_S))
    return Told(crowd, *told)


def _crowd(trial: Trial, told: Told) -> Finding | None:
    """Return what is wrong with how the crowd was let in."""
    refused = [_status(each) for each in told.crowd].count(503)
    if trial.recording.in_flight.peak > _PLACES:
        return fault(trial, "let_everybody_in", bound=_PLACES)
    if refused == _CROWD:
        return fault(trial, "let_nobody_in", bound=_PLACES)
    if elsewhere := where(trial, _PLACES + 1):
        return elsewhere
    return None if refused else fault(trial, "waited_in_line", bound=_PLACES)


def _deadline(trial: Trial, told: Told) -> Finding | None:
    """Return what is wrong with a request that is late, or with what becomes of its place."""
    if _status(told.late) == 200:
        return fault(trial, "too_late", limit=_LIMIT_S)
    if _status(told.beside) == 200:
        return fault(trial, "waited_anyway" if _had_ended(trial) else "freed_too_early")
    if _status(told.after) == 503:
        return fault(trial, "never_freed")
    return None


def _had_ended(trial: Trial) -> bool:
    """Whether the late job had ended before the next request's was handed over."""
    ours = [job for job in trial.recording.jobs if job.name == "cpu_intensive_analysis"]
    late, beside = ours[_PLACES : _PLACES + 2]
    return late.finished_s is not None and late.finished_s <= beside.submitted_s


def _raised_at_the_limit(trial: Trial) -> Finding | None:
    late = isinstance(trial.error, TimeoutError)
    return fault(trial, "raised_at_the_limit", limit=_LIMIT_S) if late else None


def _expected() -> Told:
    good = (200, cpu_intensive_analysis(size_of(_SHORT_S)))
    refused = (503, None)
    crowd = [refused] * (_CROWD - _PLACES) + [good] * _PLACES
    return Told(crowd, (504, None), refused, good)


def _status(answer: object) -> object:
    return answer[0] if isinstance(answer, tuple) and answer else answer
