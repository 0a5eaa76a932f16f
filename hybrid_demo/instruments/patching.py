"""One locked, class-wide patch that serves every watch open at the time.

The first watch that opens puts the wrappers in place and the last that closes
takes them away, in whatever order watches are left. A hub lives from the first
to the last: wrappers ask their own hub who is watching, so one that another
tool has built upon, and which can therefore not be taken away, passes every
call through for ever.
"""

from __future__ import annotations

import asyncio
import functools
import os
import threading
import weakref
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, NamedTuple

from .journal import SharedJournal

if TYPE_CHECKING:
    from .executors import RawPool
    from .holds import LoopMonitor
    from .session import Session


class Patch(NamedTuple):
    """A method to be wrapped: ``wrap(hub, original)`` makes the wrapper."""

    owner: type
    name: str
    wrap: Callable[[Hub, Callable[..., Any]], Callable[..., Any]]


class Hub:
    """Who is watching now, and the patches made for them."""

    def __init__(self) -> None:
        self.sessions: tuple[Session, ...] = ()
        self.monitors: dict[asyncio.AbstractEventLoop, LoopMonitor] = {}
        self.journal = SharedJournal()
        self.pools: dict[int, RawPool] = {}
        self.marked: weakref.WeakSet[Future[Any]] = weakref.WeakSet()
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
            setattr(owner, name, wrapper)
            self._undo.append(functools.partial(_restore, owner, name, wrapper, original))

    def remove(self) -> None:
        """Leave everything as it was found."""
        self.sessions = ()
        self.monitors.clear()
        while self._undo:
            self._undo.pop()()
        for future in list(self.marked):
            vars(future).pop(STAMPS, None)
        self.journal.remove()


STAMPS = "_hybrid_demo_stamps"  # the attribute that marks a future while a watch is open


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
        hub = _hub or Hub()
        session.hub = hub
        try:
            if not hub.sessions:
                hub.install([*executors.PATCHES, *holds.PATCHES, *queues.PATCHES])
            hub.sessions = (*hub.sessions, session)
            holds.begin(hub, session)
        except BaseException:  # an interrupt here must not leave the wrappers behind
            leave(session)
            raise
        _hub = hub


def leave(session: Session) -> None:
    """Let `session` see nothing more; the last to leave takes the patches away."""
    global _hub
    from . import holds

    with _lock:
        hub = session.hub
        hub.sessions = tuple(each for each in hub.sessions if each is not session)
        holds.end(hub, session)
        if not hub.sessions:
            hub.remove()
            if _hub is hub:
                _hub = None


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
