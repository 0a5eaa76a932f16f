"""Layer 3: where the inference runs, in each of the three designs.

`inline` computes on the event loop, `threads` in a thread pool, `processes`
in a process pool. A process pool breaks for good when a worker dies; then a
new one takes its place, and what was in flight is tried once more.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
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

        async def inline(fn: Callable[..., Any], *args: Any) -> Any:
            return fn(*args)  # on the event loop: it holds it

        yield inline
    elif mode == "threads":
        with ThreadPoolExecutor(workers) as executor:
            yield bridge(executor)
    else:
        pool = LastingPool(workers)
        try:
            await pool.start()
            yield pool.run
        finally:
            await pool.close()


def bridge(executor: Executor) -> Run:
    """Return the bridge to an executor, whichever it is."""

    async def run(fn: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(executor, fn, *args)

    return run


class LastingPool:
    """A process pool for as long as the application lives, of which one breaks now and then.

    Attributes:
        opened: how many pools it has opened so far.
    """

    def __init__(self, workers: int) -> None:
        self.opened = 0
        self._workers = workers
        self._pool: WarmPool | None = None
        self._changing = asyncio.Lock()

    async def start(self) -> None:
        """Open a pool, if there is none that works."""
        async with self._changing:
            if self._pool is None:
                self._pool = await open_pool(self._workers, nice=BEHIND_THE_LOOP).__aenter__()
                self.opened += 1

    async def run(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Run a job; once more, in a new pool, if its pool breaks under it.

        Raises:
            BrokenProcessPool: the new pool broke as well. It may be this very job.
        """
        for last in (False, True):
            await self.start()
            pool = self._pool
            assert pool is not None
            try:
                return await bridge(pool)(fn, *args)
            except BrokenProcessPool:
                if self._pool is pool:  # said once, by the first of its jobs
                    log.warning(
                        "a worker has died, and its pool with it: a new one takes its place"
                    )
                await self._retire(pool)
                if last:
                    raise

    async def close(self) -> None:
        """Wait until the last job is done, not on the loop's time, and close the pool."""
        if self._pool is not None:
            await self._retire(self._pool)

    async def _retire(self, pool: WarmPool) -> None:
        async with self._changing:
            if self._pool is pool:  # nobody else has retired it yet
                self._pool = None
                await pool.__aexit__(None, None, None)
