"""The executor lifecycle: a process pool that is warm when it is entered, and gone when left.

It imports nothing heavy. Starting and closing happen on a thread of the pool's
own, so that an event loop keeps running meanwhile and an Interrupt never
lands in the middle of the executor's bookkeeping.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from operator import index
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from .crossing import check_crossing
from .machine import start_method
from .worker import begin, get_ready

P = ParamSpec("P")
T = TypeVar("T")

_MOST_WORKERS = 61  # as many as Windows can wait for; ProcessPoolExecutor's own limit there
_LEAST_POLITE, _MOST_POLITE = 0, 19
_POLL_S = 0.05


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
        workers: number of worker processes, 1 to 61.
        nice: how far to lower the workers' priority, 0 to 19, so that the event
            loop goes first where they share CPUs; without effect on Windows.

    Raises:
        TypeError: `workers` or `nice` is not a whole number.
        ValueError: it is out of range.
    """
    advice = "give the number of worker processes, for example open_pool(effective_cpus())"
    count = _checked(workers, "workers", 1, _MOST_WORKERS, advice)
    advice = "give 0 for equal priority, 10 to let the event loop go first"
    return WarmPool(count, _checked(nice, "nice", _LEAST_POLITE, _MOST_POLITE, advice))


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
            _Errand(self._warm).wait()
        except BaseException:
            _Errand(self._abort).wait()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _Errand(self._close, urgency=int(kind is not None)).wait()

    async def __aenter__(self) -> WarmPool:
        try:
            await _Errand(self._warm).awaited()
        except BaseException:
            await _Errand(self._abort).awaited()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await _Errand(self._close, urgency=int(kind is not None)).awaited()

    def _warm(self, errand: _Errand) -> None:
        """Start all workers. One starts for each job that finds none idle, hence the gate."""
        if self._state == "warm":
            return
        if self._state == "closed":
            raise RuntimeError(
                f"{self!r} was entered again; expected a new pool, since a closed one "
                "cannot start again: call open_pool(...) in the `with` line itself"
            )
        if getattr(multiprocessing.current_process(), "_inheriting", False):
            raise RuntimeError(_UNGUARDED.format(script=_script()))
        jobs: list[Future[None]] = []
        try:
            for _ in range(self._workers):
                jobs.append(ProcessPoolExecutor.submit(self, get_ready))
            up = 0
            while up < self._workers and not errand.urgency:
                if self._arrived.acquire(timeout=_POLL_S):
                    up += 1
                elif any(job.done() for job in jobs):
                    break  # nobody passed the gate yet: a worker has died
            for _ in jobs:
                self._go.release()
            if not errand.urgency:
                for job in jobs:
                    job.result()
                self._state = "warm"
        except BrokenProcessPool as error:
            cause = _UNGUARDED.format(script=_script()) if _script() else _DIED
            raise BrokenProcessPool(
                f"the {self._workers} workers of this pool did not start: {cause} "
                "(What the worker itself said went to its standard error: "
                "the terminal that runs this program or Jupyter.)"
            ) from error

    def _close(self, errand: _Errand) -> None:
        """Wait until all jobs are done and all workers gone; sooner by the errand's urgency."""
        manager: Any = self._executor_manager_thread  # type stubs mistake it for another
        workers = list((self._processes or {}).values())
        urgency = errand.urgency
        self.shutdown(wait=False, cancel_futures=urgency > 0)
        while manager is not None and manager.is_alive():
            if errand.urgency > urgency:
                urgency = errand.urgency
                self.shutdown(wait=False, cancel_futures=True)
                for worker in workers if urgency > 1 else ():
                    with contextlib.suppress(OSError, ValueError):  # it is gone already
                        worker.kill()
            manager.join(_POLL_S)

    def _abort(self, errand: _Errand) -> None:
        """End a pool that was never entered: no job of anybody's is in it."""
        errand.urgency = 2
        for worker in list((self._processes or {}).values()):
            with contextlib.suppress(OSError, ValueError):
                worker.kill()
        self._close(errand)


class _Errand(threading.Thread):
    """Work on a thread of its own, waited for or awaited to its end, come what may.

    Attributes:
        urgency: how often the waiting was interrupted, which the work may look at.
    """

    def __init__(self, work: Callable[[_Errand], None], *, urgency: int = 0) -> None:
        super().__init__(name=f"open_pool {work.__name__.strip('_')}")
        self.urgency = urgency
        self._work = work
        self._outcome: Future[None] = Future()
        self._outcome.set_running_or_notify_cancel()

    def run(self) -> None:
        try:
            self._work(self)
        except BaseException as error:
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(None)

    def wait(self) -> None:
        """Do it, and wait here for its end; an Interrupt makes it urgent and is raised then."""
        interrupt: KeyboardInterrupt | None = None
        self.start()
        while not self._outcome.done():
            try:
                # With a limit, because Windows delivers no Ctrl-C to a wait without one.
                with contextlib.suppress(TimeoutError):
                    self._outcome.exception(timeout=_POLL_S)
            except KeyboardInterrupt as error:
                interrupt = error
                self.urgency += 1
        self._finish(interrupt)

    async def awaited(self) -> None:
        """Do it, and await its end; a cancel makes it urgent and is raised then.

        The loop's default executor has no part in it: neither is it made, nor
        does a watch that is open meanwhile see a job.
        """
        cancel: asyncio.CancelledError | None = None
        self.start()
        outcome = asyncio.wrap_future(self._outcome)
        while not outcome.done():
            try:
                await asyncio.wait([outcome])
            except asyncio.CancelledError as error:
                cancel = error
                self.urgency += 1
        outcome.exception()  # seen: raised below
        self._finish(cancel)

    def _finish(self, interruption: BaseException | None) -> None:
        self.join()
        try:
            if interruption is not None:
                raise interruption
            self._outcome.result()
        finally:
            # An exception and the frames it passed through hold each other otherwise.
            del interruption, self._outcome


_UNGUARDED = (
    "each worker imports the main script, {script}, and that opens a pool while it is being "
    'imported. Put what the script does under `if __name__ == "__main__":`.'
)
_DIED = "one of them died at once. Is there memory left? Restart the kernel and try again."


def _script() -> str:
    """Return the path of the main script a worker would import; "" in a notebook."""
    main = sys.modules.get("__main__")
    if getattr(getattr(main, "__spec__", None), "name", None):
        return ""
    return str(getattr(main, "__file__", None) or "")


def _checked(value: Any, name: str, least: int, most: int, advice: str) -> int:
    """Return `value` as an int within bounds, or say what is wrong with it."""
    try:
        number = index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}; expected a whole number: {advice}")
    if not least <= number <= most:
        raise ValueError(f"{name} is {value!r}; expected {least} to {most}: {advice}")
    return number
