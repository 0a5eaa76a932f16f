"""The lag panel: what a newly arrived client waits, and one client drawn into it."""

from __future__ import annotations

from typing import Protocol

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..recording import LagSample, Recording, in_words
from . import palette
from .frame import axes_for, axes_pt, lane_label, prepare, recorded_s, styled, text_pt
from .thin import envelope
from .words import say

LAG_PT = 92.0
LEAST_SCALE_S = 0.05  # a loop that is never later than this shows as flat


class Mark(Protocol):
    """A student's guess, ready to be drawn: where, in what words, and of what."""

    @property
    def value_s(self) -> float: ...  # noqa: D102
    @property
    def words(self) -> str: ...  # noqa: D102
    @property
    def measure(self) -> str: ...  # noqa: D102


def scale_for(*recordings: Recording, mark_s: float = 0.0) -> float:
    """Return the greatest wait the lag axis must show, in seconds."""
    return max(LEAST_SCALE_S, mark_s, *(recording.lag.max_s for recording in recordings))


def worst_of(recording: Recording) -> LagSample | None:
    """Return the sample of the client who waited longest; None without samples."""
    return max(recording.lag.samples, key=lambda sample: sample.late_s, default=None)


def starved_at(recording: Recording) -> LagSample | None:
    """Return the worst wait during which nobody held the loop for even a third of it.

    None if there is none of at least 20 ms.
    """
    holds = recording.holds
    for sample in sorted(recording.lag.samples, key=lambda each: -each.late_s)[:50]:
        if sample.late_s < 0.02:
            return None
        start, stop = sample.deadline_s, sample.deadline_s + sample.late_s
        held = sum(max(0.0, min(hold.stop_s, stop) - max(hold.start_s, start)) for hold in holds)
        if held < sample.late_s / 3:
            return sample
    return None


def plot_lag(
    recording: Recording,
    *,
    ax: Axes | None = None,
    until_s: float | None = None,
    scale_s: float | None = None,
    mark: Mark | None = None,
) -> Axes:
    """Draw what a client would have waited, against the moment it arrived.

    Hidden: who held the loop (``plot_loop`` shows it), waits between two
    heartbeats, and everything but the extremes where several heartbeats fall
    into one pixel column.

    Args:
        recording: a closed recording.
        ax: where to draw; axes in a new figure if None.
        until_s: where the time axis ends, in seconds.
        scale_s: the greatest wait the axis must show, to compare recordings.
        mark: a guess of the longest wait, drawn beside the measured one.

    Returns:
        The axes, waits in seconds upwards (labelled in ms).
    """
    ax = axes_for(ax, height_pt=LAG_PT)
    until = prepare(ax, recording, until_s)
    wanted = (
        scale_s
        if scale_s is not None
        else scale_for(recording, mark_s=mark.value_s if mark else 0.0)
    )
    ax.set_ylim(0, wanted * 1.52)
    ticks = [t for t in MaxNLocator(nbins=2, steps=[1, 2, 5, 10]).tick_values(0, wanted)]
    ax.set_yticks([tick for tick in ticks if 0 <= tick <= wanted * 1.001])
    in_ms = wanted < 10
    factor, unit = (1000, "ms") if in_ms else (1, "s")
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * factor:g}"))
    ax.plot([0, recorded_s(recording)], [0, 0], color=palette.SOFT_INK, linewidth=0.8, zorder=3)
    ax.annotate(
        say("lag.axis", unit=unit),
        (0, 0.33),
        xycoords="axes fraction",
        xytext=(-46, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        annotation_clip=False,
        gid="lane",
        **styled(palette.BODY_PT),
    )
    samples = recording.lag.samples
    if samples:
        xs, ys = envelope([s.deadline_s for s in samples], [s.late_s for s in samples], until)
        ax.fill_between(xs, ys, color=palette.LAG, linewidth=0.8, zorder=4, gid="lag")
    worst = worst_of(recording)
    if worst is not None:
        _draw_client(ax, recording, worst, until)
    if mark is not None:
        _draw_guess(ax, mark, until)
    return ax


def _draw_client(ax: Axes, recording: Recording, worst: LagSample, until: float) -> None:
    """Draw one client as a measured distance: arrives here, waits so long, is answered here."""
    width_pt, height_pt = axes_pt(ax)
    top = ax.get_ylim()[1]
    lift = 11 / height_pt * top  # of the distance line over the peak, in data
    arrives, answered = worst.deadline_s, worst.deadline_s + worst.late_s
    long_pt = worst.late_s / until * width_pt
    level = worst.late_s + lift
    if long_pt < 30:
        _draw_point(ax, recording, worst, until)
        return
    line = {"color": palette.INK, "linewidth": 1.0, "zorder": 7}
    ax.plot([arrives, arrives], [0, level], **line)
    ax.plot([answered, answered], [0, level], **line)
    ax.annotate(
        "",
        (answered, level),
        (arrives, level),
        arrowprops={
            "arrowstyle": "-|>",
            "color": palette.INK,
            "linewidth": 1.6,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 15,
        },
        zorder=8,
        gid="client",
    )
    ax.plot(
        [arrives],
        [level],
        marker=PERSON,
        markersize=17,
        color=palette.INK,
        markeredgewidth=0,
        zorder=9,
        clip_on=False,
        gid="arrives",
    )
    middle = say("lag.waits", wait=in_words(worst.late_s))
    _write(ax, middle, (arrives + answered) / 2, level, above=4, ha="center", bold=True)


def _draw_point(ax: Axes, recording: Recording, worst: LagSample, until: float) -> None:
    text = say("lag.short", wait=in_words(worst.late_s))
    width_pt, _ = axes_pt(ax)
    ax.plot(
        [worst.deadline_s],
        [worst.late_s],
        marker="o",
        markersize=5,
        color=palette.INK,
        zorder=8,
        clip_on=False,
        gid="worst",
    )
    long_pt = text_pt(text, palette.FIGURE_PT, bold=True)
    at_pt = worst.deadline_s / until * width_pt
    right = at_pt + long_pt / 2 > recorded_s(recording) / until * width_pt
    ha = "left" if at_pt < long_pt / 2 else "right" if right else "center"
    _write(ax, text, worst.deadline_s, worst.late_s, above=7, ha=ha, bold=True)


def _write(ax: Axes, text: str, x: float, y: float, *, above: float, ha: str, bold: bool) -> None:
    """Write over a point, with a halo, so that it reads on the saw-tooth too."""
    written = ax.annotate(
        text,
        (x, y),
        xytext=(0, above),
        textcoords="offset points",
        ha=ha,
        va="bottom",
        annotation_clip=False,
        zorder=9,
        gid="wait",
        **styled(
            palette.FIGURE_PT if bold else palette.SMALL_PT, weight="bold" if bold else "normal"
        ),
    )
    written.set_path_effects([patheffects.withStroke(linewidth=3, foreground=palette.PAPER)])


def _draw_guess(ax: Axes, mark: Mark, until: float) -> None:
    line = ax.axhline(mark.value_s, color=palette.GUESS, linewidth=1.8, zorder=8, gid="guess")
    line.set_linestyle((0, (4, 2)))
    written = ax.annotate(
        mark.words,
        (1, mark.value_s),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="right",
        va="bottom",
        zorder=9,
        gid="guess",
        **styled(palette.SMALL_PT, color=palette.GUESS, style="italic"),
    )
    written.set_path_effects([patheffects.withStroke(linewidth=3, foreground=palette.PAPER)])


def _person() -> Path:
    """A head over shoulders, as one marker."""
    head = Path.circle((0, 0.42), 0.26)
    body = Path(
        [(-0.5, -0.6), (-0.5, 0.1), (0.5, 0.1), (0.5, -0.6), (-0.5, -0.6)],
        [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY],
    )
    return Path.make_compound_path(head, body)


PERSON = _person()
__all__ = ["plot_lag", "scale_for", "starved_at", "worst_of", "Mark", "lane_label"]
