"""Who is let in: at most so many requests at once, and nobody waits outside.

A queue that grows without a bound answers everybody too late. A request that
finds no place is told so at once, and when to come again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Full(Exception):
    """There is no place."""


class Places:
    """So many requests in flight, and no more."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._jobs: set[asyncio.Task[Any]] = set()

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return len(self._jobs)

    async def answer(self, job: Coroutine[Any, Any, T], *, until_s: float) -> T:
        """Let a job in, and wait for it until the loop's clock reads `until_s`.

        Whoever stops waiting, or goes away, leaves the job behind: a worker
        cannot be stopped. Its place is taken until the job has left the worker.

        Raises:
            Full: there is no place.
            TimeoutError: it was not done by then.
        """
        if self.taken >= self._most:
            job.close()
            raise Full
        task = asyncio.ensure_future(job)
        self._jobs.add(task)
        task.add_done_callback(self._leave)
        async with asyncio.timeout_at(until_s):
            return await asyncio.shield(task)

    async def empty(self, within_s: float) -> None:
        """Wait so long for what is in flight; then take back what no worker has begun."""
        if self._jobs:
            await asyncio.wait(self._jobs, timeout=within_s)
        for task in self._jobs:
            task.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def _leave(self, task: asyncio.Task[Any]) -> None:
        self._jobs.discard(task)
        if not task.cancelled():
            task.exception()  # seen: nobody may be waiting for it any more
