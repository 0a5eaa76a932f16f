"""The depth of every asyncio queue, by watching what goes in and out."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable
from time import perf_counter
from typing import Any

from ..spans import StepSeries
from .identity import ByIdentity
from .patching import Hub, Patch


class QueueBook:
    """The depths one watch has seen, by order of first use."""

    def __init__(self) -> None:
        self._series: list[tuple[int, list[tuple[float, int]]]] = []
        # A queue and what lies in it must not live longer for being watched.
        self._known: ByIdentity[list[tuple[float, int]]] = ByIdentity()

    def note(self, queue: Any, before: int, after: int) -> None:
        """Note that the depth of `queue` went from `before` to `after` now."""
        now = perf_counter()
        changes = self._known.get_or_make(queue, list)
        if not changes:
            changes.append((-math.inf, before))
            self._series.append((_bound_of(queue), changes))
        elif changes[-1][1] != before:  # a thread, or a subclass, went another way
            changes.append((now, before))
        changes.append((now, after))

    def series(self, start: float, end: float) -> tuple[StepSeries, ...]:
        """Return the depths over time, counted from `start`; nothing after `end`."""
        found = []
        for number, (maxsize, changes) in enumerate(self._series, start=1):
            seen = [(max(0.0, moment - start), depth) for moment, depth in changes if moment <= end]
            times, depths = zip(*seen, strict=True)
            found.append(
                StepSeries(name=f"queue {number}", times_s=times, depths=depths, maxsize=maxsize)
            )
        return tuple(found)


def _bound_of(queue: Any) -> int:
    """Return the queue's bound; 0 for none, which some write as infinity."""
    maxsize = queue.maxsize
    return int(maxsize) if 0 < maxsize < math.inf else 0


def _depth_of(queue: Any) -> int | None:
    try:
        return int(queue.qsize())
    except Exception:  # a subclass of the student's, which is no business of ours
        return None


def _noting_depth(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    def changed(self: Any, *args: Any, **kwargs: Any) -> Any:
        loop = asyncio._get_running_loop()
        if loop is None or not hub.sessions:
            return original(self, *args, **kwargs)
        before = _depth_of(self)
        try:
            return original(self, *args, **kwargs)
        finally:
            after = _depth_of(self)
            if before is not None and after is not None and after != before:
                for session in hub.sessions:
                    if session.loop is loop:
                        with contextlib.suppress(Exception):
                            session.queues.note(self, before, after)

    return changed


# put and get come down to these two; shutdown(immediate=True) (3.13) empties the queue.
PATCHES = [
    Patch(asyncio.Queue, name, _noting_depth) for name in ("put_nowait", "get_nowait", "shutdown")
]
