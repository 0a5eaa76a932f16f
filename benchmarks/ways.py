"""The ways to a worker that are measured side by side, each opened with the same few words.

All are awaited on asyncio's loop. Imported by the interpreter that measures one
of them, so it imports none of them before it is asked to.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, NamedTuple

from hybrid_demo import open_pool

Send = Callable[[Callable[[int], object], int], Awaitable[Any]]


class Way(NamedTuple):
    """One way to a worker.

    Attributes:
        module: what is imported for it before a clock runs.
        opened: given a number of workers, opens them, and yields what sends a function
            and its argument to one of them.
    """

    module: str
    opened: Callable[[int], AbstractAsyncContextManager[Send]]


def through(executor: Executor) -> Send:
    """Return what sends a job to an executor as the lecture does."""
    return partial(asyncio.get_running_loop().run_in_executor, executor)


@asynccontextmanager
async def _our_pool(workers: int) -> AsyncIterator[Send]:
    async with open_pool(workers) as executor:
        yield through(executor)


@asynccontextmanager
async def _plain_pool(workers: int, method: str) -> AsyncIterator[Send]:
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(workers, mp_context=context) as executor:
        yield through(executor)


@asynccontextmanager
async def _loky(workers: int) -> AsyncIterator[Send]:
    from loky import get_reusable_executor  # type: ignore[import-untyped]

    executor = get_reusable_executor(max_workers=workers)
    try:
        yield through(executor)
    finally:
        executor.shutdown(wait=True)


@asynccontextmanager
async def _anyio(workers: int) -> AsyncIterator[Send]:
    from anyio import CapacityLimiter
    from anyio.to_process import run_sync

    yield partial(run_sync, limiter=CapacityLimiter(workers))  # they end with the loop


@asynccontextmanager
async def _aiomultiprocess(workers: int) -> AsyncIterator[Send]:
    from aiomultiprocess import Pool

    async with Pool(workers) as pool:
        yield lambda fn, argument: pool.apply(_as_a_coroutine, (fn, argument))


async def _as_a_coroutine(fn: Callable[[int], object], argument: int) -> object:
    """Return what `fn` does: the workers of aiomultiprocess take coroutine functions only."""
    return fn(argument)


@asynccontextmanager
async def _dask(workers: int) -> AsyncIterator[Send]:
    from distributed import Client, LocalCluster  # type: ignore[import-untyped]

    how = {"n_workers": workers, "threads_per_worker": 1, "processes": True}
    with LocalCluster(**how, dashboard_address="127.0.0.1:0") as cluster, Client(cluster) as client:
        yield through(client.get_executor(pure=False))


OURS = "ProcessPoolExecutor"
PEERS = {
    OURS: Way("concurrent.futures.process", _our_pool),
    "loky": Way("loky", _loky),
    "anyio": Way("anyio.to_process", _anyio),
    "aiomultiprocess": Way("aiomultiprocess", _aiomultiprocess),
    "dask": Way("distributed", _dask),
}
METHODS = {
    method: Way("concurrent.futures.process", partial(_plain_pool, method=method))
    for method in multiprocessing.get_all_start_methods()
}
