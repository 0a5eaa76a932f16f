"""What is noted of one job while it is followed, and the span made of it in the end."""

from __future__ import annotations

import asyncio
import weakref
from concurrent.futures import BrokenExecutor
from concurrent.futures.process import BrokenProcessPool
from concurrent.futures.thread import BrokenThreadPool
from typing import Any, NamedTuple

from ..spans import ExecutorKind, JobSpan, Outcome, Pool
from .journal import WorkerStamps
from .naming import Actor

# A job may also raise the error of somebody else's broken pool; then it is no loss.
_BROKEN: dict[ExecutorKind, type[BrokenExecutor]] = {
    "process": BrokenProcessPool,
    "thread": BrokenThreadPool,
    "other": BrokenExecutor,
}


class Marks:
    """What happened to one job's future, in ``perf_counter`` seconds."""

    __slots__ = ("abandoned", "broken", "delivered", "outcome", "started", "worker")

    def __init__(self) -> None:
        self.started: float | None = None
        self.delivered: float | None = None
        self.worker = ""
        self.outcome: Outcome = "pending"
        self.broken: type[BrokenExecutor] | None = None
        self.abandoned = False

    def settle(self, future: Any) -> None:
        """Note how `future`, of asyncio or concurrent.futures, has ended."""
        if future.cancelled():
            self.outcome = "cancelled"
            return
        # Not exception(): asyncio would count the student as having seen it.
        error = getattr(future, "_exception", None)
        self.outcome = "ok" if error is None else "error"
        self.broken = type(error) if isinstance(error, BrokenExecutor) else None


class RawPool:
    """What is known of an executor; kept in place of the executor itself."""

    def __init__(self, kind: ExecutorKind, workers: int | None, start_method: str) -> None:
        self.kind: ExecutorKind = kind
        self.workers = workers
        self.start_method = start_method


class Stamps(NamedTuple):
    """The last three stamps of a job, as ``perf_counter`` seconds, and who ran it."""

    started: float | None
    finished: float | None
    delivered: float | None
    worker: str


class Job:
    """One job as it is being followed."""

    __slots__ = (
        "actor",
        "future",
        "marks",
        "name",
        "only_bridged",
        "pool",
        "slot",
        "submitted",
        "waiter",
    )

    def __init__(self, name: str, actor: Actor, pool: RawPool, submitted: float) -> None:
        self.name = name
        self.actor = actor
        self.pool = pool
        self.submitted = submitted
        self.marks = Marks()
        self.slot: int | None = None  # of the journal, for a worker process's stamps
        self.future: weakref.ref[Any] | None = None
        self.waiter: weakref.ref[asyncio.Future[Any]] | None = None

    def span(self, by: str, pool: str, noted: WorkerStamps, *, start: float, end: float) -> JobSpan:
        """Return the job as it stood at `end`, its times counted from `start`."""
        outcome = self._outcome(end)
        times = self._stamps(noted, outcome, end)

        def since(moment: float | None) -> float | None:
            return None if moment is None else moment - start

        return JobSpan(
            name=self.name,
            by=by,
            executor=self.pool.kind,
            pool=pool,
            worker=times.worker,
            submitted_s=self.submitted - start,
            started_s=since(times.started),
            finished_s=since(times.finished),
            delivered_s=since(times.delivered),
            outcome=outcome,
            abandoned=outcome != "cancelled" and (self.marks.abandoned or self._given_up()),
        )

    def _outcome(self, end: float) -> Outcome:
        marks, future = self.marks, self.future() if self.future is not None else None
        if marks.delivered is None and future is not None and future.done():
            # Who waits for a future may run on a moment before its callbacks do.
            marks.settle(future)
            marks.delivered = end
        if marks.delivered is None or marks.delivered > end:
            return "pending"
        if marks.broken is not None and issubclass(marks.broken, _BROKEN[self.pool.kind]):
            return "lost"
        return marks.outcome

    def _stamps(self, noted: WorkerStamps, outcome: Outcome, end: float) -> Stamps:
        delivered = None if outcome == "pending" else self.marks.delivered
        if self.slot is not None:
            started, finished, worker = noted
        else:
            # A thread's future is done as soon as its function has returned.
            started, worker = self.marks.started, self.marks.worker
            finished = delivered if started is not None else None
        if outcome == "cancelled" or started is None or started > end:
            return Stamps(None, None, delivered, "")
        if outcome == "lost" or (finished is not None and finished > end):
            finished = None
        return Stamps(started, finished, delivered, worker)

    def _given_up(self) -> bool:
        """Whether the coroutine's future is cancelled; the executor hears of it a turn later."""
        waiter = self.waiter() if self.waiter is not None else None
        return waiter is not None and waiter.cancelled()


def pool_records(jobs: list[Job]) -> dict[RawPool, Pool]:
    """Return the pools of `jobs` by order of first use, named by kind and order."""
    pools: dict[RawPool, Pool] = {}
    for job in jobs:
        raw = job.pool
        if raw not in pools:
            order = sum(pool.kind == raw.kind for pool in pools.values()) + 1
            pools[raw] = Pool(
                name=f"{raw.kind} pool {order}",
                kind=raw.kind,
                workers=raw.workers,
                start_method=raw.start_method,
            )
    return pools
