"""One client drawn into the lag panel: arrives here, waits so long, is answered here."""

from __future__ import annotations

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import ScaledTranslation

from ..recording import LagSample, Recording
from . import palette
from .frame import axes_pt, recorded_s, styled, text_pt
from .waits import is_throttled, starved_at, worst_of
from .words import say, wait_words

CLIENT_PT = 34.0  # room the client needs above the peak
PERSON_PT = 15.0


def draw_client(ax: Axes, recording: Recording, until: float) -> None:
    """Draw the client who waited longest, and say where the loop was starved."""
    worst = worst_of(recording)
    if worst is None:
        return
    width_pt, height_pt = axes_pt(ax)
    a_point = ax.get_ylim()[1] / height_pt  # in data
    arrives, answered = worst.deadline_s, worst.deadline_s + worst.late_s
    long_pt = worst.late_s / until * width_pt
    level = worst.late_s + (6 * a_point if long_pt >= 12 else 2 * a_point)
    starved = starved_at(recording, least_s=ax.get_ylim()[1] * 0.03)
    reason = say("lag.throttled" if is_throttled(recording) else "lag.starved")
    if long_pt >= 12:
        _draw_distance(ax, arrives, answered, level)
    _draw_person(ax, arrives, level)
    told = wait_words(worst.late_s)
    row = _row(told, long_pt)
    taken = (arrives / until * width_pt - 8, answered / until * width_pt + 8)
    if row:
        edges = (arrives + 13 / width_pt * until, (arrives + answered) / 2, answered)
        for text, x, ha in zip(row, edges, ("left", "center", "right"), strict=True):
            nudge = -6 if ha == "right" else 0
            _write(ax, text, x, level, (nudge, 4), ha=ha, va="bottom", bold=ha == "center")
    else:
        alone = reason if starved == worst else ""
        key = "lag.beside" if long_pt >= 12 else "lag.short"
        beside = _write_beside(ax, say(key, wait=told), alone, worst, level, recording, until)
        taken = (min(taken[0], beside[0]), max(taken[1], beside[1]))
    if starved is not None and starved != worst:
        end_pt = recorded_s(recording) / until * width_pt
        _write_starved(ax, reason, starved, taken, end_pt, until)
    elif starved is not None and row:
        below = worst.late_s - 20 * a_point
        _write(ax, reason, answered, below, (-6, 0), ha="right", va="bottom", bold=False)


def _row(told: str, room_pt: float) -> tuple[str, str, str] | None:
    """Return what to write along the distance, as long as fits; None if not even the wait does."""
    middle = say("lag.waits", wait=told)
    bold_pt = text_pt(middle, palette.FIGURE_PT, bold=True)
    for form in ("long", "brief"):
        first, last = say(f"lag.arrives_{form}"), say(f"lag.answered_{form}")
        side_pt = max(13 + text_pt(first, palette.BODY_PT), 6 + text_pt(last, palette.BODY_PT))
        if 2 * side_pt + bold_pt + 28 <= room_pt:
            return first, middle, last
    return ("", middle, "") if bold_pt + 34 <= room_pt else None


def _draw_distance(ax: Axes, arrives: float, answered: float, level: float) -> None:
    for x in (arrives, answered):
        ax.plot([x, x], [0, level], color=palette.INK, linewidth=1.0, zorder=7)
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
            "mutation_scale": 14,
        },
        zorder=8,
        gid="client",
    )


def _draw_person(ax: Axes, x: float, level: float) -> None:
    figure = ax.get_figure(root=True)
    assert figure is not None
    lifted = ScaledTranslation(0, (PERSON_PT * 0.6) / 72, figure.dpi_scale_trans)
    ax.plot(
        [x],
        [level],
        marker=PERSON,
        markersize=PERSON_PT,
        markerfacecolor=palette.INK,
        markeredgecolor=palette.PAPER,
        markeredgewidth=0.6,
        zorder=9,
        clip_on=False,
        gid="arrives",
        transform=ax.transData + lifted,
    )


def _write_beside(
    ax: Axes,
    text: str,
    reason: str,
    worst: LagSample,
    level: float,
    recording: Recording,
    until: float,
) -> tuple[float, float]:
    """Write to the right of the client's wait, or to its left where there is no room.

    Returns:
        From where to where the words reach, in points.
    """
    width_pt, height_pt = axes_pt(ax)
    long_pt = text_pt(text, palette.FIGURE_PT, bold=True)
    long_pt = max(long_pt, text_pt(reason, palette.BODY_PT)) + 18
    first, last, end = (
        each / until * width_pt for each in (worst.deadline_s, sum(worst), recorded_s(recording))
    )
    above_pt = level / ax.get_ylim()[1] * height_pt
    at, ha, nudge, up = last, "left", 12.0, max(0.0, 12 - above_pt) if reason else 0.0
    if last + long_pt > end and first >= long_pt:
        at, ha, nudge = first, "right", -12.0
    elif last + long_pt > end:  # room on neither side: above the client, within the recording
        at = max(0.0, min(first - long_pt / 2, end - long_pt))
        nudge, up = 4.0, PERSON_PT + (16 if reason else 4)
    x = at / width_pt * until
    _write(ax, text, x, level, (nudge, up + (9 if reason else 0)), ha=ha, va="bottom", bold=True)
    if reason:
        _write(ax, reason, x, level, (nudge, up + 6), ha=ha, va="top", bold=False)
    return (at, at + long_pt) if ha == "left" else (at - long_pt, at)


def _write_starved(
    ax: Axes,
    reason: str,
    starved: LagSample,
    taken: tuple[float, float],
    end_pt: float,
    until: float,
) -> None:
    """Write at the worst place without a hold, unless the client's words stand there."""
    width_pt, _ = axes_pt(ax)
    at, long_pt = starved.deadline_s / until * width_pt, text_pt(reason, palette.BODY_PT) + 6
    for ha, first in (("left", at), ("right", at - long_pt)):
        last = first + long_pt
        if first >= 0 and last <= end_pt and (last < taken[0] or first > taken[1]):
            place = (starved.deadline_s, starved.late_s)
            _write(ax, reason, *place, (0, 4), ha=ha, va="bottom", bold=False)
            return


def _write(
    ax: Axes,
    text: str,
    x: float,
    y: float,
    nudge: tuple[float, float],
    *,
    ha: str,
    va: str,
    bold: bool,
) -> None:
    """Write near a point, with a halo, so that it reads on the saw-tooth too."""
    if not text:
        return
    size, weight = (palette.FIGURE_PT, "bold") if bold else (palette.BODY_PT, "normal")
    written = ax.annotate(
        text,
        (x, y),
        xytext=nudge,
        textcoords="offset points",
        ha=ha,
        va=va,
        annotation_clip=False,
        zorder=9,
        gid="wait",
        **styled(size, weight=weight),
    )
    written.set_path_effects([patheffects.withStroke(linewidth=3, foreground=palette.PAPER)])


def _person() -> Path:
    """Return a head over shoulders, as one marker."""
    head = Path.circle((0, 0.42), 0.25)
    body = Path(
        [(-0.45, -0.6), (-0.45, 0.22), (0.45, 0.22), (0.45, -0.6), (-0.45, -0.6)],
        [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY],
    )
    return Path.make_compound_path(head, body)


PERSON = _person()
