"""What one open watch has gathered so far, in raw ``perf_counter`` seconds."""

from __future__ import annotations

import asyncio
import sys
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, NamedTuple

from .heartbeat import Heartbeat
from .naming import Actor, current_actor
from .queues import QueueBook

if TYPE_CHECKING:
    from .jobs import Job
    from .journal import WorkerStamps
    from .patching import Hub

# Windows counts a thread's CPU time in ticks of 15.6 ms, so that this much of it may be missing:
# there a hold of less than two ticks counts as computing, which most of them do.
_UNSEEN_CPU_S = 1 / 64 if sys.platform == "win32" else 0.0


class RawHold(NamedTuple):
    """A hold as it was seen."""

    actor: Actor
    start: float
    stop: float
    computing: bool


class Session:
    """The notes of one watch, from when it is opened to when it is left."""

    hub: Hub

    def __init__(self, loop: asyncio.AbstractEventLoop, *, period_s: float, hold_s: float) -> None:
        self.loop = loop
        self.hold_s = hold_s
        self.jobs: list[Job] = []
        self.unseen = 0  # jobs whose parts refused to be looked at
        self.noted: list[WorkerStamps] = []  # by the workers, read when the watch is left
        self.holds: list[RawHold] = []
        self.queues = QueueBook()
        self.opener = current_actor(loop)
        self.cpu = thread_time()
        self.start = perf_counter()
        self.heartbeat = Heartbeat(loop, self.start, period_s=period_s)

    def held(self, actor: Actor, start: float, stop: float, *, cpu: float) -> None:
        """Note that `actor` held the loop, having used `cpu` seconds of this thread's CPU."""
        start = max(start, self.start)
        if stop - start >= self.hold_s:
            # Half is far from both ends: computing alone on a CPU gives one, waiting none.
            computing = cpu + _UNSEEN_CPU_S >= 0.5 * (stop - start)
            self.holds.append(RawHold(actor, start, stop, computing))
