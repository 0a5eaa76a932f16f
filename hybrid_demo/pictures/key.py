"""The key: one small line that names each kind of mark the picture uses."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from ..recording import Recording
from . import palette
from .client import PERSON
from .frame import styled, text_pt
from .palette import LOOKS
from .rows import Lanes
from .words import say

SWATCH_PT, LINE_PT, INDENT_PT, BETWEEN_PT = 20.0, 18.0, 16.0, 16.0


def key_of(recordings: Sequence[Recording], arranged: Sequence[Lanes]) -> list[tuple[str, str]]:
    """Return (kind, words) of what is drawn in these recordings, each once."""
    kinds: dict[str, None] = {}
    for recording in recordings:
        kinds |= dict.fromkeys(str(hold.cause) for hold in recording.holds)
    if any(recording.lag.samples for recording in recordings):
        kinds["beat"] = None
    if any(recording.visits for recording in recordings):
        kinds["visit"] = None
    for recording, lanes in zip(recordings, arranged, strict=True):
        kinds |= dict.fromkeys(sorted({bar.kind for bar in lanes.bars}))
        if lanes.waiting is not None:
            kinds[f"{recording.jobs[0].executor} queued"] = None
        if any(bar.late_s is not None for bar in lanes.bars):
            kinds["late"] = None
    entries: dict[str, str] = {}
    for kind in kinds:
        words = say(f"key.{kind.split()[-1] if kind.endswith(('queued', 'pending')) else kind}")
        entries.setdefault(words, kind)
    return [(kind, words) for words, kind in entries.items()]


def draw_key(
    figure: Figure | None, entries: Sequence[tuple[str, str]], width_pt: float, top_pt: float
) -> int:
    """Draw the key from `top_pt` down, if there is a figure; return how many lines it takes."""
    left, line = 0.0, 0
    for kind, words in entries:
        long = SWATCH_PT + 6 + text_pt(words, palette.SMALL_PT) + BETWEEN_PT
        if left and left + long - BETWEEN_PT > width_pt:
            left, line = 0.0, line + 1
        if figure is not None:
            _draw_entry(figure, kind, words, INDENT_PT + left, top_pt + line * LINE_PT)
        left += long
    return line + 1 if entries else 0


def _draw_entry(figure: Figure, kind: str, words: str, left: float, top: float) -> None:
    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    x, y = left / wide, 1 - (top + 12) / high
    if kind == "visit":
        person = Line2D([x, x + SWATCH_PT / wide], [y + 5 / high] * 2, color=palette.YOU)
        person.set(linewidth=2.2, marker=PERSON, markersize=11, markevery=[0])
        figure.add_artist(person)
    elif kind in ("beat", "late"):
        for at in (0.2, 0.5, 0.8) if kind == "beat" else ():
            across = x + at * SWATCH_PT / wide
            figure.add_artist(
                Line2D([across] * 2, [y, y + 11 / high], color=palette.BEAT, linewidth=1.0)
            )
        if kind == "late":
            figure.add_artist(
                Line2D(
                    [x, x + 0.75 * SWATCH_PT / wide],
                    [y + 5 / high] * 2,
                    color=palette.INK,
                    linewidth=1.4,
                    linestyle=(0, (1, 1.2)),
                    marker="D",
                    markevery=[1],
                    markersize=6,
                    markerfacecolor=palette.PAPER,
                )
            )
    else:
        look = LOOKS[kind]
        figure.add_artist(
            Rectangle(
                (x, y),
                SWATCH_PT / wide,
                11 / high,
                facecolor=look.fill,
                edgecolor=look.edge,
                linewidth=look.line_pt,
                hatch=look.hatch or None,
            )
        )
    figure.text(
        x + (SWATCH_PT + 6) / wide,
        y + 5.5 / high,
        words,
        va="center_baseline",
        **styled(palette.SMALL_PT, color=palette.SOFT_INK),
    )
