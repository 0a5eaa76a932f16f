"""A service under load: what designs make of it, against how much is offered.

No recording goes in, and nothing of the load generator: only plain figures, in
the order of the loads. Times are on a logarithmic axis, because designs differ
by tens.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from . import palette
from .curves import Look, named, quiet, with_words
from .designs import Figures, check_limits, checked, checked_model
from .frame import axes_pt, styled, text_pt
from .picture import WIDTH_IN, Picture
from .tables import Table
from .words import end_words_of, listed, say, sentence, series

BROKEN = 0.01  # the share refused from which a design no longer does what it is for
LEFT_IN, RIGHT_IN = 0.85, 0.25
KEY_PT, NAME_PT = 22.0, 28.0
MARKER_PT, LINE_PT = 7.0, 2.4
PANELS_IN = (2.3, 1.7, 0.8)
LOOKS: Mapping[str, Look] = {
    "inline": Look(palette.LAG, "o", "-"),
    "threads": Look(palette.LOOKS["thread"].fill, "^", "--"),
    "processes": Look(palette.LOOKS["process"].fill, "s", "-"),
    "computed": Look(palette.INK, "", (0, (5, 1.5, 1, 1.5))),
}
TICKS_S = [decade * step for decade in (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0) for step in (1, 3)]


def under_load(
    rates: Sequence[float],
    *,
    p50_s: Figures,
    p99_s: Figures,
    health_s: Figures,
    shed: Figures,
    deadline_s: float,
    capacity: float,
    computed: tuple[Sequence[float], Sequence[float]] = ((), ()),
) -> Picture:
    """Draw what each design makes of the same loads.

    Hidden: how many requests stand behind each point (with few, 99 of 100 means the
    slowest), their spread, and how long whoever was refused waited for it.

    Args:
        rates: requests offered in a second, ascending.
        p50_s: by design ("inline", "threads", "processes"), for each load, the seconds
            within which half the accepted requests were answered; NaN if there were none.
        p99_s: the same for 99 of 100.
        health_s: the same for 99 of 100 calls of GET /health.
        shed: the share that was refused or not answered in time, 0 to 1.
        deadline_s: the seconds within which the service answers or gives up.
        capacity: requests a second that would keep all CPUs busy.
        computed: rates and seconds (99 of 100) of a model of the processes; may be left out.

    Raises:
        TypeError: figures are no numbers, or not given by design.
        ValueError: a design is unknown or none is given, figures are missing or out of
            range, or the rates are fewer than two or do not ascend.
    """
    given = checked(rates, p50_s=p50_s, p99_s=p99_s, health_s=health_s, shed=shed)
    rates = given["rates"][""]
    p50_s, p99_s, health_s, shed = (given[each] for each in ("p50_s", "p99_s", "health_s", "shed"))
    check_limits(deadline_s=deadline_s, capacity=capacity)
    computed = checked_model(computed)
    at = _shown_at(shed)
    told = [
        say("offered.within", time=_time(health_s[each][at]), name=say(f"offered.{each}"))
        for each in health_s
    ]
    headline = say("offered.headline", rate=f"{rates[at]:.0f}", told=series(told))
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "agg"}):
        picture = _laid_out(headline, [*p99_s, *(["computed"] if computed[0] else [])])
        accepted, health, refused = picture.axes
        times_s = [*itertools.chain(*p50_s.values(), *p99_s.values()), deadline_s]
        _prepare(accepted, rates, say("offered.accepted"), times_s)
        _prepare(health, rates, say("offered.health"), [*itertools.chain(*health_s.values())])
        _prepare_shares(refused, rates)
        for each in p99_s:
            _draw(accepted, rates, p50_s[each], each, "p50")
            _draw(accepted, rates, p99_s[each], each, "p99")
            _draw(health, rates, health_s[each], each, "health")
            _draw(refused, rates, shed[each], each, "shed")
        _draw_limits(picture.axes, deadline_s, capacity)
        if computed[0]:
            _draw_computed(accepted, computed)
    parts = [headline, say("offered.axes", least=f"{rates[0]:.0f}", most=f"{rates[-1]:.0f}")]
    for each in p99_s:
        parts.append(_breaking(rates, shed[each], each))
        parts.append(_told(each, p99_s[each], health_s[each], shed[each]))
    picture.headline, picture.summary = headline, headline
    picture.alt_text = " ".join(parts)
    rows = [
        (
            f"{rate:.0f}",
            say(f"offered.{each}"),
            *(_time(times[each][at]) for times in (p50_s, p99_s, health_s)),
            f"{shed[each][at]:.0%}",
        )
        for at, rate in enumerate(rates)
        for each in p99_s
    ]
    picture.tables = [Table(say("offered.table"), listed("offered.table_head"), rows)]
    return picture


def _shown_at(shed: Figures) -> int:
    """Return the place of the largest load at which no design is broken; the first if all are."""
    whole = [max(shares) <= BROKEN for shares in zip(*shed.values(), strict=True)]
    return max(0, (whole.index(False) if False in whole else len(whole)) - 1)


def _time(seconds: float) -> str:
    return say("offered.none") if math.isnan(seconds) else end_words_of(seconds)


def _breaking(rates: Sequence[float], shares: Sequence[float], design: str) -> str:
    """Say beyond which load a design refuses more than one in a hundred."""
    name = say(f"offered.{design}")
    at = next((at for at, share in enumerate(shares) if share > BROKEN), None)
    if at is None:
        return say("offered.holds", name=name)
    key = "offered.breaks" if at else "offered.breaks_at_once"
    return say(key, rate=f"{rates[max(0, at - 1)]:.0f}", name=name)


def _told(
    design: str, p99_s: Sequence[float], health_s: Sequence[float], shed: Sequence[float]
) -> str:
    return sentence(
        say(
            "offered.line",
            name=say(f"offered.{design}"),
            first=_time(p99_s[0]),
            last=_time(p99_s[-1]),
            health_first=_time(health_s[0]),
            health_last=_time(health_s[-1]),
            share=f"{shed[-1]:.0%}",
        )
    )


def _laid_out(headline: str, lines_named: Sequence[str]) -> Picture:
    """Return a picture with its words and its key on top, and three empty panels below."""
    picture = with_words(
        headline, PANELS_IN, left_in=LEFT_IN, right_in=RIGHT_IN, key_pt=KEY_PT, above_pt=NAME_PT
    )
    height_pt, width_pt = PANELS_IN[0] * 72, (WIDTH_IN - LEFT_IN - RIGHT_IN) * 72
    across_pt, level = 0.0, 1 + (NAME_PT + KEY_PT / 2) / height_pt
    for each in lines_named:
        words = say(f"offered.{each}")
        across = (across_pt / width_pt, (across_pt + 40) / width_pt, (across_pt + 50) / width_pt)
        sizes = {"size_pt": MARKER_PT, "width_pt": LINE_PT}
        named(picture.axes[0], words, LOOKS[each], across=across, level=level, **sizes)
        across_pt += 50 + text_pt(words, palette.BODY_PT, bold=True) + 24
    return picture


def _prepare(ax: Axes, rates: Sequence[float], name: str, times_s: Sequence[float]) -> None:
    """Lay the loads against a logarithmic axis of times."""
    known = [time_s for time_s in times_s if time_s > 0]  # neither NaN
    ax.set_yscale("log")
    ax.set_ylim(min(known, default=0.001) / 2, max(known, default=1.0) * 2.2)
    least, most = ax.get_ylim()
    ticks = [tick for tick in TICKS_S if least <= tick <= most]
    ax.yaxis.set_major_locator(FixedLocator(ticks[:: 1 if len(ticks) < 5 else 2]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _short(value)))
    _prepare_loads(ax, rates, name)
    ax.tick_params(axis="x", labelbottom=False)


def _short(seconds: float) -> str:
    return f"{seconds:g} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def _prepare_shares(ax: Axes, rates: Sequence[float]) -> None:
    """Lay the loads against the share that is refused."""
    ax.set_ylim(-0.06, 1.06)
    ax.yaxis.set_major_locator(FixedLocator([0.0, 1.0]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    _prepare_loads(ax, rates, say("offered.shed"))
    ax.set_xlabel(say("offered.x"), labelpad=4, **styled(palette.SMALL_PT, color=palette.SOFT_INK))


def _prepare_loads(ax: Axes, rates: Sequence[float], name: str) -> None:
    quiet(ax)
    ax.set_xlim(0, rates[-1] * 1.06)
    ax.xaxis.set_major_locator(FixedLocator(list(rates)))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_locator(NullLocator())
    ax.annotate(
        name,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 7),
        textcoords="offset points",
        annotation_clip=False,
        gid="lane",
        **styled(),
    )


def _draw(
    ax: Axes, rates: Sequence[float], values: Sequence[float], design: str, what: str
) -> None:
    colour, marker, line = LOOKS[design]
    hollow = what == "p50"
    ax.plot(
        rates,
        values,
        linestyle=":" if hollow else line,
        color=colour,
        marker=marker,
        markersize=MARKER_PT,
        markerfacecolor=palette.PAPER if hollow else colour,
        linewidth=1.4 if hollow else LINE_PT,
        gid=f"{what} {design}",
        clip_on=False,
    )


def _draw_limits(panels: Sequence[Axes], deadline_s: float, capacity: float) -> None:
    """Draw the deadline across, and all that the CPUs can do down through the panels."""
    small = styled(palette.SMALL_PT, color=palette.INK, gid="limit")
    panels[0].axhline(deadline_s, color=palette.INK, linewidth=1.2, gid="deadline", zorder=1.5)
    panels[0].annotate(
        say("offered.deadline", time=end_words_of(deadline_s)),
        (0, deadline_s),
        xytext=(4, 3),
        textcoords="offset points",
        va="bottom",
        zorder=5,
        bbox={"facecolor": palette.PAPER, "edgecolor": "none", "pad": 1.5},
        **small,
    )
    for ax in panels:
        line = ax.axvline(capacity, color=palette.INK, linewidth=1.1, gid="capacity", zorder=1.5)
        line.set_linestyle((0, (1, 2)))
    words, (width_pt, _) = say("offered.capacity"), axes_pt(panels[2])
    # At its line, or where the panel's own name leaves room.
    taken_pt = text_pt(say("offered.shed"), palette.BODY_PT) + 14
    taken_pt += text_pt(words, palette.SMALL_PT) / 2
    panels[2].annotate(
        words,
        (max(capacity / panels[2].get_xlim()[1], taken_pt / width_pt), 1),
        xycoords="axes fraction",
        xytext=(0, 7),
        textcoords="offset points",
        ha="center",
        annotation_clip=False,
        **small,
    )


def _draw_computed(ax: Axes, computed: tuple[Sequence[float], Sequence[float]]) -> None:
    """Draw the model's line over the measured ones."""
    colour, _, dashes = LOOKS["computed"]
    (line,) = ax.plot(*computed, color=colour, linewidth=2.0, gid="computed", zorder=3)
    line.set_linestyle(dashes)
