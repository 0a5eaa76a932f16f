"""Bars and the words within them, alike for holds and jobs."""

from __future__ import annotations

from matplotlib.axes import Axes

from . import palette
from .frame import fitting, styled
from .palette import Look


def write_in(
    ax: Axes,
    forms: tuple[str, ...],
    look: Look,
    *,
    x: float,
    y: float,
    room_pt: float,
    size_pt: float = palette.SMALL_PT,
) -> bool:
    """Write into a bar the longest of the forms that fits; return whether any did.

    Over a hatch the words get a plate of the bar's own fill, so that what lies
    behind them is one colour.
    """
    text = fitting(forms, room_pt - 8, size_pt)
    if not text:
        return False
    plate = (
        {"facecolor": look.fill, "edgecolor": "none", "pad": 1.5, "boxstyle": "square,pad=0.12"}
        if look.hatch
        else None
    )
    if plate:
        plate.pop("pad")
    ax.text(
        x,
        y,
        text,
        ha="center",
        va="center_baseline",
        clip_on=True,
        zorder=6,
        gid="name",
        bbox=plate,
        **styled(size_pt, color=look.ink),
    )
    return True
