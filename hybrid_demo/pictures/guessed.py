"""A guessed end: a line through its recording's panels, or an arrow to beyond the axis."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from . import palette
from .frame import styled, text_pt
from .lag import Mark
from .words import end_words_of, say

SHAFT_PT = 30.0  # length of the arrow


def draw_guessed_end(
    figure: Figure, crossed: Sequence[Axes], mark: Mark, bottom_pt: float, *, until_s: float
) -> None:
    """Draw a guessed end through the panels it crosses, its words on top.

    Args:
        figure: the picture, its size set.
        crossed: the panels of the guess's recording.
        mark: the guess.
        bottom_pt: where its words stand, from the top of the figure.
        until_s: where the time axis ends; a guess beyond is an arrow out of it.
    """
    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    box = crossed[0].get_position()
    if mark.value_s > until_s:
        _point_beyond(figure, mark, bottom_pt, tip=box.x1 * wide)
        return
    for ax in crossed:
        line = ax.axvline(mark.value_s, color=palette.GUESS, linewidth=1.8, zorder=5.5, gid="guess")
        line.set_linestyle((0, (4, 2)))
    half = text_pt(mark.words, palette.BODY_PT) / 2
    middle = (box.x0 + mark.value_s / until_s * box.width) * wide
    middle = min(max(middle, half + 16), wide - half - 16)
    _write(figure, mark.words, middle / wide, 1 - bottom_pt / high, ha="center")


def _point_beyond(figure: Figure, mark: Mark, bottom_pt: float, *, tip: float) -> None:
    """Point to where a guessed end lies that would make the axis too long."""
    wide, high = figure.get_figwidth() * 72, figure.get_figheight() * 72
    level = 1 - (bottom_pt - palette.BODY_PT * 0.55) / high
    arrow = FancyArrowPatch(
        ((tip - SHAFT_PT) / wide, level),
        (tip / wide, level),
        arrowstyle="-|>",
        mutation_scale=14,
        linewidth=1.8,
        color=palette.GUESS,
        shrinkA=0,
        shrinkB=0,
        transform=figure.transFigure,
        gid="guess beyond",
    )
    figure.add_artist(arrow)
    words = say("guess.beyond", words=mark.words, time=end_words_of(mark.value_s))
    _write(figure, words, (tip - SHAFT_PT - 6) / wide, 1 - bottom_pt / high, ha="right")


def _write(figure: Figure, words: str, x: float, y: float, *, ha: str) -> None:
    how = styled(palette.BODY_PT, color=palette.GUESS, style="italic", ha=ha)
    figure.text(x, y, words, va="bottom", gid="guess", **how)
