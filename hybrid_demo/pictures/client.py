"""One client drawn into the lag panel: arrives here, waits so long, is answered here."""

from __future__ import annotations

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import ScaledTranslation

from ..recording import LagSample, Recording
from . import palette
from .frame import axes_pt, recorded_s, styled, text_pt
from .words import say, wait_words

CLIENT_PT = 34.0  # room the client needs above the peak
STARVED_S = 0.02  # a wait shorter than this is no starvation worth a word
PERSON_PT = 15.0


def worst_of(recording: Recording) -> LagSample | None:
    """Return the sample of the client who waited longest; None without samples."""
    return max(recording.lag.samples, key=lambda sample: sample.late_s, default=None)


def starved_at(recording: Recording) -> LagSample | None:
    """Return the worst wait during which holds took less than a third of the time.

    None if there is none of at least 20 ms: nobody held the loop, so it must
    have been starved of the GIL or of a CPU.
    """
    late = [sample for sample in recording.lag.samples if sample.late_s >= STARVED_S]
    if not late:
        return None
    starts = np.array([sample.deadline_s for sample in late])
    waits = np.array([sample.late_s for sample in late])
    held = np.zeros(len(late))
    holds = sorted((hold.start_s, hold.stop_s) for hold in recording.holds)
    if holds:
        edges = np.maximum.accumulate(np.array(holds).ravel())
        total = np.concatenate(
            [[0.0], np.cumsum(np.diff(edges) * (np.arange(len(edges) - 1) % 2 == 0))]
        )
        held = np.interp(starts + waits, edges, total) - np.interp(starts, edges, total)
    waits[held >= waits / 3] = 0.0
    at = int(waits.argmax())
    return late[at] if waits[at] > 0 else None


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
    starved = starved_at(recording)
    by_quota = any(note.lower().startswith("the cpu quota") for note in recording.notes)
    reason = say("lag.throttled" if by_quota else "lag.starved") if starved else ""
    if long_pt >= 12:
        _draw_distance(ax, arrives, answered, level)
    _draw_person(ax, arrives, level)
    told = wait_words(worst.late_s)
    row = _row(told, long_pt)
    if row:
        edges = (arrives + 13 / width_pt * until, (arrives + answered) / 2, answered)
        for text, x, ha in zip(row, edges, ("left", "center", "right"), strict=True):
            nudge = -6 if ha == "right" else 0
            _write(ax, text, x, level, (nudge, 4), ha=ha, va="bottom", bold=ha == "center")
    else:
        alone = reason if starved == worst else ""
        key = "lag.beside" if long_pt >= 12 else "lag.short"
        _write_beside(ax, say(key, wait=told), alone, arrives, answered, level, recording, until)
    if starved is not None and (row or starved != worst):
        _write_starved(ax, reason, starved, worst, until)


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
    arrives: float,
    answered: float,
    level: float,
    recording: Recording,
    until: float,
) -> None:
    """Write to the right of the client's wait, or to its left where there is no room."""
    width_pt, _ = axes_pt(ax)
    long_pt = text_pt(text, palette.FIGURE_PT, bold=True)
    long_pt = max(long_pt, text_pt(reason, palette.BODY_PT)) + 18
    first, last = arrives / until * width_pt, answered / until * width_pt
    end = recorded_s(recording) / until * width_pt
    x, ha, nudge, up = answered, "left", 12.0, 0.0
    if last + long_pt > end and first >= long_pt:
        x, ha, nudge = arrives, "right", -12.0
    elif last + long_pt > end:  # room on neither side: above the client, within the recording
        x = max(0.0, min(first - long_pt / 2, end - long_pt)) / width_pt * until
        nudge, up = 4.0, PERSON_PT + 4
    _write(ax, text, x, level, (nudge, up + (9 if reason else 0)), ha=ha, va="bottom", bold=True)
    if reason:
        _write(ax, reason, x, level, (nudge, up + 6), ha=ha, va="top", bold=False)


def _write_starved(
    ax: Axes, reason: str, starved: LagSample, worst: LagSample, until: float
) -> None:
    """Write at the worst place without a hold, unless the client's words stand there."""
    width_pt, height_pt = axes_pt(ax)
    at, long = starved.deadline_s / until * width_pt, text_pt(reason, palette.BODY_PT)
    if starved == worst:
        level = worst.late_s - 20 / height_pt * ax.get_ylim()[1]
        x = worst.deadline_s + worst.late_s
        _write(ax, reason, x, level, (-6, 0), ha="right", va="bottom", bold=False)
        return
    first, last = (t / until * width_pt for t in (worst.deadline_s, sum(worst)))
    if at + long < first - 8 or at > last + 8:
        ha = "right" if at + long > width_pt else "left"
        _write(
            ax, reason, starved.deadline_s, starved.late_s, (0, 4), ha=ha, va="bottom", bold=False
        )


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
