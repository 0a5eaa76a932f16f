"""An error of the student's code, as far as it is the student's.

Imports only how a lesson speaks.
"""

from __future__ import annotations

import traceback
from html import escape

from ..teaching.mistakes import named
from ..teaching.shown import boxed


def shown_error(error: BaseException) -> str:
    """Return HTML for an error: its name and words, and the student's own lines that led to it."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if _is_the_students(frame)
    ]
    lines = [f"<b>✗ {escape(named(error))}</b>".replace("\n", "<br>")]
    for frame in frames:
        place = f"in {frame.name}, line {frame.lineno} of its cell"
        if frame.name == "<module>":
            place = f"line {frame.lineno} of its cell"
        lines.append(f"{escape(place)}: <code>{escape(frame.line or '')}</code>")
    return boxed(lines, "#ee6677")


def _is_the_students(frame: traceback.FrameSummary) -> bool:
    """Whether a frame is of a cell, and not of a library or of ours."""
    return "ipykernel_" in frame.filename or frame.filename.startswith("<")
