"""The lag panel: what a newly arrived client waits, and one client drawn into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..recording import Recording
from . import palette
from .checking import check_end, check_mark
from .client import CLIENT_PT, LINE, draw_client, tell_client, write
from .frame import axes_for, axes_pt, panel_label, prepare, recorded_s, text_pt
from .room import Box, Room
from .thin import Floats, envelope
from .words import say

LAG_PT = 104.0
NAME_PT = 40.0
GUESSED: dict[str, Any] = {
    "color": palette.GUESS,
    "style": "italic",
    "gid": "guess",
    "linespacing": 1.05,
}
LEAST_PT, LEAST_MOST_PT = 40.0, 60.0  # of a low panel, and of the highest of them
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


def shared_pt(peaks: Sequence[float], room_pt: float) -> list[float]:
    """Return the heights of lag panels that share `room_pt`, a second as high in each.

    Args:
        peaks: the longest wait of each, as a part of the greatest the axis must show.
        room_pt: for all of them; more if words need it, less if that is enough.
    """
    for most_pt in range(int(LAG_PT - 12), int(LEAST_MOST_PT), -1):
        heights = [max(LEAST_PT, CLIENT_PT + peak * (most_pt - CLIENT_PT)) for peak in peaks]
        heights[heights.index(max(heights))] = most_pt
        if sum(heights) <= room_pt:
            break
    return heights


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
        mark: a guess: of the longest wait, drawn beside the measured one; of the
            end, only kept clear of words.

    Returns:
        The axes, waits in seconds upwards (labelled in ms below one second).
    """
    check_end("scale_s", scale_s)
    check_mark(mark)
    ax = axes_for(ax, recording, height_pt=LAG_PT)
    until = prepare(ax, recording, until_s)
    guessed = mark.value_s if mark is not None and mark.measure == "wait" else 0.0
    wanted = scale_s if scale_s is not None else scale_for(recording, mark_s=guessed)
    _, height_pt = axes_pt(ax)
    ax.set_ylim(0, wanted / max(0.1, 1 - CLIENT_PT / height_pt))
    factor, unit = (1000, "ms") if wanted < 1 else (1, "s")
    highest = ax.get_ylim()[1] * (1 - NAME_PT / height_pt)  # below the panel's name
    even = MaxNLocator(nbins=2, steps=[1, 2, 5, 10]).tick_values(0, highest)
    least = palette.SMALL_PT * 1.3 / height_pt * ax.get_ylim()[1]  # else figures meet
    ticks = [tick for tick in even if tick == 0 or least <= tick <= highest]
    ax.set_yticks(ticks)
    ax.yaxis.set_major_formatter(
        FuncFormatter(
            lambda y, _: f"{y * factor:g} {unit}" if y == ticks[-1] > 0 else f"{y * factor:g}"
        )
    )
    ax.plot([0, recorded_s(recording)], [0, 0], color=palette.SOFT_INK, linewidth=0.8, zorder=3)
    panel_label(ax, say("lag.axis"))
    width_pt, _ = axes_pt(ax)
    at_pt, up_pt = width_pt / until, height_pt / ax.get_ylim()[1]
    xs, ys = outline_of(recording, until)
    if len(xs):
        ax.fill_between(xs, ys, color=palette.LAG, linewidth=0.8, zorder=4, gid="lag")
    room = Room(width_pt, height_pt, xs * at_pt, ys * up_pt)
    room.avoid(_upright(recorded_s(recording) * at_pt, height_pt))
    if mark is not None and mark.measure == "end":
        room.avoid(_upright(mark.value_s * at_pt, height_pt))
    client = draw_client(ax, recording, room)
    guess = mark if mark is not None and mark.measure == "wait" else None
    told = guess is None or _draw_guess(ax, guess, recording, room)
    if client is not None:
        tell_client(ax, recording, client, room)
    if guess is not None and not told:
        _tell_guess_inside(ax, guess, recording, room)
    return ax


def outline_of(recording: Recording, until: float) -> tuple[Floats, Floats]:
    """Return the (times, waits) of the saw-tooth, as few points as show it all."""
    samples = recording.lag.samples
    return envelope([s.deadline_s for s in samples], [s.late_s for s in samples], until)


def _upright(at_pt: float, height_pt: float) -> Box:
    return (at_pt - 1, 0.0, at_pt + 1, height_pt)


def _draw_guess(ax: Axes, mark: Mark, recording: Recording, room: Room) -> bool:
    """Draw the guess as a dashed line; return whether its words fit behind the recording's end."""
    line = ax.axhline(mark.value_s, color=palette.GUESS, linewidth=1.8, zorder=8, gid="guess")
    line.set(linestyle=(0, (4, 2)), clip_on=False)
    line.set_path_effects([patheffects.withStroke(linewidth=3.4, foreground=palette.PAPER)])
    value_pt = mark.value_s / ax.get_ylim()[1] * room.height_pt
    room.avoid((0.0, value_pt - 2, room.width_pt, value_pt + 2))
    words = behind_end(mark.words)
    wide = text_pt(words, palette.BODY_PT)
    high = palette.BODY_PT * LINE * (words.count("\n") + 1)
    left = recorded_s(recording) / ax.get_xlim()[1] * room.width_pt + 8
    if left + wide > room.width_pt:
        return False
    box = room.place(wide, high, [(left, value_pt + 3), (left, value_pt - 3 - high)], reach_pt=0.0)
    if box is not None:
        write(ax, words, box[:2], **GUESSED)
    return box is not None


def _tell_guess_inside(ax: Axes, mark: Mark, recording: Recording, room: Room) -> None:
    """Write the guess on its line within the panel, where the client's words leave room."""
    value_pt = mark.value_s / ax.get_ylim()[1] * room.height_pt
    wide, high = text_pt(mark.words, palette.BODY_PT), palette.BODY_PT * LINE
    end = recorded_s(recording) / ax.get_xlim()[1] * room.width_pt - 6
    levels = (value_pt + 3, value_pt - 3 - high)
    wishes = [(right - wide, level) for right in (end, room.width_pt) for level in levels]
    box = room.place(wide, high, wishes)
    write(ax, mark.words, box[:2] if box else wishes[0], **GUESSED)
