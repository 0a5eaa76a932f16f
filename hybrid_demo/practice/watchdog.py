"""Ends a step of the student's code that does not give the event loop back.

A leaf over patience. Neither a cancel nor ``asyncio.timeout`` reaches a step
that never ends: both need the loop. On the main thread a signal reaches it,
and there also what waits in C (``time.sleep``, ``result()``). Elsewhere, and on
Windows, ``PyThreadState_SetAsyncExc`` does, between two lines of Python.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from collections.abc import Callable
from time import perf_counter
from types import FrameType
from typing import Any

from .patience import Patience

_LOOK_EVERY_S = 0.1
_AGAIN_AFTER_S = 0.5  # it may be caught by a bare `except:`, or the next step may be stuck too
_INTERRUPTED_S = 0.2  # a loop silent for so long will not see the Interrupt that has just come


class Stuck(BaseException):
    """Raised inside a step that held the loop too long; no ``except Exception`` catches it."""


class Watchdog:
    """Looks, from a thread of its own, whether the loop still beats.

    Attributes:
        barked: how often it had to end a step.
    """

    def __init__(self, is_students: Callable[[], bool], patience: Patience) -> None:
        """Make one for the loop of this thread.

        Args:
            is_students: whether what runs now, in the loop's thread, is the student's.
            patience: how long a single step may take.
        """
        self.barked = 0
        self._is_students, self._patience = is_students, patience
        self._beaten = perf_counter()
        self._ended = threading.Event()
        self._loop_thread = threading.get_ident()
        self._by_signal = (
            sys.platform != "win32" and threading.current_thread() is threading.main_thread()
        )

    def beat(self) -> None:
        """Tell it that the loop is going round."""
        self._beaten = perf_counter()

    def __enter__(self) -> Watchdog:
        if self._by_signal:
            self._before = signal.signal(signal.SIGUSR2, self._on_signal)
            self._interrupt: Any = signal.signal(signal.SIGINT, self._on_interrupt)
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self.beat()
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        if self._by_signal:
            signal.signal(signal.SIGINT, self._interrupt)
            signal.signal(signal.SIGUSR2, self._before)

    def _watch(self) -> None:
        pause_s = _LOOK_EVERY_S
        while not self._ended.wait(pause_s):
            pause_s = _LOOK_EVERY_S
            if self._patience.is_over(self._beaten):
                self._bark()
                pause_s = _AGAIN_AFTER_S

    def _bark(self) -> None:
        if self._by_signal:
            signal.pthread_kill(self._loop_thread, signal.SIGUSR2)
        else:
            self.barked += 1
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._loop_thread), ctypes.py_object(Stuck)
            )

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # The machine may have been asleep: then the loop is late, and nobody holds it.
        if self._is_students() and self._patience.is_over(self._beaten):
            self.barked += 1
            raise Stuck

    def _on_interrupt(self, number: int, frame: FrameType | None) -> None:
        """Do what the Interrupt button does, and end the step that keeps it from working."""
        if callable(self._interrupt):
            self._interrupt(number, frame)
        if self._is_students() and perf_counter() - self._beaten > _INTERRUPTED_S:
            raise Stuck
