"""Who held the event loop, and whether it was computing.

Every step of every task, and every plain callback, is run by
``asyncio.Handle._run``; the wrapper around it reads the clock before and after.
It is the one wrapper that runs thousands of times a second, so it does nothing
else until a step was long enough to matter.
"""

from __future__ import annotations

import asyncio
from asyncio import events
from collections.abc import Callable
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, Any

from .heartbeat import Heartbeat
from .naming import callback_actor, current_actor, owner_of
from .patching import Hub, Patch

if TYPE_CHECKING:
    from .session import Session


class LoopMonitor:
    """The steps of one loop, for every watch opened on it."""

    __slots__ = ("cpu", "cpu_due", "opening", "sessions", "shortest", "started")

    def __init__(self) -> None:
        self.sessions: tuple[Session, ...] = ()
        self.opening: list[Session] = []  # opened in a step that began before the wrapper
        self.started = perf_counter()
        self.shortest = 0.0
        self.cpu = thread_time()
        self.cpu_due = 0.0

    def look_at_cpu(self, now: float) -> None:
        """Note the thread's CPU seconds at `now`, the start of a step.

        Asking the system costs as much as the rest of the wrapper, so it is
        done once in a quarter of the shortest hold, which is then also the
        most CPU time that a hold can be credited with wrongly.
        """
        self.cpu = thread_time()
        self.cpu_due = now + 0.25 * self.shortest
        if self.opening:
            for session in self.opening:
                session.held(session.opener, session.start, now, cpu=self.cpu - session.cpu)
            self.opening.clear()

    def step_was_long(self, callback: Callable[..., Any], start: float, stop: float) -> None:
        """Tell the watches of a step that held the loop from `start` to `stop`."""
        cpu = thread_time()
        used, self.cpu, self.cpu_due = cpu - self.cpu, cpu, stop + 0.25 * self.shortest
        if isinstance(owner_of(callback), Heartbeat):
            return
        actor = callback_actor(callback)
        for session in self.sessions:
            session.held(actor, start, stop, cpu=min(used, cpu - session.cpu))


def _run(hub: Hub, original: Callable[..., Any]) -> Callable[..., Any]:
    monitors = hub.monitors

    def _run(self: Any) -> None:
        monitor = monitors.get(self._loop)
        if monitor is None:
            original(self)
            self = None
            return
        callback = self._callback  # gone afterwards if the step cancels its own handle
        start = monitor.started = perf_counter()
        if start >= monitor.cpu_due:
            monitor.look_at_cpu(start)
        try:
            original(self)
        finally:
            stop = perf_counter()
            if stop - start >= monitor.shortest:
                monitor.step_was_long(callback, start, stop)
            # As asyncio's own does: the traceback of a failed task reaches this frame, which
            # would keep the task alive, and keep asyncio from telling of the failure.
            self = callback = None

    return _run


PATCHES = [Patch(events.Handle, "_run", _run)]


def can_see(loop: asyncio.AbstractEventLoop) -> bool:
    """Return whether this loop's steps pass through ``asyncio.Handle._run``."""
    return isinstance(loop, asyncio.BaseEventLoop) and "_run" in vars(events.Handle)


def begin(hub: Hub, session: Session) -> None:
    """Follow the steps of the session's loop, the one that opened it included."""
    if not can_see(session.loop):
        return
    monitor = hub.monitors.get(session.loop)
    unwrapped = monitor is None or bool(monitor.opening)  # the step that is running now
    if monitor is None:
        monitor = hub.monitors[session.loop] = LoopMonitor()
    if unwrapped:
        monitor.opening.append(session)
    monitor.sessions = (*monitor.sessions, session)
    monitor.shortest = min(each.hold_s for each in monitor.sessions)
    monitor.cpu_due = 0.0


def close_step(hub: Hub, session: Session, stop: float) -> None:
    """Note the step that leaves the block, which holds the loop until `stop`."""
    monitor = hub.monitors.get(session.loop)
    if monitor is None or asyncio._get_running_loop() is not session.loop:
        return  # a coroutine that was thrown away is closed outside its loop
    whole = session in monitor.opening  # the block never gave way
    start, cpu = (session.start, session.cpu) if whole else (monitor.started, monitor.cpu)
    used = thread_time() - max(cpu, session.cpu)
    session.held(current_actor(session.loop), start, stop, cpu=used)


def end(hub: Hub, session: Session) -> None:
    """Follow the session's loop no more, unless another watch does."""
    monitor = hub.monitors.get(session.loop)
    if monitor is None:
        return
    monitor.sessions = tuple(each for each in monitor.sessions if each is not session)
    if session in monitor.opening:
        monitor.opening.remove(session)
    if monitor.sessions:
        monitor.shortest = min(each.hold_s for each in monitor.sessions)
    else:
        del hub.monitors[session.loop]
