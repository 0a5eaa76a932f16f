"""Every job handed to an executor: four stamps and an outcome.

The two standard executors are seen at ``submit``, from whatever thread and by
whatever way (``run_in_executor``, ``to_thread``, ``map``, or called directly);
any other executor where ``run_in_executor`` hands it a job. Nothing of a job is
kept: no argument, no result, no future.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextvars import Context
from time import perf_counter
from typing import Any

from ..spans import ExecutorKind, JobSpan, Outcome, Pool
from ..worker import get_ready
from . import stamps
from .journal import Journal, WorkerStamps
from .naming import Actor, current_actor, function_name
from .patching import STAMPS, Hub, Patch


class Marks:
    """What happened to one job's future, in ``perf_counter`` seconds."""

    __slots__ = ("abandoned", "delivered", "outcome", "started", "worker")

    def __init__(self) -> None:
        self.started: float | None = None
        self.delivered: float | None = None
        self.worker = ""
        self.outcome: Outcome = "pending"
        self.abandoned = False


class RawPool:
    """What is known of an executor; kept in place of the executor itself."""

    def __init__(self, executor: Any) -> None:
        self.identity = weakref.ref(executor)
        self.kind: ExecutorKind = _kind_of(executor)
        self.workers: int | None = getattr(executor, "_max_workers", None)
        self.start_method = ""
        if self.kind == "process":
            self.start_method = executor._mp_context.get_start_method() or ""


class Job:
    """One job as it is being followed."""

    __slots__ = ("actor", "journal", "marks", "name", "pool", "slot", "submitted", "waiter")

    def __init__(self, hub: Hub, executor: Any, fn: Any, args: tuple[Any, ...]) -> None:
        self.name = function_name(fn, args)
        self.actor: Actor = current_actor(asyncio._get_running_loop())
        self.pool = _pool_of(hub, executor)
        self.marks = Marks()
        self.journal: Journal | None = None
        self.slot = 0
        self.waiter: weakref.ref[asyncio.Future[Any]] | None = None
        self.submitted = perf_counter()

    def span(self, by: str, pool: str, noted: WorkerStamps, *, start: float, end: float) -> JobSpan:
        """Return the job as it stood at `end`, its times counted from `start`."""
        marks = self.marks
        delivered = marks.delivered
        outcome = marks.outcome
        if delivered is None or delivered > end:
            delivered, outcome = None, "pending"
        if self.pool.kind == "process":
            started, finished, worker = noted
        else:
            started, finished, worker = marks.started, delivered, marks.worker
        if outcome == "cancelled" or started is None or started > end:
            started, finished, worker = None, None, ""
        if finished is not None and finished > end:
            finished = None
        if outcome == "lost":
            finished = None
        waiter = self.waiter() if self.waiter is not None else None
        given_up = waiter is not None and waiter.cancelled() and outcome != "cancelled"
        return JobSpan(
            name=self.name,
            by=by,
            executor=self.pool.kind,
            pool=pool,
            worker=worker,
            submitted_s=self.submitted - start,
            started_s=None if started is None else started - start,
            finished_s=None if finished is None else finished - start,
            delivered_s=None if delivered is None else delivered - start,
            outcome=outcome,
            abandoned=marks.abandoned or given_up,
        )


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


def _kind_of(executor: Any) -> ExecutorKind:
    if isinstance(executor, ProcessPoolExecutor):
        return "process"
    # An interpreter pool (3.14) inherits the thread pool's methods, not its shared memory.
    if isinstance(executor, ThreadPoolExecutor) and "Interpreter" not in type(executor).__name__:
        return "thread"
    return "other"


def _pool_of(hub: Hub, executor: Any) -> RawPool:
    known = hub.pools.get(id(executor))
    if known is None or known.identity() is not executor:
        known = hub.pools[id(executor)] = RawPool(executor)
    return known


def _marks_of(hub: Hub, future: Future[Any]) -> Marks:
    """Return the marks of `future`, made now if it has none.

    A fast worker may be done before ``submit`` has returned the future, so
    whoever comes first makes them; ``dict.setdefault`` is atomic.
    """
    marks: Marks = vars(future).setdefault(STAMPS, Marks())
    hub.marked.add(future)
    return marks


def _follow(hub: Hub, job: Job, future: Future[Any]) -> None:
    job.marks = _marks_of(hub, future)
    hub.here.job = job


def _submit_to_processes(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        sessions = hub.sessions_here()
        if not sessions or fn is get_ready:
            return original(self, fn, *args, **kwargs)
        job = Job(hub, self, fn, args)
        try:
            job.journal = hub.journal.get()
        except OSError:  # nowhere to keep stamps: the job runs all the same
            future = original(self, fn, *args, **kwargs)
        else:
            job.slot = job.journal.new_slot()
            future = original(self, stamps.call, job.journal.path, job.slot, fn, *args, **kwargs)
        _follow(hub, job, future)
        for session in sessions:
            session.jobs.append(job)
        return future

    return submit


def _submit_to_threads(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        sessions = hub.sessions_here()
        if not sessions:
            return original(self, fn, *args, **kwargs)
        job = Job(hub, self, fn, args)
        future = original(self, fn, *args, **kwargs)
        _follow(hub, job, future)
        for session in sessions:
            session.jobs.append(job)
        return future

    return submit


def _run_in_thread(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        if hub.sessions:
            marks = _marks_of(hub, self.future)
            marks.worker = threading.current_thread().name
            marks.started = perf_counter()
        return original(self, *args, **kwargs)

    return run


def _future_done(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def _invoke_callbacks(self: Any) -> Any:
        if hub.sessions:
            now = perf_counter()
            marks = _marks_of(hub, self)
            if self.cancelled():
                marks.outcome = "cancelled"
            else:
                error = self.exception()
                lost = isinstance(error, BrokenExecutor)
                marks.outcome = "ok" if error is None else "lost" if lost else "error"
                error = None
            marks.delivered = now
        return original(self)

    return _invoke_callbacks


def _future_cancel(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def cancel(self: Any) -> Any:
        cancelled = original(self)
        if not cancelled and hub.sessions and not self.done():
            _marks_of(hub, self).abandoned = True
        return cancelled

    return cancel


def _run_in_executor(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def run_in_executor(self: Any, executor: Any, func: Any, *args: Any) -> Any:
        if not hub.sessions:
            return original(self, executor, func, *args)
        hub.here.job = None
        sessions = hub.sessions_here()
        job = None
        if sessions and executor is not None and _kind_of(executor) == "other":
            job = Job(hub, executor, func, args)
        future = original(self, executor, func, *args)
        seen, hub.here.job = hub.here.job, None
        if seen is not None:  # one of the standard two took it, maybe behind another's back
            seen.waiter = weakref.ref(future)
        elif job is not None:
            future.add_done_callback(_Delivery(job.marks), context=Context())
            for session in sessions:
                session.jobs.append(job)
        return future

    return run_in_executor


class _Delivery:
    """Marks the delivery of a job whose executor shows nothing but an awaitable."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks

    def __call__(self, future: asyncio.Future[Any]) -> None:
        marks = self.marks
        if future.cancelled():
            marks.outcome = "cancelled"
        else:
            # Not future.exception(): that would count as the student having seen it.
            error = getattr(future, "_exception", None)
            lost = isinstance(error, BrokenExecutor)
            marks.outcome = "ok" if error is None else "lost" if lost else "error"
        marks.delivered = perf_counter()


PATCHES = [
    Patch(ProcessPoolExecutor, "submit", _submit_to_processes),
    Patch(ThreadPoolExecutor, "submit", _submit_to_threads),
    Patch(concurrent.futures.thread._WorkItem, "run", _run_in_thread),
    Patch(Future, "_invoke_callbacks", _future_done),
    Patch(Future, "cancel", _future_cancel),
    Patch(asyncio.BaseEventLoop, "run_in_executor", _run_in_executor),
]
