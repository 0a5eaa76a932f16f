"""Layer 3: where the inference runs, in each of the three designs.

A process pool breaks for good when a worker dies. Then a new one takes its
place, and what was in flight is tried once more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from ..pools import WarmPool, open_pool

MODES = ("inline", "threads", "processes")
BEHIND_THE_LOOP = 10  # the workers' niceness: where CPUs are shared, the loop goes first

Run = Callable[..., Awaitable[Any]]
log = logging.getLogger("hybrid_demo.service")


@asynccontextmanager
async def layer_3(mode: str, workers: int) -> AsyncIterator[Run]:
    """Open the layer once for the application, and close it when the last job is done.

    Yields:
        ``await run(fn, *args)``, the same line in every mode.
    """
    if mode == "inline":
        yield inline
    elif mode == "threads":
        with ThreadPoolExecutor(workers) as executor:
            yield partial(bridge, executor)
    else:
        pool = LastingPool(workers)
        try:
            await pool.working()
            yield pool.run
        finally:
            await pool.close()


async def inline(fn: Callable[..., Any], *args: Any) -> Any:
    """Run a job on the event loop: it holds it."""
    return fn(*args)


async def bridge(executor: Executor, fn: Callable[..., Any], *args: Any) -> Any:
    """Run a job in an executor: the loop is free meanwhile."""
    return await asyncio.get_running_loop().run_in_executor(executor, fn, *args)


class LastingPool:
    """A process pool for as long as the application lives, of which one breaks now and then."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool: WarmPool | None = None
        self._changing = asyncio.Lock()

    async def working(self) -> WarmPool:
        """Return the pool; open one first if there is none that works."""
        async with self._changing:
            if self._pool is None:
                self._pool = await open_pool(self._workers, nice=BEHIND_THE_LOOP).__aenter__()
            return self._pool

    async def run(self, fn: Callable[..., Any], *args: Any, again: bool = True) -> Any:
        """Run a job; once more, in a new pool, if its pool breaks under it.

        Raises:
            BrokenProcessPool: the new pool broke as well. It may be this very job.
        """
        pool = await self.working()
        try:
            return await bridge(pool, fn, *args)
        except BrokenProcessPool:
            async with self._changing:
                if self._pool is pool:  # the first of its jobs; the others find it done
                    log.warning("a worker has died, and its pool with it: a new one takes over")
                    await self.close()
            if not again:
                raise
        return await self.run(fn, *args, again=False)

    async def close(self) -> None:
        """Wait until the last job is done, not on the loop's time, and close the pool."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.__aexit__(None, None, None)
