"""The ground all panels stand on: axes, the time axis, the end, measured text.

Nothing is drawn to measure: the width of a text is asked of matplotlib's own
font, so that a label can be chosen or dropped before it exists.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.font_manager import FontProperties
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..recording import Recording
from . import palette
from .alt import alt_text, summary
from .checking import check_axes, check_end, check_recording
from .picture import WIDTH_IN, Picture, own_ways
from .words import end_words_of, say

SHORT = 20  # letters of a word that fit into any line
LEFT_IN = 1.62
RIGHT_IN = 0.25


def axes_for(ax: Axes | None, recording: Recording, *, height_pt: float) -> Axes:
    """Return `ax`, or axes of the given height in a picture of their own.

    Raises:
        TypeError: `recording` is no Recording, or `ax` no axes.
        StillOpenError: the recording's block was not left yet.
    """
    check_recording(recording)
    check_axes(ax)
    if ax is not None:
        return ax
    height_in = height_pt / 72 + 0.75
    picture = Picture.made(height_in)
    picture.alt_text, picture.summary = alt_text([recording]), summary([recording])
    return picture.add_axes(
        (
            LEFT_IN / WIDTH_IN,
            0.6 / height_in,
            1 - (LEFT_IN + RIGHT_IN) / WIDTH_IN,
            height_pt / 72 / height_in,
        )
    )


def recorded_s(recording: Recording) -> float:
    """Return the recording's length in seconds, more than zero so that it has an axis."""
    return max(recording.duration_s, 1e-3)


def end_words(recording: Recording) -> str:
    """Return "done in 0.77 s", or "left after 0.77 s" if some job was not done."""
    pending = any(job.outcome == "pending" for job in recording.jobs)
    return say("end.left" if pending else "end.done", time=end_words_of(recording.duration_s))


def until_for(*recordings: Recording, width_pt: float, room_pt: float = 0.0) -> float:
    """Return where the time axis ends, so that what is said behind each end has room.

    Args:
        recordings: what shares the axis.
        width_pt: how wide the axes are.
        room_pt: how wide the widest words behind an end are.
    """
    ends = []
    for recording in recordings:
        words_pt = max(room_pt, text_pt(end_words(recording), palette.FIGURE_PT, bold=True)) + 10
        ends.append(recorded_s(recording) / max(0.3, 1 - words_pt / width_pt))
    return max(ends)


def axes_pt(ax: Axes) -> tuple[float, float]:
    """Return the width and height of axes in points."""
    box = ax.get_window_extent()
    dpi = ax.get_figure(root=True).dpi  # type: ignore[union-attr]
    return box.width / dpi * 72, box.height / dpi * 72


@cache
def _renderer() -> RendererAgg:
    return RendererAgg(8, 8, 144)


@lru_cache(maxsize=10_000)
def text_pt(text: str, size_pt: float, *, bold: bool = False) -> float:
    """Return the width in points of the widest line of `text`."""
    font = FontProperties(family=palette.FONT, size=size_pt, weight="bold" if bold else "normal")
    lines = text.split("\n")
    measure: Any = _renderer().get_text_width_height_descent
    with own_ways():
        return max(float(measure(line, font, False)[0]) for line in lines) / 2


def fitting(forms: tuple[str, ...], width_pt: float, size_pt: float, *, bold: bool = False) -> str:
    """Return the longest of the forms that fits into `width_pt`, or "" if none does."""
    for form in forms:
        if text_pt(form, size_pt, bold=bold) <= width_pt:
            return form
    return ""


def elided(text: str, width_pt: float, size_pt: float) -> str:
    """Return the beginning of a long name with "…", or "" if not even eight letters fit."""
    shown = text[:40]
    while len(shown) >= 8:
        if text_pt(shown + "…", size_pt) <= width_pt:
            return shown.rstrip(" _") + "…"
        shown = shown[:-1]
    return ""


def styled(size_pt: float = palette.BODY_PT, **more: Any) -> dict[str, Any]:
    """Return the properties of a text, none of them left to the user's rcParams."""
    ground = {"family": palette.FONT, "fontsize": size_pt, "color": palette.INK}
    return {**ground, "parse_math": False, "usetex": False, **more}


def wrapped(text: str, width_pt: float, size_pt: float, *, bold: bool = False) -> list[str]:
    """Return the lines of `text` broken at spaces to be no wider than `width_pt`."""
    lines: list[str] = []
    words = [part for word in text.split() for part in _parts(word, width_pt, size_pt, bold=bold)]
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_pt(longer, size_pt, bold=bold) <= width_pt:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _parts(word: str, width_pt: float, size_pt: float, *, bold: bool) -> list[str]:
    """Return a word alone; one that is wider than the line, in parts that no letters can widen."""
    if len(word) < SHORT or text_pt(word, size_pt, bold=bold) <= width_pt:
        return [word]
    step = max(1, int(width_pt / (1.1 * size_pt)))
    return [word[at : at + step] for at in range(0, len(word), step)]


def broken(text: str, width_pt: float, size_pt: float, *, bold: bool = False) -> list[str]:
    """Return the lines of `text`, broken after a sentence or a comma where two lines hold it."""
    lines = wrapped(text, width_pt, size_pt, bold=bold)
    if len(lines) != 2:
        return lines
    for stop in (". ", ", "):
        parts = text.split(stop)
        for at in range(1, len(parts)):
            first = stop.join(parts[:at]) + stop.rstrip()
            rest = stop.join(parts[at:])
            if all(text_pt(line, size_pt, bold=bold) <= width_pt for line in (first, rest)):
                return [first, rest]
    return lines


def prepare(ax: Axes, recording: Recording, until_s: float | None) -> float:
    """Lay the time axis on `ax`, with the recording's end drawn in; return where the axis ends.

    Raises:
        TypeError: `until_s` is no number.
        ValueError: it is not above zero.
    """
    check_end("until_s", until_s)
    width_pt, _ = axes_pt(ax)
    until = until_s if until_s is not None else until_for(recording, width_pt=width_pt)
    ax.set_facecolor("none")
    ax.set_xlim(0, until)
    for spine in ax.spines.values():
        spine.set_visible(False)
    locator = MaxNLocator(nbins=9, steps=[1, 2, 2.5, 5, 10])
    ticks = [tick for tick in locator.tick_values(0, until) if 0 <= tick <= until * (1 + 1e-9)]
    ax.set_xticks(ticks)
    ax.tick_params(axis="both", length=0, pad=5, labelsize=palette.SMALL_PT)
    ax.tick_params(axis="both", labelfontfamily=palette.FONT, labelcolor=palette.SOFT_INK)
    ax.grid(visible=False)
    ax.grid(visible=True, axis="x", color=palette.GRID, linewidth=0.6)
    ax.set_axisbelow(True)
    in_ms = until < 0.2
    factor = 1000 if in_ms else 1
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * factor:g}"))
    ax.set_xlabel(
        say("time.milliseconds" if in_ms else "time.seconds"),
        labelpad=4,
        **styled(palette.SMALL_PT, color=palette.SOFT_INK),
    )
    end = ax.axvline(recorded_s(recording), color=palette.INK, linewidth=1.1, zorder=6)
    end.set_linestyle((0, (1, 2)))
    end.set_gid("end")
    return until


def on_axis(start_s: float, stop_s: float, until_s: float) -> tuple[float, float]:
    """Return what of a stretch lies on an axis from 0 to `until_s`: words stand in that part."""
    return min(max(start_s, 0.0), until_s), min(max(stop_s, 0.0), until_s)


def hide_time(ax: Axes) -> None:
    """Take the figures off the time axis, where a panel below carries them."""
    ax.tick_params(axis="x", labelbottom=False)
    ax.set_xlabel("")


def panel_label(ax: Axes, text: str) -> None:
    """Write a panel's name at its upper left, above the figures of its axis."""
    _write_left(ax, text, 1.0, "axes fraction", "top")


def lane_label(ax: Axes, at: float, text: str) -> None:
    """Write a lane's name to the left of the axes, at height `at` in data."""
    _write_left(ax, text, at, "data", "center")


def _write_left(ax: Axes, text: str, y: float, height_in: str, va: str) -> None:
    ax.annotate(
        text,
        (0, y),
        xycoords=("axes fraction", height_in),
        xytext=(-9, 0),
        textcoords="offset points",
        ha="right",
        va=va,
        linespacing=1.05,
        annotation_clip=False,
        gid="lane",
        **styled(),
    )


def mark_end(ax: Axes, recording: Recording, at: float) -> None:
    """Write "done in 0.77 s" behind the recording's end, at height `at` in data."""
    ax.annotate(
        end_words(recording),
        (recorded_s(recording), at),
        xytext=(8, 0),
        textcoords="offset points",
        va="center",
        annotation_clip=False,
        gid="done",
        zorder=7,
        **styled(palette.FIGURE_PT, weight="bold"),
    )
