"""Queue depth and jobs in flight, on one axis: where a backlog really stands."""

from __future__ import annotations

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from ..recording import Recording, StepSeries
from . import palette
from .frame import axes_for, axes_pt, lane_label, prepare, recorded_s, styled, text_pt
from .lag import Mark
from .thin import envelope
from .words import say

DEPTH_PT = 92.0


def shows_depths(recording: Recording, mark: Mark | None = None) -> bool:
    """Whether queue or in-flight depth has something to say that the lanes do not."""
    if recording.queues or (mark is not None and mark.measure == "peak"):
        return True
    workers = len(recording.workers())
    return recording.in_flight.peak > 4 * max(workers, 4)


def depth_scale_for(*recordings: Recording, mark: Mark | None = None) -> float:
    """Return the greatest count the axis must show."""
    peaks = [recording.in_flight.peak for recording in recordings]
    peaks += [queue.peak for recording in recordings for queue in recording.queues]
    peaks += [
        queue.maxsize
        for recording in recordings
        for queue in recording.queues
        if queue.maxsize <= 4 * max([*peaks, 1])
    ]
    return max(1.0, *peaks, mark.value_s if mark else 0.0)


def plot_depths(
    recording: Recording,
    *,
    ax: Axes | None = None,
    until_s: float | None = None,
    scale: float | None = None,
    mark: Mark | None = None,
) -> Axes:
    """Draw how many items stood in each queue and how many jobs were in flight.

    Hidden: which jobs they were, how much memory each holds, and changes
    narrower than a pixel column but for their extremes.

    Args:
        recording: a closed recording.
        ax: where to draw; axes in a new figure if None.
        until_s: where the time axis ends, in seconds.
        scale: the greatest count the axis must show, to compare recordings.
        mark: a guess of the greatest depth, drawn beside the measured one.

    Returns:
        The axes, counts upwards.
    """
    ax = axes_for(ax, height_pt=DEPTH_PT)
    until = prepare(ax, recording, until_s)
    wanted = scale if scale is not None else depth_scale_for(recording, mark=mark)
    ax.set_ylim(0, wanted * 1.35)
    ticks = MaxNLocator(nbins=3, integer=True).tick_values(0, wanted)
    ax.set_yticks([tick for tick in ticks if 0 <= tick <= wanted])
    ax.plot([0, recorded_s(recording)], [0, 0], color=palette.SOFT_INK, linewidth=0.8, zorder=3)
    ax.annotate(
        say("depth.axis"),
        (0, 0.37),
        xycoords="axes fraction",
        xytext=(-46, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        annotation_clip=False,
        gid="lane",
        **styled(palette.BODY_PT),
    )
    if recording.jobs:
        _draw_steps(
            ax,
            recording.in_flight,
            recording,
            until,
            fill=palette.IN_FLIGHT_FILL,
            line=palette.IN_FLIGHT,
            text="depth.flight",
            zorder=3,
        )
    several = len(recording.queues) > 1
    for queue in recording.queues:
        _draw_steps(
            ax,
            queue,
            recording,
            until,
            fill=palette.QUEUE_FILL,
            line=palette.QUEUE,
            text="depth.queue_named" if several else "depth.queue",
            zorder=5,
        )
        if 0 < queue.maxsize <= wanted:
            _draw_bound(ax, queue)
    if mark is not None:
        line = ax.axhline(mark.value_s, color=palette.GUESS, linewidth=1.8, zorder=8, gid="guess")
        line.set_linestyle((0, (4, 2)))
        _note(
            ax,
            mark.words,
            (1.0, mark.value_s),
            coords=("axes fraction", "data"),
            ha="right",
            color=palette.GUESS,
            style="italic",
        )
    return ax


def _draw_steps(
    ax: Axes,
    steps: StepSeries,
    recording: Recording,
    until: float,
    *,
    fill: str,
    line: str,
    text: str,
    zorder: int,
) -> None:
    xs, ys = envelope(
        (*steps.times_s, recorded_s(recording)), (*steps.depths, steps.depths[-1]), until
    )
    ax.fill_between(xs, 0, ys, step="post", facecolor=fill, linewidth=0, zorder=zorder)
    ax.step(xs, ys, where="post", color=line, linewidth=1.8, zorder=zorder + 0.5, gid=steps.name)
    if not steps.peak:
        return
    at = steps.times_s[steps.depths.index(steps.peak)]
    words = say(text, peak=steps.peak, name=steps.name)
    width_pt, _ = axes_pt(ax)
    overhang = at / until * width_pt + text_pt(words, palette.BODY_PT, bold=True) > width_pt
    _note(
        ax,
        words,
        (at, steps.peak),
        coords="data",
        ha="right" if overhang else "left",
        color=line,
        weight="bold",
    )


def _draw_bound(ax: Axes, queue: StepSeries) -> None:
    line = ax.axhline(queue.maxsize, color=palette.QUEUE, linewidth=1.2, zorder=4, gid="bound")
    line.set_linestyle((0, (6, 3)))
    _note(
        ax,
        say("depth.bound", maxsize=queue.maxsize),
        (1.0, queue.maxsize),
        coords=("axes fraction", "data"),
        ha="right",
        color=palette.QUEUE,
    )


def _note(ax: Axes, words: str, at: tuple[float, float], *, coords: object, **more: object) -> None:
    ha = more.pop("ha")
    written = ax.annotate(
        words,
        at,
        xycoords=coords,
        xytext=(0, 3),
        textcoords="offset points",
        ha=ha,
        va="bottom",
        annotation_clip=False,
        zorder=9,
        gid="peak",
        **styled(palette.BODY_PT, **more),
    )
    written.set_path_effects([patheffects.withStroke(linewidth=3, foreground=palette.PAPER)])


__all__ = ["depth_scale_for", "lane_label", "plot_depths", "shows_depths"]
