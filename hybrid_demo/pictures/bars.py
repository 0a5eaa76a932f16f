"""The words within bars, alike for holds and jobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from . import palette
from .frame import elided, fitting, styled
from .palette import Look

MOST_NAMED = 400  # bars; more of them are too narrow for words anyway


@dataclass(frozen=True, slots=True)
class Label:
    """How a bar may be called, the longest form first, and where there is how much room."""

    forms: tuple[str, ...]
    look: Look
    x: float
    y: float
    room_pt: float


def write_all(ax: Axes, labels: Sequence[Label], *, size_pt: float = palette.BAR_PT) -> int:
    """Write into each bar the longest form that fits, and return how many were written.

    All are called alike: by their numbers, if "job 3" is too long for more than
    a quarter of them, and not at all if most have no room even for a number.
    Over a hatch the words get a plate of the bar's own fill, so that what lies
    behind them is one colour.
    """
    if len(labels) > MOST_NAMED:
        return 0
    fits = [
        fitting(label.forms, label.room_pt - 5, size_pt)
        or elided(label.forms[0], label.room_pt - 5, size_pt)
        for label in labels
    ]
    numbers = sum(text.isdigit() for text in fits)
    if sum(map(bool, fits)) < len(labels) / 2:
        fits = ["" if text.isdigit() else text for text in fits]
    elif numbers > len(labels) / 4:
        fits = [label.forms[-1] if text else "" for label, text in zip(labels, fits, strict=True)]
    written = 0
    for label, text in zip(labels, fits, strict=True):
        if not text:
            continue
        look = label.look
        plate = {"facecolor": look.fill, "edgecolor": "none", "boxstyle": "square,pad=0.12"}
        ax.text(
            label.x,
            label.y,
            text,
            ha="center",
            va="center_baseline",
            clip_on=True,
            zorder=6,
            gid="name",
            bbox=plate if look.hatch else None,
            **styled(size_pt, color=look.ink),
        )
        written += 1
    return written
