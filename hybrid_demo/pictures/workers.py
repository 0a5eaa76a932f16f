"""The workers' lanes: who waits for a worker, who runs where, what became of it."""

from __future__ import annotations

from collections import defaultdict

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from ..given import shown
from ..recording import Recording
from . import palette
from .bars import Label, write_all
from .checking import check_end, check_recording
from .frame import axes_for, axes_pt, lane_label, on_axis, prepare, recorded_s, styled
from .lanes import arrange
from .palette import LOOKS
from .rows import Bar, Lanes
from .thin import COLUMNS, envelope
from .waiting import AREA_PT
from .words import say


def plot_workers(
    recording: Recording,
    *,
    ax: Axes | None = None,
    until_s: float | None = None,
    lanes: Lanes | None = None,
) -> Axes:
    """Draw each job pale while it waits for a worker and solid in the lane of its worker.

    Hidden: waits shorter than an eightieth of the axis, the names of jobs that
    do not fit their bars, which waiting job is which when more than 16 wait at
    once, and how much CPU time a job got of the time it ran.

    Args:
        recording: a closed recording.
        ax: where to draw; axes in a new figure if None.
        until_s: where the time axis ends, in seconds.
        lanes: where each bar lies, if ``arrange`` has told already.

    Returns:
        The axes, in points downwards.
    """
    check_recording(recording)
    check_end("until_s", until_s)
    if lanes is not None and not isinstance(lanes, Lanes):
        raise TypeError(f"lanes is {shown(lanes)}; expected what `arrange` returned, or None")
    if lanes is None:
        wanted = until_s if until_s is not None else recorded_s(recording)
        lanes = arrange(recording, until_s=wanted)
    height = max(lanes.height_pt, 12.0)
    ax = axes_for(ax, recording, height_pt=height)
    until = prepare(ax, recording, until_s)
    ax.set_ylim(height, 0)
    ax.set_yticks([])
    end = recorded_s(recording)
    grounds = [lane for lane in lanes.lanes if not lane.plain]
    ax.add_collection(
        PolyCollection(
            [_corners(0, end, lane.top_pt, lane.height_pt) for lane in grounds],
            facecolors=palette.LANE,
            linewidths=0,
            zorder=1,
            gid="lane",
        ),
        autolim=False,
    )
    for lane in lanes.lanes:
        if lane.name:
            lane_label(ax, lane.top_pt + lane.height_pt / 2, lane.name)
    if lanes.waiting is not None:
        _draw_waiting(ax, lanes, recording, until)
    by_kind: dict[str, list[Bar]] = defaultdict(list)
    for bar in lanes.bars:
        by_kind[bar.kind].append(bar)
    for kind, bars in by_kind.items():
        _draw_bars(ax, kind, bars, until)
    _draw_late(ax, lanes.bars)
    return ax


def _corners(start: float, stop: float, top: float, height: float) -> list[tuple[float, float]]:
    return [(start, top), (stop, top), (stop, top + height), (start, top + height)]


def _joined(bars: list[Bar], gap: float) -> list[tuple[float, float, float, float]]:
    """Return (start, stop, top, height), those of a lane closer than `gap` as one."""
    joined: list[tuple[float, float, float, float]] = []
    last: dict[float, int] = {}
    for bar in sorted(bars, key=lambda bar: bar.start_s):
        at = last.get(bar.top_pt)
        if at is not None and bar.start_s - joined[at][1] < gap:
            start, stop, top, height = joined[at]
            joined[at] = (start, max(stop, bar.stop_s), top, height)
        else:
            last[bar.top_pt] = len(joined)
            joined.append((bar.start_s, bar.stop_s, bar.top_pt, bar.height_pt))
    return joined


def _draw_bars(ax: Axes, kind: str, bars: list[Bar], until: float) -> None:
    look = LOOKS[kind]
    width_pt, _ = axes_pt(ax)
    dense = len(bars) > COLUMNS / 2
    joined = _joined(bars, until / COLUMNS if dense else -1.0)
    # A light edge parts neighbours; around a sliver it would leave nothing to see.
    least_s = (
        0.0 if look.hatch or look.edge != palette.PAPER else 3 * look.line_pt * until / width_pt
    )
    ax.add_collection(
        PolyCollection(
            [_corners(*each) for each in joined],
            facecolors=look.fill,
            edgecolors=[
                look.fill if dense or stop - start < least_s else look.edge
                for start, stop, *_ in joined
            ],
            linewidths=0.2 if dense else look.line_pt,
            hatch=look.hatch or None,
            clip_on=False,
            zorder=4,
            gid=kind,
        ),
        autolim=False,
    )
    seen = [(bar, *on_axis(bar.start_s, bar.stop_s, until)) for bar in bars if bar.forms]
    labels = [
        Label(
            bar.forms,
            look,
            x=(start + stop) / 2,
            y=bar.middle_pt,
            room_pt=(stop - start) / until * width_pt,
        )
        for bar, start, stop in seen
    ]
    write_all(ax, labels)


def _draw_late(ax: Axes, bars: list[Bar]) -> None:
    """Draw a line from where a result was ready to where the loop took it."""
    late = [bar for bar in bars if bar.late_s is not None]
    if not late or len(late) > 200:
        return
    ax.add_collection(
        LineCollection(
            [[(b.stop_s, b.late_pt), (b.late_s or 0.0, b.late_pt)] for b in late],
            colors=palette.INK,
            linewidths=1.4,
            linestyles=[(0, (1, 1.2))],
            zorder=5,
            gid="late",
        ),
        autolim=False,
    )
    ax.plot(
        [b.late_s or 0.0 for b in late],
        [b.late_pt for b in late],
        linestyle="none",
        marker="D",
        markersize=6,
        markerfacecolor=palette.PAPER,
        markeredgecolor=palette.INK,
        zorder=6,
        gid="delivered",
    )


def _draw_waiting(ax: Axes, lanes: Lanes, recording: Recording, until: float) -> None:
    """Draw those who wait as an area, where they are too many for rows of their own."""
    waiting = lanes.waiting
    assert waiting is not None
    kind = max((job.executor for job in recording.jobs), key=len)
    look = LOOKS[f"{kind} queued"]
    floor = lanes.waiting_top_pt + AREA_PT
    room = AREA_PT - 16
    xs, ys = envelope(
        (*waiting.times_s, recording.duration_s), (*waiting.depths, waiting.depths[-1]), until
    )
    ax.fill_between(
        xs,
        floor,
        floor - ys / max(waiting.peak, 1) * room,
        step="post",
        facecolor=look.fill,
        edgecolor=look.edge,
        linewidth=0.8,
        zorder=3,
        gid="waiting",
    )
    at = waiting.times_s[waiting.depths.index(waiting.peak)]
    ax.annotate(
        say("lane.waiting_peak", count=waiting.peak),
        (at, floor - room),
        xytext=(2, 2),
        textcoords="offset points",
        va="bottom",
        gid="peak",
        zorder=6,
        **styled(palette.BODY_PT, weight="bold"),
    )
