"""The headline in its lines, each measured figure in the colour of what it measures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from . import palette
from .frame import broken, styled, text_pt

COLOURS = {"wait": palette.LAG, "queue": palette.QUEUE, "flight": palette.IN_FLIGHT}

Part = tuple[float, str, dict[str, Any]]  # points from the line's start, text, its properties


def coloured(
    headline: str, figures: Sequence[tuple[str, str]], width_pt: float
) -> list[list[Part]]:
    """Return the lines of a headline, each as the parts it is written in.

    Args:
        headline: the sentence.
        figures: (figure, what it measures), in the order in which they stand in it.
        width_pt: how wide a line may be.
    """
    size, waiting = palette.HEADLINE_PT, list(figures)
    lines = []
    for line in broken(headline, width_pt, size, bold=True):
        pieces: list[tuple[str, str]] = []
        rest = line
        while waiting:
            found = re.search(rf"(?<!\w){re.escape(waiting[0][0])}(?!\w)", rest)
            if found is None:
                break
            pieces.append((rest[: found.start()], palette.INK))
            pieces.append((found[0], COLOURS[waiting.pop(0)[1]]))
            rest = rest[found.end() :]
        pieces.append((rest, palette.INK))
        lines.append(_placed(pieces, size))
    return lines


def _advance_pt(text: str, size: float) -> float:
    """Return where the next letter stands: the width of `text` with the spaces at its end."""
    return text_pt(f"{text}|", size, bold=True) - text_pt("|", size, bold=True)


def _placed(pieces: Sequence[tuple[str, str]], size: float) -> list[Part]:
    """Return the pieces of a line side by side."""
    left = 0.0
    parts: list[Part] = []
    for text, colour in pieces:
        lead = text[: len(text) - len(text.lstrip())]
        if text.strip():
            how = styled(size, weight="bold", gid="headline", color=colour)
            parts.append((left + _advance_pt(lead, size), text.strip(), how))
        left += _advance_pt(text, size)
    return parts
