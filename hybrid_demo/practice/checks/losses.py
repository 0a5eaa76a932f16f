"""Exercises about what goes wrong under way: an answer that is late, a worker that dies.

Imports trials, findings and the jobs that crash.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from ... import cpu_intensive_analysis
from ...pools import WarmPool
from .. import jobs
from ..findings import Finding, differs, fault, right, trouble, waited_on_the_loop, where
from ..stage import asked
from ..trial import Answer, Trial, attempt, lent_pool, size_of

_SOON_S, _LATE_S = 0.02, 1.5  # CPU seconds of the two jobs
_AMPLE_S, _LIMIT_S = 60.0, 0.2
_MOST_POOLS = 4


async def deadline(answer: Answer) -> Finding:
    """Find whether an answer in time is returned, and for a late one nobody waits."""
    soon, late = size_of(_SOON_S), size_of(_LATE_S)
    async with lent_pool(2) as executor:

        async def work() -> tuple[object, object]:
            in_time = await asked(answer, soon, executor, _AMPLE_S)
            return in_time, await asked(answer, late, executor, _LIMIT_S)

        trial = await attempt(work, lent=[executor])
    return (
        _raised_at_the_limit(trial)
        or trouble(trial)
        or where(trial, 1)
        or _answers(trial, cpu_intensive_analysis(soon))
        or _held_until_the_limit(trial)
        or right(trial)
    )


def _raised_at_the_limit(trial: Trial) -> Finding | None:
    if not isinstance(trial.error, TimeoutError):
        return None
    return _held_until_the_limit(trial) or fault(trial, "raised_at_the_limit")


def _answers(trial: Trial, expected: float) -> Finding | None:
    in_time, late = trial.value
    if in_time is None:
        return fault(trial, "never_an_answer")
    if in_time != expected:
        return differs(trial, (expected, None))
    if late is not None:
        return fault(trial, "too_late", limit=_LIMIT_S)
    if len(trial.recording.jobs) > 1 and trial.recording.jobs[-1].finished_s is not None:
        return _held_until_the_limit(trial) or fault(trial, "waited_anyway", limit=_LIMIT_S)
    return None


def _held_until_the_limit(trial: Trial) -> Finding | None:
    """Return that the thread itself waited, as `result(timeout=...)` does."""
    longest = max((h.duration_s for h in trial.recording.holds), default=0.0)
    return fault(trial, "thread_waited", by_time=True) if longest >= 0.8 * _LIMIT_S else None


class Enough(BaseException):
    """Ends an answer that would make pools for ever."""


class Pools:
    """Makes pools of one worker, and counts what becomes of them.

    Attributes:
        made: pools made.
        asked: jobs handed to them, those that a broken pool refused included.
    """

    def __init__(self) -> None:
        self.made = self.asked = 0

    def __call__(self) -> WarmPool:
        """Return a new pool, not entered yet."""
        self.made += 1
        if self.made > _MOST_POOLS:
            raise Enough
        return _Counted(self)


class _Counted(WarmPool):
    """A pool whose jobs are counted."""

    def __init__(self, pools: Pools) -> None:
        super().__init__(1)
        self._pools = pools

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Count a job, and hand it to the pool."""
        self._pools.asked += 1
        return super().submit(fn, *args, **kwargs)


async def crash_and_retry(answer: Answer) -> Finding:
    """Find whether one new pool repairs a crash, and any other error reaches the caller."""
    judged = None
    for job, judge in _CASES:
        pools = Pools()
        with tempfile.TemporaryDirectory() as folder:
            trial = await _tried(answer, job, str(Path(folder) / "crashed before"), pools)
        judged = (_not_in_a_worker(trial) or judge(trial, pools)) or right(trial)
        if judged.fault:
            break
    assert judged is not None
    return judged


async def _tried(answer: Answer, job: Callable[[str], object], path: str, pools: Pools) -> Trial:
    return await attempt(lambda: asked(answer, job, path, pools))


def _not_in_a_worker(trial: Trial) -> Finding | None:
    ours = isinstance(trial.error, RuntimeError) and "ends the process" in str(trial.error)
    return fault(trial, "not_in_a_worker") if ours else None


def _after_no_crash(trial: Trial, pools: Pools) -> Finding | None:
    if found := trouble(trial) or differs(trial, "answered"):
        return found
    if not pools.made:
        return fault(trial, "no_pool")
    if held := waited_on_the_loop(trial):
        return held
    return fault(trial, "spare_pool", made=pools.made) if pools.made > 1 else None


def _after_one_crash(trial: Trial, pools: Pools) -> Finding | None:
    if isinstance(trial.error, BrokenProcessPool):
        same = pools.made == 1 and pools.asked > 1
        return fault(trial, "same_pool" if same else "no_retry")
    return trouble(trial) or differs(trial, "answered") or _too_many(trial, pools)


def _too_many(trial: Trial, pools: Pools) -> Finding | None:
    """Return that more pools were made than the one crash called for."""
    return fault(trial, "spare_pool", made=pools.made) if pools.made > 2 else None


def _after_two_crashes(trial: Trial, pools: Pools) -> Finding | None:
    if pools.made > 2 or isinstance(trial.error, Enough):
        return fault(trial, "again_and_again", made=pools.made)
    if trial.error is None and not trial.stuck and trial.ended:
        return fault(trial, "swallowed", value=repr(trial.value), kind="BrokenProcessPool")
    return None if isinstance(trial.error, BrokenProcessPool) else trouble(trial)


def _after_another_error(trial: Trial, pools: Pools) -> Finding | None:
    if trial.error is None and not trial.stuck and trial.ended:
        return fault(trial, "swallowed", value=repr(trial.value), kind="ValueError")
    if pools.made > 1:
        return fault(trial, "retries_everything", made=pools.made)
    return None if isinstance(trial.error, ValueError) else trouble(trial)


_Judge = Callable[[Trial, Pools], Finding | None]
_CASES: tuple[tuple[Callable[[str], Any], _Judge], ...] = (
    (jobs.work, _after_no_crash),
    (jobs.crash_once, _after_one_crash),
    (jobs.crash_always, _after_two_crashes),
    (jobs.refuse, _after_another_error),
)
