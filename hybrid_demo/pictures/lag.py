"""The lag panel: what a newly arrived client waits, and one client drawn into it."""

from __future__ import annotations

from typing import Protocol

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..recording import Recording
from . import palette
from .client import CLIENT_PT, draw_client
from .frame import axes_for, axes_pt, panel_label, prepare, recorded_s, styled, text_pt
from .thin import envelope
from .words import say

LAG_PT = 104.0
NAME_PT = 40.0
LEAST_SCALE_S = 0.1  # a loop that is never later than this shows as flat


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


def behind_end(words: str) -> str:
    """Return the words of a guess in two lines, as they stand behind a recording's end."""
    return words.replace(": ", ":\n", 1)


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
    ax = axes_for(ax, recording, height_pt=LAG_PT)
    until = prepare(ax, recording, until_s)
    guessed = mark.value_s if mark else 0.0
    wanted = scale_s if scale_s is not None else scale_for(recording, mark_s=guessed)
    _, height_pt = axes_pt(ax)
    ax.set_ylim(0, wanted / max(0.2, 1 - CLIENT_PT / height_pt))
    factor, unit = (1000, "ms") if wanted < 10 else (1, "s")
    highest = ax.get_ylim()[1] * (1 - NAME_PT / height_pt)  # below the panel's name
    even = MaxNLocator(nbins=2, steps=[1, 2, 5, 10]).tick_values(0, highest)
    ticks = [tick for tick in even if 0 <= tick <= highest]
    ax.set_yticks(ticks)
    ax.yaxis.set_major_formatter(
        FuncFormatter(
            lambda y, _: f"{y * factor:g} {unit}" if y == ticks[-1] else f"{y * factor:g}"
        )
    )
    ax.plot([0, recorded_s(recording)], [0, 0], color=palette.SOFT_INK, linewidth=0.8, zorder=3)
    panel_label(ax, say("lag.axis"))
    samples = recording.lag.samples
    if samples:
        xs, ys = envelope([s.deadline_s for s in samples], [s.late_s for s in samples], until)
        ax.fill_between(xs, ys, color=palette.LAG, linewidth=0.8, zorder=4, gid="lag")
    draw_client(ax, recording, until)
    if mark is not None:
        _draw_guess(ax, mark, recording)
    return ax


def _draw_guess(ax: Axes, mark: Mark, recording: Recording) -> None:
    """Draw the guess as a dashed line, its words behind the recording's end if they fit there."""
    line = ax.axhline(mark.value_s, color=palette.GUESS, linewidth=1.8, zorder=8, gid="guess")
    line.set(linestyle=(0, (4, 2)), clip_on=False)
    line.set_path_effects([patheffects.withStroke(linewidth=3.4, foreground=palette.PAPER)])
    width_pt, height_pt = axes_pt(ax)
    end_pt = recorded_s(recording) / ax.get_xlim()[1] * width_pt
    value_pt = mark.value_s / ax.get_ylim()[1] * height_pt
    words = behind_end(mark.words)
    behind = text_pt(words, palette.BODY_PT) <= width_pt - end_pt - 10
    peak_pt = recording.lag.max_s / ax.get_ylim()[1] * height_pt
    below = value_pt + 36 > height_pt if behind else -30 < peak_pt - value_pt < 20
    written = ax.annotate(
        words if behind else mark.words,
        (recorded_s(recording) if behind else ax.get_xlim()[1], mark.value_s),
        xytext=(10 if behind else 0, -4 if below else 4),
        textcoords="offset points",
        ha="left" if behind else "right",
        va="top" if below else "bottom",
        linespacing=1.05,
        annotation_clip=False,
        zorder=9,
        gid="guess",
        **styled(color=palette.GUESS, style="italic"),
    )
    written.set_path_effects([patheffects.withStroke(linewidth=3, foreground=palette.PAPER)])
