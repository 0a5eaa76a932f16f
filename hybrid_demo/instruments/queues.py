"""The depth of every asyncio queue, by watching what goes in and out."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from time import perf_counter
from typing import Any

from ..spans import StepSeries
from .patching import Hub, Patch


class QueueBook:
    """The depths one watch has seen, by order of first use."""

    def __init__(self) -> None:
        self._series: list[tuple[int, list[tuple[float, int]]]] = []
        # Weak: a queue and what lies in it must not live longer for being watched.
        self._known: weakref.WeakKeyDictionary[Any, list[tuple[float, int]]]
        self._known = weakref.WeakKeyDictionary()

    def note(self, queue: Any, before: int, after: int) -> None:
        """Note that the depth of `queue` went from `before` to `after` now."""
        now = perf_counter()
        changes = self._known.get(queue)
        if changes is None:
            changes = self._known[queue] = [(0.0, before)]
            self._series.append((max(0, queue.maxsize), changes))
        changes.append((now, after))

    def series(self, start: float, end: float) -> tuple[StepSeries, ...]:
        """Return the depths over time, counted from `start`; nothing after `end`."""
        return tuple(
            StepSeries(
                name=f"queue {number}",
                times_s=(0.0, *(moment - start for moment, _ in changes[1:] if moment <= end)),
                depths=(
                    changes[0][1],
                    *(depth for moment, depth in changes[1:] if moment <= end),
                ),
                maxsize=maxsize,
            )
            for number, (maxsize, changes) in enumerate(self._series, start=1)
        )


def _noting_depth(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def changed(self: Any, *args: Any, **kwargs: Any) -> Any:
        loop = asyncio._get_running_loop()
        if loop is None or not hub.sessions:
            return original(self, *args, **kwargs)
        before = self.qsize()
        try:
            return original(self, *args, **kwargs)
        finally:
            after = self.qsize()
            if after != before:
                for session in hub.sessions:
                    if session.loop is loop:
                        session.queues.note(self, before, after)

    return changed


# put and get come down to these two; shutdown(immediate=True) (3.13) empties the queue.
PATCHES = [
    Patch(asyncio.Queue, name, _noting_depth) for name in ("put_nowait", "get_nowait", "shutdown")
]
