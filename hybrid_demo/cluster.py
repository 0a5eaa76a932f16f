"""A dask cluster that fits into a notebook: made off the loop's time, and gone when it is.

The cluster, its scheduler, its workers and its client are dask's own. Here stands
only what Jupyter asks of them: nothing blocks the event loop, no Interrupt
reaches a worker, nothing listens to other machines. It needs ``distributed``,
which the extra ``beyond`` installs, so nothing else of this package imports it.
It imports nothing of this package but errands and how input is checked.
"""

from __future__ import annotations

import contextlib
import logging
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from multiprocessing import resource_tracker

import dask
from distributed import CancelledError, Client, LocalCluster
from distributed.gc import disable_gc_diagnosis

from .errands import Errand
from .given import shown
from .workloads import whole_number

_MOST_WORKERS = 1024
_LARGEST = 100_000  # clusters
_ANSWER_S = 20.0
_WORKERS_S = 60.0  # they may be starting still
_LOOK_AGAIN_S = 1.0
_PREFIXES = ("tcp://", "tls://")
_LOOPBACK = "127.0.0.1"


def open_cluster(workers: int) -> AbstractAsyncContextManager[Client]:
    """Start a cluster on this machine, share its client, close both at shutdown.

    A ``LocalCluster``: the scheduler is a thread of this process; each worker is a
    process of its own with one thread, and talks to the scheduler over TCP. A
    worker that dies is replaced. All of it ends when the block is left or when
    this process does, however it ends.

    Args:
        workers: number of worker processes, 1 to 1024.

    Returns:
        What ``async with`` turns into the connected client.

    Raises:
        TypeError: `workers` is not a whole number.
        ValueError: it is out of range.
    """
    advice = "give the number of worker processes, for example open_cluster(effective_cpus())"
    count = whole_number(workers, "workers", 1, _MOST_WORKERS, advice)
    return _opened(lambda held, errand: _started(held, count))


def connect(address: str, *, workers: int = 1) -> AbstractAsyncContextManager[Client]:
    """Connect to a scheduler that runs already, on this machine or on another.

    Args:
        address: where it listens, as it says itself: ``"tcp://192.0.2.7:8786"``.
        workers: how many workers it has to have.

    Returns:
        What ``async with`` turns into the connected client. Entering raises
        ConnectionError if no scheduler answers there, or if it has fewer workers.

    Raises:
        TypeError: `address` is no string, or `workers` no whole number.
        ValueError: `address` is none of a scheduler, or `workers` is below 1.
    """
    advice = 'give what the scheduler printed after "Scheduler at:", such as tcp://192.0.2.7:8786'
    if not isinstance(address, str):
        raise TypeError(f"address is {shown(address)}; expected a string: {advice}")
    host, _, port = address.removeprefix("tcp://").removeprefix("tls://").rpartition(":")
    if not address.startswith(_PREFIXES) or not host or not port.isdigit():
        raise ValueError(f"address is {shown(address)}; expected one of a scheduler: {advice}")
    count = whole_number(workers, "workers", 1, _LARGEST, "give how many workers you need")
    return _opened(lambda held, errand: _connected(held, errand, address, count))


@contextlib.asynccontextmanager
async def _opened(
    open_in: Callable[[contextlib.ExitStack, Errand], Client],
) -> AsyncIterator[Client]:
    held = contextlib.ExitStack()
    clients: list[Client] = []

    def opening(errand: Errand) -> None:
        clients.append(open_in(held, errand))

    def closing(errand: Errand) -> None:
        held.close()

    log, without = logging.getLogger("tornado.application"), _without_cancelled()
    log.addFilter(without)
    held.callback(log.removeFilter, without)
    try:
        await Errand(opening).awaited()
        yield clients[0]
    finally:
        await Errand(closing).awaited()


def _without_cancelled() -> Callable[[logging.LogRecord], bool]:
    """Return a filter: of a job that was cancelled as its result came in, dask complains there."""

    def is_wanted(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, CancelledError)

    return is_wanted


def _started(held: contextlib.ExitStack, workers: int) -> Client:
    _ignore_interrupts()
    # A worker that is not back by then is given up for good. On a busy machine one needs longer
    # than dask's own 15 s to be started anew.
    held.enter_context(dask.config.set({"distributed.deploy.lost-worker-timeout": "600s"}))
    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers,
        threads_per_worker=1,
        memory_limit=None,  # else a worker with large data is paused, and then killed
        host=_LOOPBACK,
        dashboard_address=None,
        # Even without a dashboard it serves its metrics, on port 8787 unless told otherwise.
        scheduler_kwargs={"dashboard_address": f"{_LOOPBACK}:0"},
    )
    held.callback(cluster.close)
    # The scheduler times this process's garbage collections, on any thread. An Interrupt that comes
    # in the middle of it is lost, and two tracebacks of dask's stand in the cell.
    disable_gc_diagnosis()  # type: ignore[no-untyped-call]
    client = Client(cluster)  # type: ignore[no-untyped-call]
    held.callback(client.close)
    return client


def _ignore_interrupts() -> None:
    """Block SIGINT in this thread, and so in the threads and processes that it starts.

    A worker inherits that from dask's thread, and that from this one: no Interrupt
    can reach it, not even while it starts, nor one that replaces it.
    """
    if hasattr(signal, "pthread_sigmask"):
        resource_tracker.ensure_running()  # to start it later would undo it
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _connected(held: contextlib.ExitStack, errand: Errand, address: str, workers: int) -> Client:
    try:
        client = Client(address, timeout=_ANSWER_S)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise ConnectionError(
            f"no scheduler answered at {address!r} within {_ANSWER_S:g} s. Is it running? It says "
            'its address after "Scheduler at:"'
        ) from error
    held.callback(client.close)
    latest = time.perf_counter() + _WORKERS_S
    while not errand.urgency and time.perf_counter() < latest:  # in pieces, for an Interrupt's sake
        with contextlib.suppress(TimeoutError):
            client.wait_for_workers(workers, timeout=_LOOK_AGAIN_S)
            return client
    there = len(client.nthreads())  # type: ignore[no-untyped-call]
    raise ConnectionError(
        f"the scheduler at {address!r} has {there} of the {workers} workers that are needed, "
        f"and jobs would wait for the others; start more: dask worker {address}"
    )
