"""The crossover: from which length of a job on the trip to a worker pays.

No recording goes in, only times a job took: on the loop, and through the pool.
Both axes are logarithmic, because the lengths of jobs are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ..given import shown
from . import palette
from .checking import ascending, check_axes, figures
from .frame import LEFT_IN, RIGHT_IN, axes_pt, broken, styled, text_pt
from .picture import WIDTH_IN, Picture
from .tables import Table
from .words import listed, say, sentence

PAYS = 0.9  # a pool that needs more than this part of the loop's time saves nothing worth a word
PANEL_IN = 3.5
MARGIN_PT = 16.0
FULL_PT = WIDTH_IN * 72 - 2 * MARGIN_PT
LINE = 1.28  # line height, in type sizes
LEAST_S, MOST_S = 1e-9, 1e9
SIDE_PT = 28.0  # at the top of the panel, for what is said of its two sides
NAME_PT = 19.0  # for the name of a line
SAMPLE_PT = 34.0  # length of the line beside its name
MARKER_PT = 6.0


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
    job_s, loop_s, pooled_s, one_by_one_s = _checked(
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
    parts = [headline, remark, say("crossover.axes", **where)]
    parts.append(_told("crossover.loop", loop_s))
    parts.append(_told("crossover.pooled", pooled_s))
    parts += [_told("crossover.one_by_one", one_by_one_s)] if one_by_one_s else []
    picture.headline, picture.summary = headline, headline
    picture.alt_text = " ".join(part for part in parts if part)
    ways = {"crossover.loop": loop_s, "crossover.pooled": pooled_s}
    ways |= {"crossover.one_by_one": one_by_one_s} if one_by_one_s else {}
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
    job_s, loop_s, pooled_s, one_by_one_s = _checked(
        job_s, loop_s=loop_s, pooled_s=pooled_s, one_by_one_s=one_by_one_s
    )
    pays_s = crossing_s(job_s, loop_s=loop_s, pooled_s=pooled_s)
    if ax is None:
        ax = _laid_out("", "").axes[0]
    blue = palette.LOOKS["process"].fill
    ways = [
        ("crossover.loop", loop_s, palette.LAG, "o", "-"),
        ("crossover.pooled", pooled_s, blue, "s", "-"),
    ]
    if one_by_one_s:
        ways.append(("crossover.one_by_one", one_by_one_s, blue, "^", "--"))
    _prepare(ax, job_s, {key: times_s for key, times_s, *_ in ways})
    for key, times_s, colour, marker, line in ways:
        how: dict[str, Any] = {
            "color": colour,
            "marker": marker,
            "markersize": MARKER_PT,
            "linewidth": 2.0,
        }
        ax.plot(job_s, times_s, line, gid=key, **how)
    _draw_sides(ax, job_s, pays_s)
    _name_lines(ax)
    return ax


def crossing_s(
    job_s: Sequence[float], *, loop_s: Sequence[float], pooled_s: Sequence[float]
) -> float | None:
    """Return from which length of a job on the pool saves at least a tenth of the time.

    Between two measured lengths by interpolation, as the axes are drawn; the
    first length if it always does; None if it does not at the last.

    Raises:
        ValueError: the lengths differ, are fewer than two, or do not ascend; or a time
            is not above zero.
    """
    job_s, loop_s, pooled_s, _ = _checked(job_s, loop_s=loop_s, pooled_s=pooled_s)
    dearer = [math.log(p / (PAYS * s)) for s, p in zip(loop_s, pooled_s, strict=True)]
    late = [at for at, by in enumerate(dearer) if by > 0]
    if not late:
        return job_s[0]
    last = late[-1]
    if last == len(job_s) - 1:
        return None
    part = dearer[last] / (dearer[last] - dearer[last + 1])
    return float(job_s[last] * (job_s[last + 1] / job_s[last]) ** part)


def _checked(
    job_s: Sequence[float], **ways: Sequence[float]
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Return lengths of a job and the times each way took, as plain figures.

    Raises:
        TypeError: one of them is no sequence of numbers.
        ValueError: the lengths differ, are fewer than two, or do not ascend; or a time
            is not above zero.
    """
    expected = "seconds above 0, as a list"
    jobs = figures("job_s", job_s, expected=expected)
    found = {name: figures(name, given, expected=expected) for name, given in ways.items()}
    found.setdefault("one_by_one_s", [])
    for name, times in found.items():
        if name == "one_by_one_s" and not times:
            continue
        if len(jobs) != len(times) or len(jobs) < 2:
            raise ValueError(
                f"{len(jobs)} lengths of a job and {len(times)} times were given; expected as "
                "many of the one as of the other, two or more"
            )
        for value in (*jobs, *times):
            if not LEAST_S <= value <= MOST_S:
                raise ValueError(
                    f"a time is {value!r}; expected seconds above 0, a nanosecond to thirty years"
                )
    if not ascending(jobs):
        raise ValueError(f"job_s is {shown(jobs)}; expected ascending lengths")
    return jobs, found["loop_s"], found["pooled_s"], found["one_by_one_s"]


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


def _laid_out(headline: str, remark: str) -> Picture:
    """Return a picture with its words on top and empty axes below."""
    bold = broken(headline, FULL_PT, palette.HEADLINE_PT, bold=True) if headline else []
    plain = broken(remark, FULL_PT, palette.TITLE_PT) if remark else []
    top_pt = MARGIN_PT + LINE * (len(bold) * palette.HEADLINE_PT + len(plain) * palette.TITLE_PT)
    height_pt = top_pt + 8 + PANEL_IN * 72 + 46
    picture = Picture.made(height_pt / 72)
    picture.add_axes(
        (
            LEFT_IN / WIDTH_IN,
            46 / height_pt,
            1 - (LEFT_IN + RIGHT_IN) / WIDTH_IN,
            PANEL_IN * 72 / height_pt,
        )
    )
    down_pt = MARGIN_PT
    for text, size, weight in (
        *((line, palette.HEADLINE_PT, "bold") for line in bold),
        *((line, palette.TITLE_PT, "normal") for line in plain),
    ):
        how = styled(
            size, weight=weight, va="top", gid="headline" if weight == "bold" else "remark"
        )
        picture.text(MARGIN_PT / (WIDTH_IN * 72), 1 - down_pt / height_pt, text, **how)
        down_pt += LINE * size
    return picture


def _prepare(ax: Axes, job_s: Sequence[float], ways: Mapping[str, Sequence[float]]) -> None:
    """Lay two logarithmic axes in seconds, with room for words above the highest lines."""
    ax.set_facecolor("none")
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
    for spine in ax.spines.values():
        spine.set_visible(False)
    for axis, (least, most) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        decades = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
        ticks = [10.0**power for power in decades if least <= 10.0**power <= most]
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: _time(value)))
    ax.tick_params(axis="both", length=0, pad=5, labelsize=palette.SMALL_PT)
    ax.tick_params(axis="both", labelfontfamily=palette.FONT, labelcolor=palette.SOFT_INK)
    ax.grid(visible=True, color=palette.GRID, linewidth=0.6)
    ax.set_axisbelow(True)
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
        ax.plot(
            [8 / width_pt, (8 + SAMPLE_PT) / width_pt],
            [level, level],
            linestyle=line.get_linestyle(),
            color=line.get_color(),
            marker=line.get_marker(),
            markersize=MARKER_PT,
            linewidth=2.0,
            transform=ax.transAxes,
            gid="sample",
        )
        ax.annotate(
            say(str(line.get_gid())),
            ((8 + SAMPLE_PT + 8) / width_pt, level),
            xycoords="axes fraction",
            va="center",
            gid="name",
            **styled(color=str(line.get_color()), weight="bold"),
        )
