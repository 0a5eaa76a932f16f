"""Every job handed to an executor: four stamps and an outcome.

The two standard executors are seen at ``submit``, from whatever thread and by
whatever way (``run_in_executor``, ``to_thread``, ``map``, or called directly);
any other executor where ``run_in_executor`` hands it a job. Nothing of a job is
kept alive: no argument, no result, no future. And nothing that goes wrong here
may reach the watched code: a job that cannot be followed runs all the same.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.process
import concurrent.futures.thread
import contextlib
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextvars import Context
from time import perf_counter
from typing import Any

from ..spans import ExecutorKind
from ..worker import get_ready
from . import stamps
from .jobs import Job, Marks, RawPool
from .naming import current_actor, function_name
from .patching import Hub, Patch
from .session import Session

_MANAGER = getattr(concurrent.futures.process, "_ExecutorManagerThread", ())


def _kind_of(executor: Any) -> ExecutorKind:
    if isinstance(executor, ProcessPoolExecutor):
        return "process"
    # An interpreter pool (3.14) inherits the thread pool's methods, not its shared memory.
    if isinstance(executor, ThreadPoolExecutor) and "Interpreter" not in type(executor).__name__:
        return "thread"
    return "other"


def _raw_pool(executor: Any) -> RawPool:
    workers, start_method, kind = None, "", _kind_of(executor)
    with contextlib.suppress(Exception):
        workers = int(executor._max_workers)
    if kind == "process":
        with contextlib.suppress(Exception):
            start_method = str(executor._mp_context.get_start_method())
    return RawPool(kind, workers, start_method)


def _job(hub: Hub, executor: Any, fn: Any, args: tuple[Any, ...]) -> Job | None:
    """Return a job submitted now; None if its parts refuse to be looked at."""
    try:
        pool = hub.pools.get_or_make(executor, lambda: _raw_pool(executor))
        actor = current_actor(asyncio._get_running_loop())
        return Job(function_name(fn, args), actor, pool, perf_counter())
    except Exception:
        return None


def _follow(
    hub: Hub, job: Job | None, executor: Any, future: Any, sessions: tuple[Session, ...]
) -> None:
    """Note the job for the watches it belongs to, now that it is submitted."""
    if job is None:
        for session in sessions:
            session.unseen += 1
        return
    job.marks = hub.marks.get_or_make(future, Marks)
    job.future = weakref.ref(future)
    hub.here.seen = (id(executor), job)
    for session in sessions:
        session.jobs.append(job)


def _submit_to_processes(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        sessions = hub.sessions_here()
        if not sessions or fn is get_ready:
            return original(self, fn, *args, **kwargs)
        job = _job(hub, self, fn, args)
        journal = hub.journal.get_or_none() if job is not None else None
        if job is None or journal is None:  # nowhere to keep stamps
            future = original(self, fn, *args, **kwargs)
        else:
            job.slot = journal.new_slot()
            future = original(self, stamps.call, journal.path, job.slot, fn, *args, **kwargs)
        _follow(hub, job, self, future, sessions)
        return future

    return submit


def _submit_to_threads(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        sessions = hub.sessions_here()
        if not sessions:
            return original(self, fn, *args, **kwargs)
        job = _job(hub, self, fn, args)
        future = original(self, fn, *args, **kwargs)
        _follow(hub, job, self, future, sessions)
        return future

    return submit


def _run_in_thread(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        if hub.sessions:
            # A fast thread is here before submit has returned the future.
            marks = hub.marks.get_or_make(self.future, Marks)
            marks.worker = threading.current_thread().name or "thread"
            marks.started = perf_counter()
        try:
            return original(self, *args, **kwargs)
        finally:
            # As the original does: a failed job's traceback reaches this frame.
            del self, args, kwargs

    return run


def _future_done(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def _invoke_callbacks(self: Any) -> Any:
        if hub.sessions:
            now = perf_counter()
            marks = hub.marks.get_or_make(self, Marks)
            marks.settle(self)
            marks.delivered = now
        return original(self)

    return _invoke_callbacks


def _future_cancel(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def cancel(self: Any) -> Any:
        cancelled = original(self)
        # A pool that is told to drop its jobs asks this of all of them, awaited or not.
        by_pool = isinstance(threading.current_thread(), _MANAGER)
        if not cancelled and hub.sessions and not by_pool and not self.done():
            hub.marks.get_or_make(self, Marks).abandoned = True
        return cancelled

    return cancel


def _run_in_executor(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def run_in_executor(self: Any, executor: Any, func: Any, *args: Any) -> Any:
        sessions = hub.sessions_here()
        if not sessions:
            return original(self, executor, func, *args)
        hub.here.seen = None
        submitted = perf_counter()
        future = original(self, executor, func, *args)
        seen, hub.here.seen = hub.here.seen, None
        if seen is not None and (executor is None or seen[0] == id(executor)):
            seen[1].waiter = weakref.ref(future)
        elif executor is not None:  # its own submit shows us nothing
            bridged = _job(hub, executor, func, args)
            _follow(hub, bridged, executor, future, sessions)
            hub.here.seen = None
            if bridged is not None:
                bridged.submitted = submitted
                future.add_done_callback(_Delivery(bridged.marks), context=Context())
        return future

    return run_in_executor


class _Delivery:
    """Marks the delivery of a job whose executor shows nothing but an awaitable."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks

    def __call__(self, future: asyncio.Future[Any]) -> None:
        self.marks.settle(future)
        self.marks.delivered = perf_counter()


PATCHES = [
    Patch(ProcessPoolExecutor, "submit", _submit_to_processes),
    Patch(ThreadPoolExecutor, "submit", _submit_to_threads),
    Patch(concurrent.futures.thread._WorkItem, "run", _run_in_thread),
    Patch(Future, "_invoke_callbacks", _future_done),
    Patch(Future, "cancel", _future_cancel),
    Patch(asyncio.BaseEventLoop, "run_in_executor", _run_in_executor),
]
