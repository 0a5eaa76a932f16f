"""The student as the client: a button that is a request, and what each click waited for the loop.

While the loop is held, nothing on it can tell that a click has come: its message
waits at the door. But it was dated when it was sent. The browser's clock is not
ours, so it is set by the messages themselves: none can have come before it was
sent, and the fastest one of late is taken to have needed no time. A click thus
*arrives* when it stands at the door of this process, and is *answered* when the
loop runs its answer. Both count in ``perf_counter`` seconds, as recordings do.

Imports nothing of this package but the recording.
"""

from __future__ import annotations

import asyncio
import contextlib
from time import perf_counter
from typing import Any, NamedTuple

import ipywidgets  # type: ignore[import-untyped]

from ..recording import Recording, Visit, counted, in_words

# Side by side, and one below the other where the window is narrow or its zoom large.
IN_A_ROW = {"align_items": "center", "flex_flow": "row wrap"}
_HEARD_FOR_S = 120.0  # two clocks drift apart; of an older message nothing follows any more
_LATE_S = 0.05  # a loop that was never later than that has answered all who came
_PATIENCE_S = 0.1  # for a click that came while the loop was held, and has still to be read


class Click(NamedTuple):
    """One click: its date in the browser's seconds, and when the loop answered it in ours."""

    sent: float
    answered: float


class Client:
    """A button that is a request, and beside it how long the last one waited.

    Attributes:
        widget: what is shown.
        clicks: those of this run, by their answers.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.clicks: list[Click] = []
        self._loop = loop
        self._heard: list[tuple[float, float]] = []  # when, and how far our clock was ahead
        self._button = ipywidgets.Button(
            description="Be a client",
            tooltip="Each click is a request: the loop answers it as soon as it can",
            layout={"width": "9em"},
        )
        self._answer = ipywidgets.HTML()
        self._say("click while it runs, and see when the loop answers you")
        self.widget = ipywidgets.HBox([self._button, self._answer], layout=IN_A_ROW)
        self._button.on_click(lambda _: self._clicked())

    def begin(self) -> None:
        """Forget the clicks of the run before."""
        self.clicks.clear()

    def hear(self) -> float | None:
        """Set the browser's clock by the message that is being handled; return its date, if any."""
        sent, now = sent_by_browser(), perf_counter()
        if sent is not None:
            self._heard = [each for each in self._heard if each[0] > now - _HEARD_FOR_S]
            self._heard.append((now, now - sent))
        return sent

    async def seen_in(self, recording: Recording, start: float) -> Recording:
        """Return the recording with the clicks that arrived while it was made.

        If the loop was held, it first lets those be read who came meanwhile.

        Args:
            recording: a closed recording.
            start: the ``perf_counter`` seconds from which it counts.
        """
        if recording.lag.max_s >= _LATE_S:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(_PATIENCE_S)
        ahead = min((each for _, each in self._heard), default=0.0)
        visits = [
            Visit(
                arrived_s=min(click.sent + ahead, click.answered) - start,
                answered_s=click.answered - start,
            )
            for click in self.clicks
        ]
        inside = [visit for visit in visits if 0 <= visit.arrived_s <= recording.duration_s]
        return recording.with_visits(inside)

    def _clicked(self) -> None:
        sent = self.hear()
        # On whichever thread this is: the answer is the loop's.
        self._loop.call_soon_threadsafe(self._answered, sent)

    def _answered(self, sent: float | None) -> None:
        answered = perf_counter()
        if sent is None:  # no browser sent it, or one that writes no dates
            self._say("answered")
            return
        self.clicks.append(Click(sent, answered))
        waited = answered - sent - min(each for _, each in self._heard)
        number = counted(len(self.clicks), "request")
        self._say(f"{number} answered, the last after {in_words(max(0.0, waited))}")

    def _say(self, words: str) -> None:
        self._answer.value = f'<span role="status">{words}</span>'


def sent_by_browser() -> float | None:
    """Return the date of the click that is being handled, in seconds of the browser's clock.

    None outside a notebook, and where no click is being handled.
    """
    with contextlib.suppress(Exception):
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        header = shell.kernel.get_parent("shell")["header"]
        if header["msg_type"] == "comm_msg":
            return float(header["date"].timestamp())
    return None
