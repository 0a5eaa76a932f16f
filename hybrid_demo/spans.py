"""The parts of a recording: jobs, holds, lag and step series, frozen.

Nothing of this package but how a value is said back, and nothing outside the
standard library, so that pictures and checks can be tested on records made by hand. All times are
seconds as float, counted from the moment the watch was opened.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from .given import as_number, shown

ExecutorKind = Literal["process", "thread", "other"]
Outcome = Literal["ok", "error", "cancelled", "lost", "pending"]
Cause = Literal["computing", "not running"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpan:
    """One job: a function handed to an executor, from submission to delivery.

    A stamp is None where the job never came to that, or where its executor
    does not tell.

    Attributes:
        name: the function's name, seen through ``functools.partial``,
            ``Context.run`` and the chunks of ``Executor.map``.
        by: the asyncio task or the thread that submitted it. An unnamed task is
            called by its coroutine and its order, ``"handle_request 0"``.
        executor: ``"process"``, ``"thread"`` or ``"other"``.
        pool: name of its pool, one of ``Recording.pools``.
        worker: the worker that ran it: process id or thread name; ``""`` if none did.
        submitted_s: when it was handed to the executor.
        started_s: when a worker began to run it.
        finished_s: when the function returned or raised in the worker.
        delivered_s: when its future was done in the submitting process.
        outcome: ``"ok"``, ``"error"``, ``"cancelled"``, ``"lost"`` (its pool
            broke) or ``"pending"`` (not delivered when the block was left).
        abandoned: nobody was waiting for it any more, yet it could not be cancelled.
    """

    name: str
    by: str
    executor: ExecutorKind
    pool: str
    worker: str = ""
    submitted_s: float
    started_s: float | None = None
    finished_s: float | None = None
    delivered_s: float | None = None
    outcome: Outcome = "ok"
    abandoned: bool = False

    @property
    def queued_s(self) -> float | None:
        """Seconds between submission and start; None if it never started."""
        return None if self.started_s is None else self.started_s - self.submitted_s

    @property
    def running_s(self) -> float | None:
        """Seconds in the worker; None if it did not start or did not finish."""
        if self.started_s is None or self.finished_s is None:
            return None
        return self.finished_s - self.started_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A stretch in which one callback held the event loop and nobody else could run.

    Attributes:
        name: the task whose step it was (or the plain callback's function).
        start_s: when it took the loop, not before the recording's start.
        stop_s: when it gave the loop back, not after the recording's end.
        cause: ``"computing"`` when the thread's CPU time was about the wall
            time, ``"not running"`` when the thread waited, or was starved of
            the GIL or of a CPU. (Windows cannot tell below 31 ms: ``"computing"``.)
    """

    name: str
    start_s: float
    stop_s: float
    cause: Cause

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.stop_s - self.start_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A request that somebody made by hand while the watch was open: a click, and its answer.

    Attributes:
        arrived_s: when the click stood at the door of this process.
        answered_s: when the loop answered it; shortly after the recording's end
            if the loop was held until then.
    """

    arrived_s: float
    answered_s: float

    @property
    def waited_s(self) -> float:
        """Seconds from the arrival to the answer."""
        return self.answered_s - self.arrived_s


class LagSample(NamedTuple):
    """One deadline of the heartbeat's absolute grid, and how late the loop served it."""

    deadline_s: float
    late_s: float


@dataclass(frozen=True, slots=True)
class Lag:
    """What a newly arrived client would have waited for the event loop.

    One sample for every deadline of an absolute grid, also for those missed
    while the loop was held, so that long blocks count for all who would have
    come meanwhile (no coordinated omission: Gil Tene, "How NOT to Measure
    Latency", 2013). Percentiles are nearest-rank; 0.0 if there is no sample.
    """

    samples: tuple[LagSample, ...] = ()

    def percentile(self, percent: float) -> float:
        """Return the lateness in seconds that `percent` % of the arrivals did not exceed.

        Raises:
            TypeError: `percent` is no number.
            ValueError: it is not within 0 to 100.
        """
        number = as_number(percent)
        if number is None:
            raise TypeError(f"percent is {shown(percent)}; expected a number from 0 to 100")
        if not 0 <= number <= 100:
            raise ValueError(f"percent is {shown(percent)}; expected a number from 0 to 100")
        if not self.samples:
            return 0.0
        ranked = sorted(sample.late_s for sample in self.samples)
        return ranked[max(0, math.ceil(number / 100 * len(ranked)) - 1)]

    @property
    def p50_s(self) -> float:
        """Median lateness in seconds."""
        return self.percentile(50)

    @property
    def p99_s(self) -> float:
        """99th percentile of the lateness in seconds."""
        return self.percentile(99)

    @property
    def max_s(self) -> float:
        """Worst lateness in seconds."""
        return max((sample.late_s for sample in self.samples), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSeries:
    """A count that changes in steps: a queue's depth, or the jobs in flight.

    Attributes:
        name: what is counted.
        times_s: when it changed, ascending, the first 0.0; shape (n,).
        depths: the count from that moment on; shape (n,).
        maxsize: the queue's bound; 0 for none, as in ``asyncio.Queue``.
    """

    name: str
    times_s: tuple[float, ...]
    depths: tuple[int, ...]
    maxsize: int = 0

    @property
    def peak(self) -> int:
        """The deepest it ever was."""
        return max(self.depths, default=0)

    def at(self, time_s: float) -> int:
        """Return the count at `time_s` seconds from the start."""
        index = bisect.bisect_right(self.times_s, time_s) - 1
        return self.depths[index] if index >= 0 else 0

    def mean(self, until_s: float) -> float:
        """Return the count's average over the time from 0 to `until_s` seconds."""
        if until_s <= 0:
            return float(self.at(0.0))
        edges = (*self.times_s, until_s)
        area = sum(
            depth * max(0.0, min(stop, until_s) - min(start, until_s))
            for depth, (start, stop) in zip(self.depths, itertools.pairwise(edges), strict=True)
        )
        return area / until_s


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight(StepSeries):
    """Jobs submitted and not yet delivered: over all pools, and for each by its name."""

    by_pool: Mapping[str, StepSeries] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """An executor that was given a job.

    Attributes:
        name: as in ``JobSpan.pool``, by order of first use: ``"process pool 1"``.
        kind: ``"process"``, ``"thread"`` or ``"other"``.
        workers: the most it runs at once; None if it does not tell.
        start_method: how its processes start; ``""`` where that means nothing.
    """

    name: str
    kind: ExecutorKind
    workers: int | None = None
    start_method: str = ""


def steps_of(changes: Iterable[tuple[float, int]]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return (times_s, depths) of a count that starts at 0 and changes by the given steps.

    Args:
        changes: (time_s, change) in any order; changes at one moment count together.
    """
    times: list[float] = [0.0]
    depths: list[int] = [0]
    for time_s, change in sorted(changes):
        if time_s <= times[-1]:
            depths[-1] += change
        else:
            times.append(time_s)
            depths.append(depths[-1] + change)
    return tuple(times), tuple(depths)


def in_flight_of(jobs: Sequence[JobSpan], pools: Sequence[Pool]) -> InFlight:
    """Return the jobs in flight over time: from submission to delivery, or to the end."""

    def series(chosen: Iterable[JobSpan]) -> dict[str, Any]:
        changes: list[tuple[float, int]] = []
        for job in chosen:
            changes.append((job.submitted_s, +1))
            if job.delivered_s is not None:
                changes.append((max(job.delivered_s, job.submitted_s), -1))
        times, depths = steps_of(changes)
        return {"times_s": times, "depths": depths}

    by_pool = {
        pool.name: StepSeries(
            name=f"in flight in {pool.name}", **series(j for j in jobs if j.pool == pool.name)
        )
        for pool in pools
    }
    return InFlight(name="jobs in flight", by_pool=by_pool, **series(jobs))
