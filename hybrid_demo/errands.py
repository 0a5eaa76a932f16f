"""An effect on a thread of its own, waited for by a program or awaited by a coroutine.

It imports what hears Interrupts. It exists because the loop's default executor is the
student's: what we do there would be made, counted and drawn as the student's own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

from .interrupts import offered_to, wake_by_signals

_POLL_S = 0.05
_PATIENCE_S = 5.0


class Errand(threading.Thread):
    """Work that is waited for to its end, come what may, so that it leaves nothing half done.

    Attributes:
        urgency: how often the waiting was interrupted; the work may look at it and hurry.
    """

    def __init__(self, work: Callable[[Errand], None], *, urgency: int = 0) -> None:
        super().__init__(name=f"errand {work.__name__.strip('_')}")
        self.urgency = urgency
        self._work = work
        self._begun = threading.Event()
        self._outcome: Future[None] = Future()
        self._outcome.set_running_or_notify_cancel()  # from now on nobody can cancel it

    def run(self) -> None:
        """Do the work and keep what came of it."""
        self._begun.set()
        try:
            self._work(self)
        except BaseException as error:
            self._outcome.set_exception(error)
        else:
            self._outcome.set_result(None)

    def wait(self) -> None:
        """Do it, and wait here for its end; an Interrupt makes it urgent, and is raised then."""
        interrupt: KeyboardInterrupt | None = None
        while True:
            try:
                if self.ident is None:
                    self.start()
                # Over and over, because Windows delivers no Ctrl-C to a wait without a limit.
                while not wait([self._outcome], timeout=_POLL_S).done:
                    pass
                break
            except KeyboardInterrupt as error:
                interrupt = error
                self.urgency += 1
                if not self._begun.wait(_PATIENCE_S):
                    raise  # it came so early that there is no thread to wait for
        self._finish(interrupt)

    async def awaited(self) -> None:
        """Do it, and await its end; a cancel makes it urgent, and is raised then."""
        cancel: asyncio.CancelledError | None = None
        wake_by_signals()
        self.start()
        outcome = asyncio.wrap_future(self._outcome)
        with offered_to(self._hurry):
            while not outcome.done():
                try:
                    await asyncio.wait([outcome])
                except asyncio.CancelledError as error:
                    cancel = error
                    self.urgency += 1
        outcome.exception()  # it counts as seen now, and is raised below
        self._finish(cancel)

    def _hurry(self) -> None:
        """Make it more urgent, once it is: the first Interrupt comes as a cancel, no other does."""
        if self.urgency:
            self.urgency += 1

    def _finish(self, interruption: BaseException | None) -> None:
        self.join()
        error = interruption or self._outcome.exception()
        try:
            if error is not None:
                raise error
        finally:
            # An exception and the frames it passed through would hold each other.
            del error, interruption, self._outcome
