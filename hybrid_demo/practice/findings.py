"""What is to be said of a trial: faults that every answer may have, and questions to a recording.

A check asks one after another, ``a or b or c``, and the first fault found is
what the student hears. Nothing here compares milliseconds: it asks what
happened, in which order, how often, and where. Imports the trial only.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterable, Mapping
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass, field, replace
from typing import Any

from ..recording import Recording, counted, in_words
from ..spans import Hold, JobSpan
from ..teaching.mistakes import named
from .stage import NotAwaitable
from .trial import HOLD_S, Trial

_LONGEST = 120  # characters of a value


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A fault, or that there is none.

    Attributes:
        fault: its key in the data file; ``""`` where there is none.
        trial: the run it was found in, if there was one.
        figures: what was measured, for the words.
        sure: whether it can be told on a machine as busy as this one was.
    """

    fault: str
    trial: Trial | None = None
    figures: Mapping[str, Any] = field(default_factory=dict)
    sure: bool = True


def fault(trial: Trial, key: str, *, by_time: bool = False, **figures: Any) -> Finding:
    """Return a fault of a trial, with the figures that every sentence may use.

    Args:
        trial: the run.
        key: the fault's name.
        by_time: whether a machine that others keep busy could have made it look so.
        figures: more of them.
    """
    longest = max(trial.recording.holds, key=lambda hold: hold.duration_s, default=None)
    common = {
        "held": in_words(longest.duration_s if longest else HOLD_S),
        "held_in_all": in_words(trial.recording.held_s),
        "wait": in_words(trial.recording.lag.max_s),
        "took": in_words(trial.recording.duration_s),
        "peak": trial.recording.in_flight.peak,
        "jobs": counted(len(trial.recording.jobs), "job"),
        "pools": sum(pool.kind == "process" for pool in trial.recording.pools),
    }
    return Finding(
        fault=key, trial=trial, figures={**common, **figures}, sure=not (by_time and trial.busy)
    )


def right(trial: Trial, **figures: Any) -> Finding:
    """Return that an answer is right, unless it left something behind."""
    return leftovers(trial) or replace(fault(trial, "", **figures), fault="")


def trouble(trial: Trial) -> Finding | None:
    """Return what kept the answer from ending, or from ending well."""
    if trial.stuck:
        return fault(trial, "stuck", line=_last(trial) or "a line of yours")
    if not trial.ended and trial.never_awaited:
        return _unawaited(trial, trial.never_awaited)
    if not trial.ended:
        lines = " and ".join(f"`{line}`" for line in dict.fromkeys(trial.waiting))
        return fault(trial, "never_ended", lines=lines or "an await")
    if trial.error is not None:
        return _raised(trial)
    coroutines, promises = _awaitables_in(trial.value)
    unawaited = [*trial.never_awaited, *coroutines]
    if unawaited:
        return _unawaited(trial, unawaited)
    return fault(trial, "promises", names=promises[0]) if promises else None


def _raised(trial: Trial) -> Finding:
    error = trial.error
    if isinstance(error, NotImplementedError):
        return fault(trial, "not_attempted")
    if isinstance(error, NotAwaitable):
        return fault(trial, "plain_function", returned=short(error.returned))
    at = f", in the line `{_last(trial)}`" if _last(trial) else ""
    if isinstance(error, BrokenExecutor):
        return fault(trial, "broken_pool", at=at, error=named(error))
    if isinstance(error, RuntimeError) and "loop" in str(error) and "no running" not in str(error):
        return fault(trial, "second_loop", error=named(error), at=at)
    if trial.never_awaited:
        return _unawaited(trial, trial.never_awaited)
    return fault(trial, "raised", error=named(error) if error else "an error", at=at)


def _unawaited(trial: Trial, names: Iterable[str]) -> Finding:
    return fault(trial, "unawaited", names=", ".join(dict.fromkeys(names)))


def leftovers(trial: Trial) -> Finding | None:
    """Return what an answer that is right so far has left behind."""
    if trial.left_tasks:
        lines = " and ".join(f"`{line}`" for line in dict.fromkeys(trial.waiting))
        tasks = counted(trial.left_tasks, "task")
        return fault(trial, "left_tasks", tasks=tasks, lines=lines or "an await")
    if trial.left_pools:
        return fault(trial, "left_pools", left=counted(trial.left_pools, "pool"))
    if trial.left_processes:
        left = f"{trial.left_processes} process" + ("es" if trial.left_processes > 1 else "")
        return fault(trial, "left_processes", left=left)
    if trial.complaints:
        return fault(trial, "unseen_error", error=trial.complaints[0])
    return None


def differs(trial: Trial, expected: Any, *, same: bool | None = None) -> Finding | None:
    """Return that the value is not the one expected; `same`, where ``==`` does not tell."""
    if _equal(trial.value, expected) if same is None else same:
        return None
    if trial.left_tasks:
        tasks = counted(trial.left_tasks, "task")
        return fault(trial, "returned_early", value=short(trial.value), tasks=tasks)
    return fault(trial, "wrong_answer", value=short(trial.value), expected=short(expected))


def _equal(value: object, expected: object) -> bool:
    try:
        return bool(value == expected)
    except Exception:  # arrays, say, have no one answer
        return False


def where(trial: Trial, expected: int) -> Finding | None:
    """Return that the computing was not done in worker processes, job by job."""
    crossed = [job for job in trial.recording.jobs if job.executor == "process"]
    if len(crossed) >= expected:
        return None
    if any(job.executor == "thread" for job in trial.recording.jobs):
        return fault(trial, "in_threads")
    return fault(trial, "on_the_loop")


def waited_on_the_loop(trial: Trial, jobs: Iterable[JobSpan] | None = None) -> Finding | None:
    """Return that the loop stood still while jobs ran, and until they were done."""
    ran = [job for job in jobs or trial.recording.jobs if job.finished_s is not None]
    over = [job for job in ran if covering(trial.recording, job) is not None]
    if not ran or len(over) < max(1, len(ran) // 2):
        return None
    hold = covering(trial.recording, over[0])
    spinning = hold is not None and hold.cause == "computing"
    key = "asked_all_the_time" if spinning else "waited_on_the_loop"
    return fault(trial, key, by_time=True, over=counted(len(over), "job"))


def own_pools(trial: Trial) -> Finding | None:
    """Return that the answer made process pools of its own, beside the one it was given."""
    pools = [pool for pool in trial.recording.pools if pool.kind == "process"]
    return fault(trial, "own_pools") if len(pools) > 1 else None


def covering(recording: Recording, job: JobSpan) -> Hold | None:
    """Return the hold in which a job was done, if the loop was held for most of the job's run.

    By this hold or by those before it, one after another. A step that hands a job over and
    awaits it ends long before that, however late it is served.
    """
    started, finished = job.started_s, job.finished_s
    if started is None or finished is None:
        return None
    held_s = sum(
        max(0.0, min(hold.stop_s, finished) - max(hold.start_s, started))
        for hold in recording.holds
    )
    if held_s < (finished - started) / 2:
        return None
    return next((h for h in recording.holds if h.start_s <= finished <= h.stop_s), None)


def one_by_one(trial: Trial) -> Finding | None:
    """Return that no two jobs were ever in flight together."""
    several = len(trial.recording.jobs) > 1
    return fault(trial, "one_by_one") if several and trial.recording.in_flight.peak <= 1 else None


def short(value: object) -> str:
    """Return a value as it is written, short enough for a sentence."""
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _awaitables_in(value: object, depth: int = 2) -> tuple[list[str], list[str]]:
    """Return the names of coroutines and of futures in a value; the coroutines are closed."""
    if inspect.iscoroutine(value):
        value.close()
        return [value.__name__], []
    if isinstance(value, (asyncio.Future, Future)):
        return [], [type(value).__name__]
    coroutines: list[str] = []
    promises: list[str] = []
    for each in value if depth and isinstance(value, (list, tuple, set)) else ():
        more = _awaitables_in(each, depth - 1)
        coroutines += more[0]
        promises += more[1]
    return coroutines, promises


def _last(trial: Trial) -> str:
    return trial.lines[-1].text if trial.lines else ""
