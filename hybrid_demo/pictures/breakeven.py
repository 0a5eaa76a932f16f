"""The crossover: from which length of a job on the trip to a worker pays.

No recording goes in, only times a job took: on the loop, and through the pool.
Both axes are logarithmic, because the lengths of jobs are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..given import shown
from . import palette
from .checking import check_axes
from .curves import Look, named, quiet, with_words
from .frame import LEFT_IN, RIGHT_IN, axes_pt, styled, text_pt
from .paying import checked, crossing_s
from .picture import Picture
from .tables import Table
from .words import listed, say, sentence

LOOKS: Mapping[str, Look] = {
    "crossover.loop": Look(palette.LAG, "o", "-"),
    "crossover.pooled": Look(palette.LOOKS["process"].fill, "s", "-"),
    "crossover.one_by_one": Look(palette.LOOKS["process"].fill, "^", "--"),
}
PANEL_IN = 3.5
ABOVE_PT = 8.0
SIDE_PT = 28.0  # at the top of the panel, for what is said of its two sides
NAME_PT = 19.0  # for the name of a line
SAMPLE_PT = 34.0  # length of the line beside its name
MARKER_PT, LINE_PT = 6.0, 2.0


def crossover(
    job_s: Sequence[float],
    *,
    loop_s: Sequence[float],
    pooled_s: Sequence[float],
    one_by_one_s: Sequence[float] = (),
    cpus: int,
) -> Picture:
    """Draw from which length of a job on a pool is sooner than the loop itself.

    Hidden: what each piece hides (``plot_crossover``), and that the loop is held
    for all of the time it computes itself, whoever is sooner.

    Args:
        job_s: seconds of computing in one job, ascending.
        loop_s: seconds for each job when the loop computes them itself.
        pooled_s: the same, when many go through the pool together.
        one_by_one_s: the same, when each is awaited before the next; may be left out.
        cpus: how many CPUs there were for it.

    Raises:
        TypeError: what should be a list of figures is none.
        ValueError: the lengths differ, are fewer than two, or do not ascend; a time
            is not above zero; or there is no CPU.
    """
    if isinstance(cpus, bool) or not isinstance(cpus, int) or cpus < 1:
        raise ValueError(f"cpus is {shown(cpus)}; expected a whole number of CPUs, 1 or more")
    job_s, loop_s, pooled_s, one_by_one_s = checked(
        job_s, loop_s=loop_s, pooled_s=pooled_s, one_by_one_s=one_by_one_s
    )
    pays_s = crossing_s(job_s, loop_s=loop_s, pooled_s=pooled_s)
    where = {"least": _time(job_s[0]), "most": _time(job_s[-1])}
    if pays_s is None:
        headline = say("crossover.never", **where)
    elif pays_s <= job_s[0]:
        headline = say("crossover.always", **where)
    else:
        headline = say("crossover.from", time=_time(pays_s))
    remark = say("crossover.one_cpu") if cpus == 1 else ""
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "agg"}):
        picture = _laid_out(headline, remark)
        plot_crossover(
            job_s,
            loop_s=loop_s,
            pooled_s=pooled_s,
            one_by_one_s=one_by_one_s,
            ax=picture.axes[0],
        )
    ways = _ways(loop_s, pooled_s, one_by_one_s)
    parts = [headline, remark, say("crossover.axes", **where)]
    parts += [_told(key, times_s) for key, times_s in ways.items()]
    picture.headline, picture.summary = headline, headline
    picture.alt_text = " ".join(part for part in parts if part)
    head = (*listed("table.crossing_head"), *map(say, ways))
    rows = [tuple(map(_time, row)) for row in zip(job_s, *ways.values(), strict=True)]
    picture.tables = [Table(say("table.crossing"), head, rows)]
    return picture


def plot_crossover(
    job_s: Sequence[float],
    *,
    loop_s: Sequence[float],
    pooled_s: Sequence[float],
    one_by_one_s: Sequence[float] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw the time for each job against how long it is, on the loop and through a pool.

    Hidden: the spread of each figure, and whether the loop was free meanwhile.

    Args:
        job_s: seconds of computing in one job, ascending.
        loop_s: seconds for each job when the loop computes them itself.
        pooled_s: the same, when many go through the pool together.
        one_by_one_s: the same, when each is awaited before the next; may be left out.
        ax: where to draw; axes in a new figure if None.

    Returns:
        The axes, both logarithmic, in seconds.

    Raises:
        ValueError: the lengths differ, are fewer than two, or do not ascend; or a time
            is not above zero.
    """
    check_axes(ax)
    job_s, loop_s, pooled_s, one_by_one_s = checked(
        job_s, loop_s=loop_s, pooled_s=pooled_s, one_by_one_s=one_by_one_s
    )
    pays_s = crossing_s(job_s, loop_s=loop_s, pooled_s=pooled_s)
    if ax is None:
        ax = _laid_out("", "").axes[0]
    ways = _ways(loop_s, pooled_s, one_by_one_s)
    _prepare(ax, job_s, ways)
    for key, times_s in ways.items():
        colour, marker, line = LOOKS[key]
        (drawn,) = ax.plot(job_s, times_s, line, color=colour, marker=marker, gid=key)
        drawn.set(markersize=MARKER_PT, linewidth=LINE_PT)
    _draw_sides(ax, job_s, pays_s)
    _name_lines(ax)
    return ax


def _ways(
    loop_s: Sequence[float], pooled_s: Sequence[float], one_by_one_s: Sequence[float]
) -> Mapping[str, Sequence[float]]:
    """Return the times of each way that was measured, by the key of its name."""
    ways = dict(zip(LOOKS, (loop_s, pooled_s, one_by_one_s), strict=True))
    return {key: times_s for key, times_s in ways.items() if times_s}


def _laid_out(headline: str, remark: str) -> Picture:
    return with_words(
        headline, [PANEL_IN], remark=remark, left_in=LEFT_IN, right_in=RIGHT_IN, above_pt=ABOVE_PT
    )


def _time(seconds: float) -> str:
    """Return a time as an axis from microseconds to seconds says it: "10 µs", "0.4 ms"."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        figure = seconds * factor
        if figure >= (0.0995 if unit != "µs" else 0):
            break
    return f"{figure:.0f} {unit}" if figure >= 9.95 else f"{figure:.2g} {unit}"


def _told(key: str, times_s: Sequence[float]) -> str:
    first, last = _time(times_s[0]), _time(times_s[-1])
    return sentence(say("crossover.line", name=say(key), first=first, last=last))


def _prepare(ax: Axes, job_s: Sequence[float], ways: Mapping[str, Sequence[float]]) -> None:
    """Lay two logarithmic axes in seconds, with room for words above the highest lines."""
    quiet(ax)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(job_s[0] / 1.25, job_s[-1] * 1.25)
    width_pt, height_pt = axes_pt(ax)
    lowest = math.log(min(min(times_s) for times_s in ways.values()) / 1.6)
    # Two demands: all lines below what is said of the sides, the left ones below their names.
    names_pt = SIDE_PT + len(ways) * NAME_PT
    wide_pt = SAMPLE_PT + 30 + max(text_pt(say(key), palette.BODY_PT, bold=True) for key in ways)
    left, right = map(math.log, ax.get_xlim())
    behind = math.exp(left + (right - left) * wide_pt / width_pt)
    highest = lowest + 1.0
    for times_s in ways.values():
        reached = next((at for at, s in enumerate(job_s) if s >= behind), len(job_s) - 1)
        for part, taken_pt in ((times_s, SIDE_PT), (times_s[: reached + 1], names_pt)):
            top = math.log(max(part) * 1.25) - lowest
            highest = max(highest, lowest + top / max(0.2, 1 - taken_pt / height_pt))
    ax.set_ylim(math.exp(lowest), math.exp(highest))
    for axis, (least, most) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        decades = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
        ticks = [10.0**power for power in decades if least <= 10.0**power <= most]
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: _time(value)))
    soft = styled(palette.SMALL_PT, color=palette.SOFT_INK)
    ax.set_xlabel(say("crossover.x"), labelpad=4, **soft)
    ax.annotate(
        say("crossover.y"),
        (0, 1),
        xycoords="axes fraction",
        xytext=(-9, 0),
        textcoords="offset points",
        ha="right",
        va="top",
        annotation_clip=False,
        linespacing=1.05,
        gid="lane",
        **styled(),
    )
    # The panel's name stands where the axis' highest figures would.
    clear = lowest + (highest - lowest) * (1 - 3.6 * palette.BODY_PT / height_pt)
    kept = [tick for tick in ax.get_yticks() if math.log(tick) < clear]
    ax.yaxis.set_major_locator(FixedLocator(kept))


def _draw_sides(ax: Axes, job_s: Sequence[float], pays_s: float | None) -> None:
    """Say on either side of the crossing who is sooner there."""
    left, right = ax.get_xlim()
    middle = right if pays_s is None else left if pays_s <= job_s[0] else pays_s
    if left < middle < right:
        line = ax.axvline(middle, color=palette.INK, linewidth=1.1, zorder=1.5, gid="crossing")
        line.set_linestyle((0, (1, 2)))
    if middle > left:
        ax.axvspan(left, middle, color=palette.LANE, linewidth=0, zorder=0, gid="trip")
    width_pt, _ = axes_pt(ax)
    share = math.log(middle / left) / math.log(right / left)
    for words, begin, end in (
        (say("crossover.trip"), 0.0, share),
        (say("crossover.pays"), share, 1.0),
    ):
        if text_pt(words, palette.BODY_PT, bold=True) + 12 <= (end - begin) * width_pt:
            ax.annotate(
                words,
                ((begin + end) / 2, 1.0),
                xycoords="axes fraction",
                xytext=(0, -5),
                textcoords="offset points",
                ha="center",
                va="top",
                gid="side",
                **styled(palette.BODY_PT, weight="bold"),
            )


def _name_lines(ax: Axes) -> None:
    """Write the lines' names in their order, the highest first, where no line ever is."""
    width_pt, height_pt = axes_pt(ax)
    lines = [line for line in ax.lines if str(line.get_gid()).startswith("crossover.")]
    lines.sort(key=lambda line: -float(np.asarray(line.get_ydata())[0]))
    for at, line in enumerate(lines):
        level = 1 - (SIDE_PT + (at + 0.5) * NAME_PT) / height_pt
        begin, end = 8 / width_pt, (8 + SAMPLE_PT) / width_pt
        key = str(line.get_gid())
        across = (begin, end, end + 8 / width_pt)
        sizes = {"size_pt": MARKER_PT, "width_pt": LINE_PT}
        named(ax, say(key), LOOKS[key], across=across, level=level, **sizes)
