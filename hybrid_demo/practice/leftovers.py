"""What a trial leaves running, and its end: pools, their workers, other processes.

A leaf. Ending blocks, so it is done as an errand. Workers are killed, not asked:
whatever they compute, nobody will read it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import threading
from collections.abc import Iterable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from typing import Any

import psutil  # type: ignore[import-untyped]

_PATIENCE_S = 5.0
_HELPERS = ("multiprocessing.forkserver", "multiprocessing.resource_tracker")


class NotedPool:
    """An executor, and its workers, which the executor itself forgets when it is closed."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        # The executor fills this very dict later; a pool of threads has none.
        self.workers: dict[int, BaseProcess] = getattr(executor, "_processes", {})

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it."""
        name = "_shutdown_thread" if isinstance(self.executor, ProcessPoolExecutor) else "_shutdown"
        return not getattr(self.executor, name, False)

    @property
    def is_at_work(self) -> bool:
        """Whether a job of it is not done."""
        return bool(getattr(self.executor, "_pending_work_items", None))

    def end(self) -> None:
        """Close it, end its workers, and wait until the executor's own thread is gone."""
        self.executor.shutdown(wait=False, cancel_futures=True)
        for worker in list(self.workers.values()):
            with contextlib.suppress(OSError, ValueError):  # it is gone already
                worker.kill()
        for thread in threading.enumerate():
            if getattr(thread, "processes", None) is self.workers:
                thread.join(_PATIENCE_S)


def note_pool(executor: Executor) -> NotedPool | None:
    """Return the pool, noted; None for an executor that is neither of the standard two."""
    known = isinstance(executor, (ProcessPoolExecutor, ThreadPoolExecutor))
    return NotedPool(executor) if known else None


class Processes:
    """The processes that are there before a trial, to tell what came with it."""

    def __init__(self) -> None:
        self._before = {process.pid for process in _started_here()}

    def end_new(self, pools: Iterable[NotedPool]) -> int:
        """End what was started since, beside the pools' workers; return how many that were."""
        of_pools = {pid for pool in pools for pid in pool.workers}
        new = [p for p in _started_here() if p.pid not in self._before | of_pools]
        for process in new:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(new, timeout=_PATIENCE_S)
        return len(new)


def _started_here() -> list[Any]:
    """Return the processes that this one started itself, but no pool's workers and no helpers."""
    found = {child.pid: child for child in psutil.Process().children() if not _is_helper(child)}
    for child in multiprocessing.active_children():  # those of the forkserver are grandchildren
        with contextlib.suppress(psutil.Error, ValueError):
            found[child.pid] = psutil.Process(child.pid)
    for thread in threading.enumerate():
        for worker in getattr(thread, "processes", None) or ():  # an executor's own thread
            found.pop(worker, None)
    return [child for child in found.values() if _is_alive(child)]


def _is_helper(process: Any) -> bool:
    try:
        command = " ".join(process.cmdline())
    except psutil.Error:
        return True
    return any(helper in command for helper in _HELPERS)


def _is_alive(process: Any) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
