"""The probe that asks the loop, on an absolute grid of moments, "may I come in?".

It never sleeps in a chain: a probe that first waits and then looks leaves out
just the arrivals that a block would have kept waiting (coordinated omission).
Every deadline of the grid is answered by the first beat after it, however long
that took, and none is forgotten.
"""

from __future__ import annotations

import asyncio
import math
from array import array
from contextvars import Context
from time import perf_counter

from ..spans import LagSample


class Heartbeat:
    """Beats on `loop` every `period_s` seconds; the grid begins at the moment `start`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start: float, *, period_s: float) -> None:
        self._loop = loop
        self._start = start  # perf_counter seconds
        # uvloop counts its timers from the turn's beginning, in whole milliseconds.
        self._shortest_wait = 0.0 if isinstance(loop, asyncio.BaseEventLoop) else 0.001
        self._period = period_s
        self._beats = array("d")  # perf_counter seconds
        self._handle: asyncio.Handle | None = None
        # Empty, so that no context variable of the student's is kept alive by us.
        self._context = Context()

    def start(self) -> None:
        """Begin to beat; the loop's next turn serves the first deadline."""
        self._handle = self._loop.call_soon(self._beat, context=self._context)

    def stop(self) -> None:
        """Beat no more."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _beat(self) -> None:
        now = perf_counter()
        self._beats.append(now)
        beats_due = math.floor((now - self._start) / self._period) + 1
        wait = self._start + beats_due * self._period - perf_counter()
        self._handle = self._loop.call_later(
            max(wait, self._shortest_wait), self._beat, context=self._context
        )

    def samples(self, end: float) -> tuple[LagSample, ...]:
        """Return for each deadline up to `end` how late it was served.

        A deadline that was not served when the block was left had waited until
        then: at least that long.
        """
        found = []
        beats = iter((*self._beats, end))
        beat = next(beats)
        for number in range(math.floor((end - self._start) / self._period) + 1):
            deadline = self._start + number * self._period
            while beat < deadline and beat < end:
                beat = next(beats)
            late = max(0.0, min(beat, end) - deadline)
            found.append(LagSample(deadline - self._start, late))
        return tuple(found)
