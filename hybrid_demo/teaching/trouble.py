"""An error of the student's code, as far as it is the student's: explorers and exercises show it.

Imports only how a lesson speaks.
"""

from __future__ import annotations

import functools
import sysconfig
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from types import FrameType

from .mistakes import named
from .shown import boxed

_LIBRARIES = ("stdlib", "platstdlib", "purelib", "platlib")


@dataclass(frozen=True, slots=True)
class StudentLine:
    """A line of the student's code.

    Attributes:
        place: where it stands, ``"handle_request, line 3 of its cell"``.
        text: the line itself.
    """

    place: str
    text: str


def lines_of(where: BaseException | tuple[FrameType, int]) -> tuple[StudentLine, ...]:
    """Return the student's own lines that led to an error, or in which a frame is.

    Args:
        where: an error with its traceback; or a frame and the number of its line.
    """
    if isinstance(where, BaseException):
        frames: Iterable[traceback.FrameSummary] = traceback.extract_tb(where.__traceback__)
    else:
        frames = traceback.StackSummary.extract(iter([where]))
    return tuple(
        StudentLine(_place(frame), frame.line or "")
        for frame in frames
        if is_the_students(frame.filename)
    )


def shown_error(error: BaseException) -> str:
    """Return HTML for an error: its name and words, and the student's own lines that led to it."""
    lines = [f"<b>✗ {escape(named(error))}</b>".replace("\n", "<br>")]
    lines += [f"{escape(line.place)}: <code>{escape(line.text)}</code>" for line in lines_of(error)]
    return boxed(lines, "#ee6677")


@functools.lru_cache
def is_the_students(filename: str) -> bool:
    """Whether a file is a cell, or a module somebody wrote here, and not a library's or ours."""
    if "ipykernel_" in filename or filename.startswith("<"):
        return not filename.startswith("<frozen ")
    parents = Path(filename).resolve().parents
    theirs = [Path(sysconfig.get_path(name)).resolve() for name in _LIBRARIES]
    return not any(folder in parents for folder in [*theirs, Path(__file__).resolve().parents[1]])


def _place(frame: traceback.FrameSummary) -> str:
    in_cell = "ipykernel_" in frame.filename or frame.filename.startswith("<")
    line = f"line {frame.lineno} of {'its cell' if in_cell else Path(frame.filename).name}"
    return line if frame.name == "<module>" else f"in {frame.name}, {line}"
