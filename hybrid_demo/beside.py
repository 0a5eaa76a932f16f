"""A command that runs beside the notebook, as in a terminal of its own, until its block is left.

It imports nothing of this package but errands, guarded processes, and how input is checked.
"""

from __future__ import annotations

import contextlib
import shlex
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from .errands import Errand
from .given import seconds_up_to, shown
from .guarded import end_all, has_ended, start

_MOST_S = 300.0
_POLL_S = 0.05
_LAST_LINES = 5


def beside(command: str, *, until: str, limit_s: float = 120.0) -> AbstractAsyncContextManager[str]:
    """Run a command beside this notebook, from the moment it says `until` to the block's end.

    ::

        async with beside("dask scheduler --host 127.0.0.1", until="Scheduler at:") as address:
            ...

    It does not hear the Interrupt button, and ends with the block, or with this
    process, however that ends; so does whatever it started. The event loop
    stays free meanwhile.

    Args:
        command: as in a terminal; its first word is a module that ``python -m`` can run.
        until: words that it prints when it is ready.
        limit_s: seconds that it may take to say them; above 0, at most 300.

    Returns:
        What ``async with`` turns into the rest of the line that has these words.
        Entering raises RuntimeError if the command ends without them, and
        TimeoutError if they do not come in time.

    Raises:
        TypeError: a text is no string, or `limit_s` no number.
        ValueError: a text is empty, or `limit_s` out of range.
    """
    for name, given in (("command", command), ("until", until)):
        if not isinstance(given, str):
            raise TypeError(f"{name} is {shown(given)}; expected text, such as 'dask scheduler'")
        if not given.strip():
            raise ValueError(
                f"{name} is {shown(given)}; expected some words, such as 'dask scheduler'"
            )
    advice = "give the seconds that it may take to be ready, for example 120"
    seconds = seconds_up_to(_MOST_S, limit_s, "limit_s", advice)
    return _running(_Command(command, until, seconds))


@contextlib.asynccontextmanager
async def _running(command: _Command) -> AsyncIterator[str]:
    try:
        await Errand(command.start).awaited()
        yield command.said
    finally:
        await Errand(command.end).awaited()


class _Command:
    """A command, what it said when it was ready, and its end."""

    def __init__(self, command: str, until: str, limit_s: float) -> None:
        self.said = ""
        self._command, self._until, self._limit_s = command, until, limit_s
        self._held = contextlib.ExitStack()

    def start(self, errand: Errand) -> None:
        """Start it, and wait for its word."""
        latest = time.perf_counter() + self._limit_s
        # Read by its name: a file that both have open has one position, and reading it would move
        # where the command writes. (On Windows a scanner may still have it open in the end.)
        folder = tempfile.TemporaryDirectory(prefix="hybrid-demo-", ignore_cleanup_errors=True)
        said = Path(self._held.enter_context(folder), "said")
        output = self._held.enter_context(said.open("wb"))
        words = [sys.executable, "-m", *shlex.split(self._command)]
        guard = self._held.enter_context(start(words, stdout=output, stderr=output))
        self._held.callback(end_all, guard)
        while not errand.urgency:
            ended = has_ended(guard)
            # What stands behind the last end of a line may be half a line still.
            lines = said.read_text(encoding="utf-8", errors="replace").split("\n")
            for line in lines if ended else lines[:-1]:
                _, found, after = line.partition(self._until)
                if found:
                    self.said = after.strip()
                    return
            if ended:
                raise RuntimeError(self._missing("it has ended", lines))
            if time.perf_counter() > latest:
                raise TimeoutError(self._missing(f"{self._limit_s:g} s are over", lines))
            time.sleep(_POLL_S)

    def end(self, errand: Errand) -> None:
        """End it, and all that it started."""
        self._held.close()

    def _missing(self, why: str, lines: list[str]) -> str:
        said = [line for line in lines if line.strip()]
        last = "\n".join(said[-_LAST_LINES:]) or "nothing at all"
        return (
            f"`{self._command}` was to say {self._until!r}, and {why}. Try it in a terminal, as "
            f"`python -m {self._command}`. The last that it said:\n{last}"
        )
