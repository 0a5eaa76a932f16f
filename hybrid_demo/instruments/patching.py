"""One locked, class-wide patch that serves every watch open at the time.

The first watch that opens puts the wrappers in place and the last that closes
takes them away, in whatever order watches are left. A hub lives from the first
to the last: wrappers ask their own hub who is watching, so one that another
tool has built upon, and which can therefore not be taken away, passes every
call through for ever. An interrupt may come at any line of this, so what
undoes a step is noted before the step is made.
"""

from __future__ import annotations

import asyncio
import functools
import os
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from .identity import ByIdentity
from .journal import SharedJournal

if TYPE_CHECKING:
    from .holds import LoopMonitor
    from .jobs import Marks, RawPool
    from .session import Session


class Patch(NamedTuple):
    """A method to be wrapped: ``wrap(hub, original)`` makes the wrapper."""

    owner: type
    name: str
    wrap: Callable[[Hub, Callable[..., Any]], Callable[..., Any]]


class Hub:
    """Who is watching now, what they share, and the patches made for them."""

    def __init__(self) -> None:
        self.sessions: tuple[Session, ...] = ()
        self.monitors: dict[asyncio.AbstractEventLoop, LoopMonitor] = {}
        self.journal = SharedJournal()
        self.pools: ByIdentity[RawPool] = ByIdentity()
        self.marks: ByIdentity[Marks] = ByIdentity()
        self.here = threading.local()
        self._undo: list[Callable[[], None]] = []

    def sessions_here(self) -> tuple[Session, ...]:
        """Return the watches that a job submitted by this thread now belongs to.

        All of them, unless the thread is running an event loop: then those of
        that loop.
        """
        loop = asyncio._get_running_loop()
        if loop is None:
            return self.sessions
        return tuple(session for session in self.sessions if session.loop is loop)

    def install(self, patches: Iterable[Patch]) -> None:
        """Put a wrapper in the place of each method; a class without it is left alone."""
        for owner, name, wrap in patches:
            original = vars(owner).get(name)
            if original is None:
                continue
            wrapper = functools.wraps(original)(wrap(self, original))
            self._undo.append(functools.partial(_restore, owner, name, wrapper, original))
            setattr(owner, name, wrapper)

    def remove(self) -> None:
        """Leave everything as it was found."""
        self.sessions = ()
        self.monitors.clear()
        for undo in reversed(self._undo):
            undo()
        self._undo.clear()  # wrappers know their hub: else they and we would hold each other
        self.journal.remove()


def _restore(
    owner: type, name: str, wrapper: Callable[..., Any], original: Callable[..., Any]
) -> None:
    if vars(owner).get(name) is wrapper:
        setattr(owner, name, original)


_lock = threading.RLock()
_hub: Hub | None = None


def join(session: Session) -> None:
    """Let `session` see what happens from now on."""
    global _hub
    from . import executors, holds, queues

    with _lock:
        # A hub nobody watches through was left half taken down by an interrupt.
        fresh = _hub is None or not _hub.sessions
        hub = Hub() if fresh or _hub is None else _hub
        session.hub = hub
        try:
            if fresh:
                hub.install([*executors.PATCHES, *holds.PATCHES, *queues.PATCHES])
                _hub = hub
            hub.sessions = (*hub.sessions, session)
            holds.begin(hub, session)
            session.heartbeat.start()
        except BaseException:
            leave(session)
            raise


def leave(session: Session) -> None:
    """Let `session` see nothing more; the last to leave takes the patches away."""
    global _hub
    from . import holds

    with _lock:
        hub = session.hub
        hub.sessions = tuple(each for each in hub.sessions if each is not session)
        try:
            session.heartbeat.stop()
            holds.end(hub, session)
            session.noted = hub.journal.read()
        finally:
            if not hub.sessions:
                if _hub is hub:
                    _hub = None
                hub.remove()


def _start_unwatched() -> None:
    """In a forked child: forget the parent's watches, which cannot end here."""
    global _hub, _lock
    hub, _hub = _hub, None
    _lock = threading.RLock()
    if hub is not None:
        hub.journal = SharedJournal()  # the file is the parent's
        hub.remove()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_unwatched)
