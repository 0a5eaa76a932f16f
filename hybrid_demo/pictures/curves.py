"""What the pictures of plain figures share: words above their panels, quiet axes, named lines.

No recording is known here. Each picture says what its axes measure itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes

from . import palette
from .frame import broken, styled
from .picture import WIDTH_IN, Picture

MARGIN_PT, BELOW_PT = 16.0, 46.0
LINE = 1.28  # line height, in type sizes


class Look(NamedTuple):
    """How a line is drawn: never by its colour alone.

    Attributes:
        colour: of line, markers and name.
        marker: matplotlib's name for it; "" for none.
        line: matplotlib's style of the line.
    """

    colour: str
    marker: str
    line: Any


def with_words(
    headline: str,
    panels_in: Sequence[float],
    *,
    left_in: float,
    right_in: float,
    remark: str = "",
    key_pt: float = 0.0,
    above_pt: float,
) -> Picture:
    """Return a picture with its words on top, and empty panels below.

    Args:
        headline: in bold, broken into lines where it is long; "" for none.
        panels_in: the panels' heights in inches, the highest first.
        left_in: inches left of them.
        right_in: inches right of them.
        remark: in plain type below the headline.
        key_pt: points left free between words and panels.
        above_pt: points left free above each panel.
    """
    width_pt = WIDTH_IN * 72 - 2 * MARGIN_PT
    bold = broken(headline, width_pt, palette.HEADLINE_PT, bold=True) if headline else []
    plain = broken(remark, width_pt, palette.TITLE_PT) if remark else []
    words = [(line, palette.HEADLINE_PT, "bold", "headline") for line in bold]
    words += [(line, palette.TITLE_PT, "normal", "remark") for line in plain]
    words_pt = LINE * sum(size for _, size, *_ in words)
    taken_pt = MARGIN_PT + words_pt + key_pt
    height_pt = taken_pt + sum(above_pt + inches * 72 for inches in panels_in) + BELOW_PT
    picture = Picture.made(height_pt / 72)
    left, width = left_in / WIDTH_IN, 1 - (left_in + right_in) / WIDTH_IN
    for inches in panels_in:
        taken_pt += above_pt + inches * 72
        picture.add_axes((left, 1 - taken_pt / height_pt, width, inches * 72 / height_pt))
    down_pt = MARGIN_PT
    for text, size, weight, gid in words:
        level = 1 - down_pt / height_pt
        how = styled(size, weight=weight, va="top", gid=gid)
        picture.text(MARGIN_PT / (WIDTH_IN * 72), level, text, **how)
        down_pt += LINE * size
    return picture


def quiet(ax: Axes) -> None:
    """Take away what a panel does not need: its frame, its ticks; leave a grid behind the lines."""
    ax.set_facecolor("none")
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(axis="both", length=0, pad=5, labelsize=palette.SMALL_PT)
    ax.tick_params(axis="both", labelfontfamily=palette.FONT, labelcolor=palette.SOFT_INK)
    ax.grid(visible=True, color=palette.GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def named(
    ax: Axes,
    words: str,
    look: Look,
    *,
    across: tuple[float, float, float],
    level: float,
    size_pt: float,
    width_pt: float,
) -> None:
    """Write a line's name in its colour beside a piece of it, inside the panel or around it.

    Args:
        ax: the panel.
        words: the name.
        look: the line's.
        across: where the piece begins, where it ends, and where the name begins, as parts
            of the panel's width.
        level: how high they stand, as a part of the panel's height.
        size_pt: of the marker.
        width_pt: of the line.
    """
    begin, end, name = across
    (piece,) = ax.plot([begin, end], [level, level], color=look.colour, marker=look.marker)
    piece.set(transform=ax.transAxes, clip_on=False, gid="sample")
    piece.set(linestyle=look.line, linewidth=width_pt, markersize=size_pt)
    ax.annotate(
        words,
        (name, level),
        xycoords="axes fraction",
        va="center",
        annotation_clip=False,
        gid="name",
        **styled(color=look.colour, weight="bold"),
    )
