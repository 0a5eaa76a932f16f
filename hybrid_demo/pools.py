"""The executor lifecycle: a process pool that is warm when it is entered, and gone when left.

Workers never import it: what runs in them is in ``worker``. Starting and closing
are errands, so that an event loop keeps running meanwhile and an Interrupt
never lands in the middle of the executor's bookkeeping.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from .crossing import check_crossing, main_script
from .errands import Errand
from .machine import MOST_WORKERS, start_method
from .worker import begin, get_ready
from .workloads import whole_number

P = ParamSpec("P")
T = TypeVar("T")

_LEAST_POLITE, _MOST_POLITE = 0, 19
_POLL_S = 0.05
_UNGUARDED = (
    "each worker imports the main script, and that opens a pool while it is being imported. "
    'Put what the script does under `if __name__ == "__main__":`.'
)


def open_pool(workers: int, *, nice: int = 0) -> WarmPool:
    """Create the executor once, share it across all handlers, close it at shutdown.

    A real ``ProcessPoolExecutor`` whose workers are all up when ``with`` or
    ``async with`` is entered; ``async with`` neither starts nor closes it on
    the event loop's time. Leaving waits for the jobs; leaving on an exception
    drops those that no worker has begun. An Interrupt, or a cancel, while it
    closes goes one step further: it drops the waiting jobs, then ends the workers.

    Workers start by forkserver on Linux, by spawn elsewhere. They ignore the
    Interrupt button, and end when this process does, however it ends.

    Args:
        workers: number of worker processes, 1 to 1024; on Windows at most 61.
        nice: how far to lower the workers' priority, 0 to 19, so that the event
            loop goes first where they share CPUs; without effect on Windows.

    Raises:
        TypeError: `workers` or `nice` is not a whole number.
        ValueError: it is out of range.
    """
    advice = "give the number of worker processes, for example open_pool(effective_cpus())"
    count = whole_number(workers, "workers", 1, MOST_WORKERS, advice)
    advice = "give 0 for equal priority, 10 to let the event loop go first"
    return WarmPool(count, whole_number(nice, "nice", _LEAST_POLITE, _MOST_POLITE, advice))


class WarmPool(ProcessPoolExecutor):
    """What ``open_pool`` returns: a ``ProcessPoolExecutor`` with an explicit beginning and end."""

    def __init__(self, workers: int, nice: int = 0) -> None:
        context = multiprocessing.get_context(start_method())
        self._arrived, self._go = context.Semaphore(0), context.Semaphore(0)
        self._state = "not started"
        self._workers = workers
        super().__init__(
            workers,
            mp_context=context,
            initializer=begin,
            initargs=(self._arrived, self._go, nice),
        )

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Hand a job to the pool, unless it cannot cross to a worker: then say so here.

        Raises:
            TypeError: `fn` is no function, or a coroutine (function).
            ValueError: a worker could not find `fn` by its name.
        """
        check_crossing(fn, args, kwargs)
        return super().submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Close the pool, as any executor."""
        self._state = "closed"
        super().shutdown(wait, cancel_futures=cancel_futures)

    def __repr__(self) -> str:
        workers = "1 worker" if self._workers == 1 else f"{self._workers} workers"
        return f"<process pool of {workers}, started by {start_method()}: {self._state}>"

    def __enter__(self) -> WarmPool:
        try:
            Errand(self._warm).wait()
        except BaseException:
            Errand(self._abort).wait()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        Errand(self._close, urgency=int(kind is not None)).wait()

    async def __aenter__(self) -> WarmPool:
        try:
            await Errand(self._warm).awaited()
        except BaseException:
            await Errand(self._abort).awaited()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await Errand(self._close, urgency=int(kind is not None)).awaited()

    def _warm(self, errand: Errand) -> None:
        """Start all workers: one starts for each job that finds none idle, hence the gate."""
        if self._state == "warm":
            return
        if self._state == "closed":
            raise RuntimeError(
                f"{self!r} was entered again; expected a new pool, since a closed one "
                "cannot start again: call open_pool(...) in the `with` line itself"
            )
        if getattr(multiprocessing.current_process(), "_inheriting", False):
            raise RuntimeError(
                f"a worker was about to open a pool of its own, because {_UNGUARDED}"
            )
        # One job more than workers: the executor watches a new worker only from the next
        # submission on, and would not notice the death of the last.
        count = self._workers + 1
        try:
            try:
                jobs = [ProcessPoolExecutor.submit(self, get_ready) for _ in range(count)]
                up = 0
                while up < self._workers and not errand.urgency:
                    if self._arrived.acquire(timeout=_POLL_S):
                        up += 1
                    elif any(job.done() for job in jobs):
                        break  # nobody passed the gate yet: a worker has died
            finally:
                for _ in range(count):
                    self._go.release()
            if not errand.urgency:
                for job in as_completed(jobs):
                    job.result()
                self._state = "warm"
        except BrokenProcessPool as error:
            raise self._not_started() from error.__cause__

    def _not_started(self) -> BrokenProcessPool:
        """Return the error for workers that died before they were ready."""
        main = sys.modules.get("__main__")
        if main_script():
            likely = f"Most often it is that {_UNGUARDED}"
        elif getattr(main, "__file__", None) and not getattr(main, "__spec__", None):
            likely = "This program has no file that a worker could import: save it to one first."
        else:
            likely = "Is there memory left? Restart the kernel, and try again."
        return BrokenProcessPool(
            f"a worker of this pool of {self._workers} died while it started. {likely} What the "
            "worker itself said went to the terminal in which this program, or Jupyter, runs."
        )

    def _close(self, errand: Errand) -> None:
        """Wait until all jobs are done and all workers gone; sooner by the errand's urgency."""
        manager: Any = self._executor_manager_thread  # type stubs mistake it for another
        workers = self._processes or {}  # the executor itself forgets them at once
        urgency = errand.urgency
        self.shutdown(wait=False, cancel_futures=urgency > 0)
        while manager is not None and manager.is_alive():
            if errand.urgency > urgency:
                urgency = errand.urgency
                self.shutdown(wait=False, cancel_futures=True)
                if urgency > 1:
                    _kill(workers)
            manager.join(_POLL_S)
        for worker in workers.values() if urgency > 1 else ():
            worker.join()  # the manager of 3.11 may have died over a cancelled job

    def _abort(self, errand: Errand) -> None:
        """End a pool that was never entered: no job of anybody's is in it."""
        _kill(self._processes or {})
        errand.urgency = 2
        self._close(errand)


def _kill(workers: Mapping[int, BaseProcess]) -> None:
    for worker in list(workers.values()):
        with contextlib.suppress(OSError, ValueError):  # it is gone already
            worker.kill()
