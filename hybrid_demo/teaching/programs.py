"""`run_program`: a program of the student's beside the notebook, with a limit, and no orphan.

For what must not happen in the kernel's own process: forking where there are
many threads, breaking what the session needs, a program with a beginning and
an end of its own. It imports nothing of this package but errands, guarded
processes and what shows itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
from html import escape
from pathlib import Path
from typing import IO, Any

from ..errands import Errand
from ..given import is_text, seconds_up_to, shown
from ..guarded import end_all, has_ended, start
from ..recording import in_words
from .shown import ShowsItself, boxed

_MOST_S = 120.0
# Bytes. Windows takes 32767 characters in a command, of which a quotation mark counts as two, and
# the guard's own source is in it too; Linux takes 131072 bytes.
_MOST_SOURCE = 24_000
_POLL_S = 0.02
_LONGEST = 20_000  # characters shown of what it printed


class ProgramRun(ShowsItself):
    """What a program said, and how it ended.

    Attributes:
        printed: what it wrote to its standard output.
        complaints: what it, and whatever it started, wrote to standard error.
        status: its exit status; None if it was stopped.
        took_s: seconds it ran.
    """

    def __init__(self) -> None:
        self.printed = ""
        self.complaints = ""
        self.status: int | None = None
        self.took_s = 0.0

    @property
    def stopped(self) -> bool:
        """Whether it was still running at its limit, and was stopped then."""
        return self.status is None

    def __repr__(self) -> str:
        """Read aloud: what it printed, how it ended, and its last complaint."""
        told = self.printed.rstrip("\n")[:_LONGEST]
        last = self._last_complaint()
        said = "; its last words on standard error: " + last if last else ""
        return f"{told}\n<{self._ending()}{said}>" if told else f"<{self._ending()}{said}>"

    def _ending(self) -> str:
        after = f"after {in_words(self.took_s)}"
        if self.status is None:
            return f"the program was still running {after}, and was stopped"
        return f"the program ended with status {self.status}, {after}"

    def _last_complaint(self) -> str:
        lines = [line for line in self.complaints.splitlines() if line.strip()]
        errors = [
            line for line in lines if line[0].isalpha() and ("Error" in line or "Broken" in line)
        ]
        return (errors or lines or [""])[-1].strip()

    def _bundle(self) -> dict[str, Any]:
        colour = "#228833" if self.status == 0 else "#ee6677"
        parts = []
        if self.printed.strip():
            parts.append(f"<pre style='margin: 0'>{escape(self.printed.rstrip()[:_LONGEST])}</pre>")
        ending = escape(self._ending())
        last = self._last_complaint()
        if last:
            ending += f"; its last words on standard error: <code>{escape(last)}</code>"
        parts.append(f"<i>{ending}</i>")
        if self.complaints.strip() and self.complaints.strip() != last:
            parts.append(
                "<details><summary>all that stands on standard error</summary>"
                f"<pre style='margin: 0'>{escape(self.complaints[:_LONGEST])}</pre></details>"
            )
        html = boxed(parts, colour).replace("</pre><br>", "</pre>")
        return {"text/html": html, "text/plain": repr(self)}


async def run_program(program: str | Path, *, limit_s: float = 30.0) -> ProgramRun:
    """Run a program in a process of its own, and show what it printed and how it ended.

    Whatever it started ends with it, at the latest when its time is up, when the
    cell is interrupted, or when the kernel ends. The event loop stays free.

    Args:
        program: its source, run as a notebook's cell is: with no file that a
            worker could import; or the ``Path`` of its file.
        limit_s: seconds after which it is stopped; above 0, at most 120.

    Returns:
        What it said, and how it ended. A notebook shows it at once.

    Raises:
        TypeError: `program` is neither text nor a path, or `limit_s` is no number.
        ValueError: `limit_s` is out of range, or the source empty, too long, or no text.
        FileNotFoundError: there is no such file.
    """
    words = _words(program)
    advice = "give the seconds after which to stop it, such as 20"
    most_s = seconds_up_to(_MOST_S, limit_s, "limit_s", advice)
    run = ProgramRun()

    def run_to_its_end(errand: Errand) -> None:
        _run(run, words, most_s, errand)

    await Errand(run_to_its_end).awaited()
    run.show()
    return run


def _words(program: object) -> list[str]:
    if isinstance(program, Path):
        if not program.is_file():
            raise FileNotFoundError(
                f"program is {str(program)!r}, and there is no such file; write it first, with "
                f"`%%writefile {program.name}` as a cell's first line"
            )
        return [sys.executable, str(program)]
    if not isinstance(program, str):
        raise TypeError(
            f"program is {shown(program)}; expected its source as text, or the Path of its file"
        )
    if "\0" in program or not is_text(program):
        raise ValueError(
            f"program is {shown(program)}; expected text that Python can read, and in this there "
            "is a zero byte or half a character"
        )
    if len(program.encode("utf-8")) > _MOST_SOURCE:
        raise ValueError(
            f"program has {len(program)} characters, more than can be handed to Python as they "
            "are; write it to a file, and give its Path"
        )
    if not program.strip():
        raise ValueError(f"program is {program!r}; expected some lines of Python")
    return [sys.executable, "-c", program]


def _run(run: ProgramRun, words: list[str], limit_s: float, errand: Errand) -> None:
    """Run it until it ends, its time is up, or somebody is in a hurry; then end all it started."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with start(words, stdout=out, stderr=err) as guard:
            try:
                while not (ended := has_ended(guard)):
                    if errand.urgency or time.perf_counter() - begun > limit_s:
                        break
                    time.sleep(_POLL_S)
                run.took_s = time.perf_counter() - begun
            finally:
                end_all(guard)
        run.status = guard.returncode if ended else None
        run.printed, run.complaints = _text_of(out), _text_of(err)


def _text_of(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="replace").replace("\r\n", "\n")
