"""`mistake`: code that is expected to go wrong, run in safety, and what came of it.

It imports nothing of this package but what shows itself, speaks of time, or says a value back. It
catches what a student would meet as a traceback, and nothing else: an Interrupt
and a cancel pass, and what would wait for ever is ended.
"""

from __future__ import annotations

import asyncio
import time
from html import escape
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, Protocol

from ..given import seconds_up_to, shown
from ..recording import in_words
from .shown import ShowsItself, boxed

_LONGEST = 600  # characters of an error's own text
_MOST_S = 60.0


class Guess(Protocol):
    """What ``predict`` returned, as far as a mistake is concerned."""

    def answer_below(self) -> None:
        """Answer the guess below what the cell shows."""


class Mistake(ShowsItself):
    """What came of code that was expected to go wrong.

    Attributes:
        error: the exception it raised, without its traceback; None if it raised none.
        stopped: whether it was still waiting at its limit, and was stopped then.
        took_s: seconds from its first line to its end.
    """

    def __init__(self, limit_s: float, guess: Guess | None) -> None:
        self.error: Exception | None = None
        self.stopped = False
        self.took_s = 0.0
        self._limit_s = limit_s
        self._guess = guess
        self._line = ""

    async def __aenter__(self) -> Mistake:
        self._begun = time.perf_counter()
        self._limit = asyncio.timeout(self._limit_s)
        await self._limit.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self.took_s = time.perf_counter() - self._begun
        try:
            await self._limit.__aexit__(kind, error, trace)
        except TimeoutError:
            self.stopped = True
        if error is not None and not self.stopped:
            if not isinstance(error, Exception):
                return False
            self._line = _line_of(trace)
            # Frames would keep alive whatever the student's code had in hand.
            self.error = error.with_traceback(None)
        self.show()
        if self._guess is not None:
            self._guess.answer_below()
        return True

    def __repr__(self) -> str:
        """Read aloud as one line."""
        where = f" (in `{self._line}`)" if self._line else ""
        return f"<Mistake: {self._headline()}{where}>"

    def _headline(self) -> str:
        after = f"after {in_words(self.took_s)}"
        if self.stopped:
            return f"still waiting {after}; nothing would have ended it, so it was stopped here"
        if self.error is None:
            return f"no error at all, {after}: Python has nothing to complain of"
        return f"{named(self.error)}, {after}"

    def _bundle(self) -> dict[str, Any]:
        sign, colour = "✗", "#ee6677"
        if self.error is None:
            sign, colour = ("◷", "#ccbb44") if self.stopped else ("○", "#bbbbbb")
        lines = [f"<b>{sign} {escape(self._headline())}</b>".replace("\n", "<br>")]
        if self._line:
            lines.append(f"in the line <code>{escape(self._line)}</code>")
        return {"text/html": boxed(lines, colour), "text/plain": repr(self)}


def mistake(*, limit_s: float = 10.0, guess: Guess | None = None) -> Mistake:
    """Run code that is expected to go wrong, show what came of it, and go on.

    An async context manager. ``as`` binds what came of it: its ``error``, or
    that there was none, which may be the real mistake; or that it was
    ``stopped``, still waiting. What was shown is what Python said, in the words
    of the Python that runs here.

    Args:
        limit_s: seconds after which what still waits is cancelled; above 0, at most
            60. Code that computes on the loop cannot be stopped by it.
        guess: what ``predict`` returned; answered below.

    Raises:
        TypeError: `limit_s` is no number, or `guess` cannot be answered.
        ValueError: `limit_s` is out of range.
    """
    advice = "give the seconds after which to stop it, for example mistake(limit_s=5)"
    number = seconds_up_to(_MOST_S, limit_s, "limit_s", advice)
    if guess is not None and not callable(getattr(guess, "answer_below", None)):
        raise TypeError(f"guess is {shown(guess)}; expected what `predict(...)` returned")
    return Mistake(number, guess)


def named(error: BaseException) -> str:
    """Return an exception as Python's last line of a traceback has it, those in a group below."""
    text = str(error)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
    told = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        told += "".join(f"\n└ {named(each)}" for each in error.exceptions)
    return told


def _line_of(trace: TracebackType | None) -> str:
    """Return the student's own line that raised: the last one that is no library's."""
    ours = Path(__file__).parents[1]
    lines = [
        frame.line
        for frame in extract_tb(trace)
        if frame.line and (frame.filename.startswith("<") or "ipykernel_" in frame.filename)
        if ours not in Path(frame.filename).parents
    ]
    return lines[-1].strip() if lines else ""
