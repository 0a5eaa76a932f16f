"""The event loop's lane: who held it, and its heartbeats while it was free."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from ..recording import Hold, Recording
from . import palette
from .bars import Label, write_all
from .frame import axes_for, axes_pt, lane_label, mark_end, on_axis, prepare, recorded_s
from .naming import callable_names
from .palette import LOOKS
from .thin import COLUMNS, spaced
from .words import say

LOOP_PT = 32.0


def plot_loop(
    recording: Recording, *, ax: Axes | None = None, until_s: float | None = None
) -> Axes:
    """Draw what held the event loop, and a tick for each heartbeat it served.

    Hidden: callbacks shorter than the watch's ``hold_s``, holds narrower than a
    pixel next to a longer one, and heartbeats closer than a tick can be drawn.

    Args:
        recording: a closed recording.
        ax: where to draw; axes in a new figure if None.
        until_s: where the time axis ends, in seconds.

    Returns:
        The axes; the lane reaches from 0 to 1.
    """
    ax = axes_for(ax, recording, height_pt=LOOP_PT)
    until = prepare(ax, recording, until_s)
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    ax.broken_barh([(0, recorded_s(recording))], (0, 1), facecolors=palette.LANE, zorder=1)
    _draw_beats(ax, recording, until)
    for cause in ("computing", "not running"):
        look = LOOKS[cause]
        spans = _merged([h for h in recording.holds if h.cause == cause], until)
        if spans:
            bars = ax.broken_barh(
                spans,
                (0, 1),
                facecolors=look.fill,
                edgecolors=look.edge,
                linewidth=look.line_pt,
                hatch=look.hatch,
                zorder=4,
            )
            bars.set_gid(cause)
    _name_holds(ax, recording, until)
    lane_label(ax, 0.5, say("lane.loop"))
    mark_end(ax, recording, 0.5)
    return ax


def _draw_beats(ax: Axes, recording: Recording, until: float) -> None:
    width_pt, _ = axes_pt(ax)
    served = np.sort([s.deadline_s + s.late_s for s in recording.lag.samples])
    served = served[served <= recorded_s(recording)]
    beats = spaced(served, 6 / width_pt * until)
    ax.vlines(beats, 0.3, 0.7, color=palette.BEAT, linewidth=1.0, zorder=2, gid="beat")


def _merged(holds: list[Hold], until: float) -> list[tuple[float, float]]:
    """Return (start, length) of each hold; when very many, neighbours in a pixel as one."""
    spans = sorted((hold.start_s, hold.stop_s) for hold in holds)
    if len(spans) > COLUMNS:
        joined: list[tuple[float, float]] = []
        for start, stop in spans:
            if joined and start - joined[-1][1] < until / COLUMNS:
                joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
            else:
                joined.append((start, stop))
        spans = joined
    return [(start, stop - start) for start, stop in spans]


def _name_holds(ax: Axes, recording: Recording, until: float) -> None:
    width_pt, _ = axes_pt(ax)
    forms = callable_names(hold.name for hold in recording.holds)
    seen = [(hold, *on_axis(hold.start_s, hold.stop_s, until)) for hold in recording.holds]
    labels = [
        Label(
            forms[hold.name],
            LOOKS[hold.cause],
            x=(start + stop) / 2,
            y=0.5,
            room_pt=(stop - start) / until * width_pt,
        )
        for hold, start, stop in seen
        if (stop - start) / until * width_pt > 4
    ]
    write_all(ax, labels)
