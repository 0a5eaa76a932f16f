"""Queue depth and jobs in flight, on one axis: where a backlog really stands."""

from __future__ import annotations

from typing import Any

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator

from ..recording import Recording, StepSeries
from . import palette
from .checking import check_end, check_mark
from .frame import axes_for, axes_pt, panel_label, prepare, recorded_s, styled, text_pt
from .lag import NAME_PT, Mark
from .thin import envelope
from .words import say

DEPTH_PT = 104.0
LONGEST = 28  # letters behind a recording's end


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
    check_end("scale", scale)
    check_mark(mark)
    ax = axes_for(ax, recording, height_pt=DEPTH_PT)
    until = prepare(ax, recording, until_s)
    wanted = scale if scale is not None else depth_scale_for(recording, mark=mark)
    ax.set_ylim(0, wanted * 1.35)
    ticks = MaxNLocator(nbins=3, integer=True).tick_values(0, wanted)
    _, height_pt = axes_pt(ax)
    highest = ax.get_ylim()[1] * (1 - NAME_PT / height_pt)  # below the panel's name
    ax.set_yticks([tick for tick in ticks if 0 <= tick <= highest])
    ax.plot([0, recorded_s(recording)], [0, 0], color=palette.SOFT_INK, linewidth=0.8, zorder=3)
    panel_label(ax, say("depth.axis"))
    if recording.jobs:
        _draw_steps(
            ax,
            recording.in_flight,
            recording,
            until,
            fill=palette.IN_FLIGHT_FILL,
            line=palette.IN_FLIGHT,
            zorder=3,
        )
    for queue in recording.queues:
        _draw_steps(
            ax,
            queue,
            recording,
            until,
            fill=palette.QUEUE_FILL,
            line=palette.QUEUE,
            zorder=5,
        )
        if 0 < queue.maxsize <= wanted:
            end = recorded_s(recording)
            bound = ax.plot([0, end], [queue.maxsize] * 2, color=palette.QUEUE, linewidth=1.2)
            bound[0].set(linestyle=(0, (6, 3)), zorder=5.6, gid="bound")
    _write_names(ax, recording, wanted)
    if mark is not None:
        guess = ax.plot([0, recorded_s(recording)], [mark.value_s] * 2, color=palette.GUESS)
        guess[0].set(linestyle=(0, (4, 2)), linewidth=1.8, zorder=8, gid="guess")
        _write_guess(ax, recording, mark)
    return ax


def _draw_steps(
    ax: Axes,
    steps: StepSeries,
    recording: Recording,
    until: float,
    *,
    fill: str,
    line: str,
    zorder: float,
) -> None:
    """Draw one count as an area with a line, and its peak as a dot with its figure."""
    xs, ys = envelope(
        (*steps.times_s, recorded_s(recording)), (*steps.depths, steps.depths[-1]), until
    )
    ax.fill_between(xs, 0, ys, step="post", facecolor=fill, linewidth=0, zorder=zorder)
    ax.step(xs, ys, where="post", color=line, linewidth=1.8, zorder=zorder / 10 + 6, gid=steps.name)
    if not steps.peak:
        return
    end = recorded_s(recording)
    at = _peak_at(steps, end, wished=end * (0.35 if zorder < 4 else 0.65))
    ax.plot([at], [steps.peak], marker="o", markersize=5, color=line, zorder=8, gid="peak")
    _write_peak(ax, steps.peak, (at, end), line)


def _write_peak(ax: Axes, peak: int, place: tuple[float, float], colour: str) -> None:
    """Write a peak's figure over its dot, where neither another's nor the panel's edge is.

    Args:
        ax: axes in which both limits are set.
        peak: the figure.
        place: when it was, and when the recording ended; beyond stand the names.
        colour: of the line it belongs to.
    """
    width_pt, height_pt = axes_pt(ax)
    x, end = (each / ax.get_xlim()[1] * width_pt for each in place)
    y = peak / ax.get_ylim()[1] * height_pt
    half_pt = text_pt(str(peak), palette.FIGURE_PT, bold=True) / 2
    if end < 4 * half_pt:
        return
    for other in ax.texts:
        if other.get_gid() == "peak" and isinstance(other, Annotation):
            its_x = other.xy[0] / ax.get_xlim()[1] * width_pt
            its_y = other.xy[1] / ax.get_ylim()[1] * height_pt
            if abs(its_x - x) < 4 * half_pt + 4 and abs(its_y - y) < palette.FIGURE_PT + 4:
                return
    how = styled(palette.FIGURE_PT, color=colour, weight="bold", ha="center")
    nudge = min(max(x, half_pt + 2), end - half_pt) - x
    _note(ax, str(peak), (place[0], peak), (nudge, 4), how, gid="peak")


def _write_guess(ax: Axes, recording: Recording, mark: Mark) -> None:
    """Write a guess over its line, where it covers least of the counts; if it can, at the end."""
    width_pt, height_pt = axes_pt(ax)
    second_pt, one_pt = width_pt / ax.get_xlim()[1], height_pt / ax.get_ylim()[1]
    long_pt = text_pt(mark.words, palette.BODY_PT)
    room_pt = max(0.0, recorded_s(recording) * second_pt - long_pt - 12)
    low = mark.value_s + 3 / one_pt
    band = (low, low + palette.BODY_PT * 1.2 / one_pt)

    def covered(start_pt: float) -> int:
        moments = [(start_pt + long_pt * share / 32) / second_pt for share in range(33)]
        counts = (recording.in_flight, *recording.queues)
        lines = sum(band[0] <= each.at(at) <= band[1] for each in counts for at in moments)
        edge = palette.FIGURE_PT / second_pt
        figures = [
            text
            for text in ax.texts
            if isinstance(text, Annotation) and text.get_gid() == "peak"
            if moments[0] - edge < text.xy[0] < moments[-1] + edge
            if band[0] - 2 * palette.FIGURE_PT / one_pt < text.xy[1] < band[1]
        ]
        return lines + 10 * len(figures)

    start_pt = min((room_pt * share / 8 + 6 for share in range(8, -1, -1)), key=covered)
    how = styled(palette.BODY_PT, color=palette.GUESS, style="italic")
    _note(ax, mark.words, (start_pt / second_pt, mark.value_s), (0, 3), how)


def _peak_at(steps: StepSeries, end: float, wished: float) -> float:
    """Return when the count stood at its peak for long, as near as can be to a wished moment.

    There its figure has room, and two counts' figures do not meet.
    """
    stops = (*steps.times_s[1:], max(end, steps.times_s[-1]))
    stretches = [
        (stop - start, (start + stop) / 2)
        for start, stop, depth in zip(steps.times_s, stops, steps.depths, strict=True)
        if depth == steps.peak
    ]
    longest = max(length for length, _ in stretches)
    return min(
        (middle for length, middle in stretches if length >= longest / 2),
        key=lambda middle: abs(middle - wished),
    )


def names_of(recording: Recording) -> list[tuple[float, str, str]]:
    """Return (count, words, colour) of what is drawn, to be named behind the recording's end."""
    several = len(recording.queues) > 1
    found = []
    if recording.jobs:
        peak = recording.in_flight.peak
        found.append((peak / 2, say("depth.flight", peak=peak), palette.IN_FLIGHT))
    for queue in recording.queues:
        key = "depth.queue_named" if several else "depth.queue"
        words = say(key, peak=queue.peak, name=queue.name)
        if len(words) > LONGEST:  # its name stands whole in the words that go with the picture
            words = words[: LONGEST - 1] + "…"
        found.append((queue.peak / 2, words, palette.QUEUE))
        if queue.maxsize > 0:
            words = say("depth.bound", maxsize=queue.maxsize)
            found.append((queue.maxsize, words, palette.QUEUE))
    return found


def _write_names(ax: Axes, recording: Recording, wanted: float) -> None:
    """Write the names one below the other, each as near to its height as the others let it."""
    _, height_pt = axes_pt(ax)
    a_point = ax.get_ylim()[1] / height_pt
    step = palette.BODY_PT * 1.35 * a_point
    floor = step * 0.3
    for count, words, colour in sorted(names_of(recording)):
        y = max(floor, min(count, wanted))
        floor = y + step
        how = styled(palette.BODY_PT, color=colour, va="center")
        _note(ax, words, (recorded_s(recording), y), (8, 0), how, gid="named")


def _note(
    ax: Axes,
    words: str,
    at: tuple[float, float],
    nudge: tuple[float, float],
    how: dict[str, Any],
    *,
    gid: str = "guess",
) -> None:
    written = ax.annotate(
        words,
        at,
        xytext=nudge,
        textcoords="offset points",
        annotation_clip=False,
        zorder=9,
        gid=gid,
        **{"va": "bottom", **how},
    )
    written.set_path_effects([patheffects.withStroke(linewidth=3, foreground=palette.PAPER)])
