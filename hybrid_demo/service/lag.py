"""How late the event loop is, as the service tells it: one beat every 20 ms."""

from __future__ import annotations

import asyncio
from collections import deque
from types import TracebackType

_PERIOD_S = 0.02
_KEPT = 50


class Lag:
    """A heartbeat for as long as the application lives, and what it found in the last second."""

    def __init__(self) -> None:
        self._late_s: deque[float] = deque(maxlen=_KEPT)
        self._beating: asyncio.Task[None] | None = None

    @property
    def worst_s(self) -> float:
        """By how many seconds a beat was late at worst, among the last 50."""
        return max(self._late_s, default=0.0)

    async def __aenter__(self) -> Lag:
        self._beating = asyncio.create_task(self._beat(), name="lag of the service")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due_s = loop.time() + _PERIOD_S
            await asyncio.sleep(_PERIOD_S)
            self._late_s.append(max(0.0, loop.time() - due_s))
