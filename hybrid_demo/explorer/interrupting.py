"""Jupyter's Interrupt button, for a run that does not give the event loop back.

A leaf. A run goes on between cells, where ipykernel ignores the button, and a click on
Stop would have to be heard by the very loop that is held. So the button is ours as long
as a run is under way and no cell runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import FrameType

_LOOKS, _LOOK_EVERY_S = 20, 0.005
_run: ContextVar[Button | None] = ContextVar("run", default=None)  # whose code this is


class Interrupted(BaseException):
    """Raised inside the step that holds the loop; no ``except Exception`` catches it."""


class Button:
    """The Interrupt button during one run.

    Attributes:
        pressed: whether it was pressed.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        """Make one that calls `stop`, from a signal handler, and ends a step if one runs."""
        self.pressed = False
        self._stop = stop
        self._over = False

    async def take(self) -> None:
        """Take it, once the kernel is through with the message that has begun the run."""
        if threading.current_thread() is not threading.main_thread():
            return
        for _ in range(_LOOKS):
            handler = signal.getsignal(signal.SIGINT)
            owner = getattr(handler, "__self__", None)
            # A cell that ran when an earlier run ended has put that run's handler back.
            if handler is signal.SIG_IGN or (isinstance(owner, Button) and owner._over):
                signal.signal(signal.SIGINT, self._on_interrupt)
            if handler is not signal.default_int_handler:
                return
            await asyncio.sleep(_LOOK_EVERY_S)

    def give_back(self) -> None:
        """Have it ignored again."""
        self._over = True
        if getattr(signal.getsignal(signal.SIGINT), "__self__", None) is self:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    @contextlib.contextmanager
    def may_end(self) -> Iterator[None]:
        """Let it end a step of what runs in this context, or of a task begun in it."""
        token = _run.set(self)
        try:
            yield
        finally:
            _run.reset(token)

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._over:
            return
        self.pressed = True
        self._stop()
        if _run.get() is self:
            raise Interrupted
