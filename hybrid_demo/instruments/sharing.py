"""One locked, class-wide patch that serves every watch open at the time.

The first watch that opens puts the wrappers in place and the last that closes
takes them away, in whatever order watches are left. An interrupt may come at
any line of this, so what undoes a step is noted before the step is made.
"""

from __future__ import annotations

import asyncio
import os
import threading

from . import executors, holds, queues
from .journal import SharedJournal
from .patching import Hub
from .session import Session

_PATCHES = (*executors.PATCHES, *holds.PATCHES, *queues.PATCHES)

_lock = threading.RLock()
_hub: Hub | None = None


def is_watched(loop: asyncio.AbstractEventLoop) -> bool:
    """Whether a watch is open on this loop."""
    with _lock:
        return _hub is not None and any(each.loop is loop for each in _hub.sessions)


def join(session: Session) -> None:
    """Let `session` see what happens from now on."""
    global _hub
    with _lock:
        # A hub nobody watches through was left half taken down by an interrupt.
        fresh = _hub is None or not _hub.sessions
        hub = Hub() if fresh or _hub is None else _hub
        session.hub = hub
        try:
            if fresh:
                hub.install(_PATCHES)
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
