"""Wrappers in the place of methods, and the hub that they ask who is watching.

A hub lives from the first watch that opens to the last that closes, and each
wrapper asks its own hub: so one that another tool has built upon, and which can
therefore not be taken away, passes every call through for ever.
"""

from __future__ import annotations

import asyncio
import functools
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
