"""Jupyter's Interrupt button reaches a cell that only waits, and one that is pressed again.

A leaf. Of a cell that awaits, ipykernel's signal handler makes one cancel: by a callback,
which does not wake an event loop that has nothing to do (its issue 881). So without a
``watch``, whose heartbeat wakes the loop all the time, the button did nothing until a job
was done. Programs that ``asyncio.run`` runs have none of this, and nothing is changed there.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

_ENOUGH = 4096
_awake: list[tuple[asyncio.AbstractEventLoop, socket.socket, socket.socket]] = []


def wake_by_signals() -> None:
    """Let signals wake the running event loop, from now on, if it is a Jupyter kernel's."""
    loop = asyncio.get_running_loop()
    if (_awake and _awake[0][0] is loop) or _handler() is None:
        return
    heard, told = socket.socketpair()
    for each in (heard, told):
        each.setblocking(False)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    if before == -1:
        loop.add_reader(heard, _drain, heard)
        _awake[:] = [(loop, heard, told)]
    else:  # somebody has seen to it, as Windows' own loop does
        signal.set_wakeup_fd(before)
        heard.close()
        told.close()


def _drain(heard: socket.socket) -> None:
    with contextlib.suppress(OSError):
        heard.recv(_ENOUGH)


@contextlib.contextmanager
def offered_to(hurry: Callable[[], None]) -> Iterator[None]:
    """Call `hurry` for each Interrupt in a Jupyter kernel, before what it does otherwise."""
    before = _handler()
    if before is None:
        yield
        return
    still = True

    def on_interrupt(number: int, frame: FrameType | None) -> None:
        if still:  # else somebody has kept this handler, and put it back later
            hurry()
        before(number, frame)

    on_interrupt.__module__ = before.__module__  # one within this one finds the kernel's in it
    signal.signal(signal.SIGINT, on_interrupt)
    try:
        yield
    finally:
        still = False
        if signal.getsignal(signal.SIGINT) is on_interrupt:
            signal.signal(signal.SIGINT, before)


def _handler() -> Callable[[int, FrameType | None], Any] | None:
    """Return what ipykernel does with an Interrupt of a cell that awaits; None elsewhere."""
    if threading.current_thread() is not threading.main_thread():
        return None
    handler = signal.getsignal(signal.SIGINT)
    of_the_kernel = str(getattr(handler, "__module__", "")).startswith("ipykernel")
    return handler if callable(handler) and of_the_kernel else None
