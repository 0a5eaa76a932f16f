"""The student's own lane: each click in it, from its arrival to the loop's answer."""

from __future__ import annotations

from matplotlib.axes import Axes

from ..recording import Recording, counted, in_words
from . import palette
from .client import PERSON
from .frame import axes_for, axes_pt, lane_label, on_axis, prepare, recorded_s, styled, text_pt
from .rows import stacked
from .words import say

ROW_PT, LEAST_PT = 13.0, 36.0  # one row of clicks; two lines of words
MOST_ROWS = 4  # more clicks at a time than that share the last row
PERSON_PT = 11.0


def visits_pt(recording: Recording, until_s: float, width_pt: float) -> float:
    """Return the height the lane needs; 0.0 where nobody clicked."""
    if not recording.visits:
        return 0.0
    return max(LEAST_PT, ROW_PT * (1 + max(_rows(recording, until_s, width_pt))) + 6)


def plot_visits(
    recording: Recording, *, ax: Axes | None = None, until_s: float | None = None
) -> Axes:
    """Draw the student as the client: a person who arrives, and a line to the answer.

    An arrival is told by the browser's clock, set so that its fastest message
    took no time. Hidden: the way to the kernel and back, and who is who where
    more than four clicks wait at a time.

    Args:
        recording: a closed recording.
        ax: where to draw; axes in a new figure if None.
        until_s: where the time axis ends, in seconds.

    Returns:
        The axes; heights in points.
    """
    ax = axes_for(ax, recording, height_pt=LEAST_PT)
    until = prepare(ax, recording, until_s)
    width_pt, height_pt = axes_pt(ax)
    ax.set_ylim(0, height_pt)
    ax.set_yticks([])
    lane_label(ax, height_pt / 2, say("lane.you"))
    if not recording.visits:
        return ax
    rows = _rows(recording, until, width_pt)
    step = ROW_PT if max(rows) else height_pt
    for visit, row in zip(recording.visits, rows, strict=True):
        y = height_pt - (row + 0.5) * step
        line = ax.plot([visit.arrived_s, visit.answered_s], [y, y], color=palette.YOU)
        line[0].set(linewidth=2.2, zorder=7, gid="visit", clip_on=False)
        ax.plot(
            [visit.arrived_s],
            [y],
            marker=PERSON,
            markersize=PERSON_PT,
            markerfacecolor=palette.YOU,
            markeredgecolor=palette.PAPER,
            markeredgewidth=0.6,
            zorder=8,
            gid="arrives",
            clip_on=False,
        )
        if visit.waited_s / until * width_pt > PERSON_PT:  # else the person stands on it
            ax.plot([visit.answered_s] * 2, [y - 5, y + 5], color=palette.YOU, lw=2.2, zorder=7)
    end = max(recorded_s(recording), *(visit.answered_s for visit in recording.visits))
    _, end = on_axis(0.0, end, until)
    ax.annotate(
        visits_words(recording),
        (end, height_pt / 2),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        linespacing=1.1,
        annotation_clip=False,
        gid="visits",
        zorder=9,
        **styled(color=palette.YOU),
    )
    return ax


def visits_words(recording: Recording) -> str:
    """Return what stands behind the recording's end, in two lines; "" where nobody clicked."""
    if not recording.visits:
        return ""
    longest = in_words(max(visit.waited_s for visit in recording.visits))
    key = "visits.one" if len(recording.visits) == 1 else "visits.some"
    return say(key, times=counted(len(recording.visits), "time"), wait=longest)


def visits_room_pt(recording: Recording) -> float:
    """Return how wide these words are."""
    return text_pt(visits_words(recording), palette.BODY_PT) if recording.visits else 0.0


def _rows(recording: Recording, until_s: float, width_pt: float) -> list[int]:
    """Return the row of each visit, so that neither persons nor lines lie over one another."""
    least_s = (PERSON_PT + 2) / width_pt * until_s
    spans = [(v.arrived_s, max(v.answered_s, v.arrived_s) + least_s) for v in recording.visits]
    return [min(row, MOST_ROWS - 1) for row in stacked(spans)]
