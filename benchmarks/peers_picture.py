"""The peers' picture: what a trip costs each, and how long a job must be to be worth it.

Both parts share one axis of time: above it a trip and the shortest job that
pays, below it how many times sooner two workers are than the loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from hybrid_demo.pictures import palette
from hybrid_demo.pictures.frame import broken, styled
from hybrid_demo.pictures.paying import PAYS
from hybrid_demo.pictures.picture import WIDTH_IN, Picture

from .alone import ROOT
from .figures import Figure, number
from .tables import Run, alt_text, headline

PICTURE = ROOT / "docs" / "peers.png"
LOOKS = (
    (palette.LOOKS["process"].fill, "s"),
    (palette.LAG, "o"),
    (palette.LOOKS["thread"].fill, "^"),
    (palette.LOOKS["other"].fill, "D"),
    (palette.INK, "v"),
)
LEFT_IN, RIGHT_IN = 2.1, 2.3
TOP_IN, LINE_IN, HEADS_IN, ROW_IN = 0.3, 0.33, 0.6, 0.45
GAP_IN, CURVES_IN, BOTTOM_IN = 0.4, 2.9, 0.7
MARKER_PT = 9.0
GAINS = (0, 0.5, 1, 1.5, 2, 2.5, 3)
COLUMNS_IN = (0.85, 2.17)  # right ends of the two figures beside a row


def draw(run: Run, path: Path = PICTURE) -> Picture:
    """Write the picture of a run, with its date in the file; return it."""
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "agg"}):
        picture = picture_of(run.parts["peers"])
        picture.savefig(path, dpi=100, metadata={"Description": run.date})
    return picture


def picture_of(figures: Sequence[Figure]) -> Picture:
    """Return the picture of the peers' figures.

    Hidden: how the figures differed from round to round, which the table tells.
    """
    pays = [each for each in figures if each.row == "pays"]
    words = headline(figures)
    lines = broken(words, (WIDTH_IN - 0.5) * 72, palette.HEADLINE_PT, bold=True)
    rows_in = ROW_IN * len(pays)
    top_in = TOP_IN + LINE_IN * len(lines) + HEADS_IN
    height_in = top_in + rows_in + GAP_IN + CURVES_IN + BOTTOM_IN
    picture = Picture.made(height_in)
    picture.headline = picture.summary = words
    picture.alt_text = alt_text(figures)
    for at, line in enumerate(lines):
        how = styled(palette.HEADLINE_PT, weight="bold", va="top", gid="headline")
        picture.text(0.25 / WIDTH_IN, 1 - (TOP_IN + LINE_IN * at) / height_in, line, **how)
    wide = 1 - (LEFT_IN + RIGHT_IN) / WIDTH_IN
    boxes = (
        (LEFT_IN / WIDTH_IN, 1 - (top_in + rows_in) / height_in, wide, rows_in / height_in),
        (LEFT_IN / WIDTH_IN, BOTTOM_IN / height_in, wide, CURVES_IN / height_in),
    )
    above, below = (picture.add_axes(box) for box in boxes)
    plot_trips(figures, ax=above)
    plot_gains(pays, ax=below)
    below.set_xlim(above.get_xlim())
    return picture


def plot_trips(figures: Sequence[Figure], *, ax: Axes) -> Axes:
    """Draw a row for each: a trip (to its 90th percentile), and from where a job pays."""
    trips, tails, pays = (
        [each for each in figures if each.row == row] for row in ("trip", "trip_p90", "pays")
    )
    lengths_ms = [1_000 * points[0] for points in pays[0].points]
    _prepare(ax, lengths_ms)
    ax.set_ylim(len(trips) - 0.5, -0.5)
    ax.yaxis.set_major_locator(FixedLocator(range(len(trips))))
    ax.set_yticklabels([each.who for each in trips])
    ax.tick_params(axis="x", labelbottom=False)
    _beside(ax, -0.85, ("\N{BLACK CIRCLE} trip", "\N{WHITE CIRCLE} pays from"), weight="bold")
    for at, (trip, tail, pay, (colour, marker)) in enumerate(
        zip(trips, tails, pays, LOOKS, strict=True)
    ):
        ax.plot([trip.value, tail.value], [at, at], color=colour, linewidth=2.5, gid="tail")
        ax.plot(trip.value, at, marker, color=colour, markersize=MARKER_PT, gid="trip")
        never = pay.value == float("inf")
        if not never:
            ax.axvline(pay.value, color=colour, linewidth=0.8, zorder=0.5, gid="crossing")
            how: dict[str, Any] = {"markersize": MARKER_PT + 3, "markerfacecolor": palette.PAPER}
            ax.plot(pay.value, at, marker, color=colour, markeredgewidth=2, **how, gid="pays")
        words = ("never" if never else f"{number(pay.value)} ms",)
        _beside(ax, at, (f"{number(trip.value)} ms", *words))
    return ax


def plot_gains(pays: Sequence[Figure], *, ax: Axes) -> Axes:
    """Draw how many times sooner two workers are than the loop, by the length of a job."""
    lengths_ms = [1_000 * points[0] for points in pays[0].points]
    _prepare(ax, lengths_ms)
    most = 1.0
    for each, (colour, marker) in zip(pays, LOOKS, strict=True):
        gains = [loop_s / pooled_s for _, loop_s, pooled_s in each.points]
        most = max(most, *gains)
        ax.plot(lengths_ms, gains, marker + "-", color=colour, linewidth=1.8, gid=each.who)
    ax.set_ylim(-0.1 * most, most * 1.1)
    ax.axhspan(
        -0.1 * most, 1 / PAYS, color=palette.LANE, linewidth=0, zorder=0, gid="loop is sooner"
    )
    ax.yaxis.set_major_locator(FixedLocator([level for level in GAINS if level <= most]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} times"))
    ax.set_xlabel("computing in one job", labelpad=6, **styled(palette.SMALL_PT))
    for words, low, high in (
        ("two workers\nare sooner", 1 / PAYS, most * 1.1),
        ("the trip eats\nit up", 0, 1 / PAYS),
    ):
        ax.annotate(
            words,
            (1, (low + high) / 2),
            xycoords=("axes fraction", "data"),
            xytext=(12, 0),
            textcoords="offset points",
            va="center",
            annotation_clip=False,
            gid="side",
            **styled(palette.SMALL_PT, weight="bold"),
        )
    return ax


def _prepare(ax: Axes, lengths_ms: Sequence[float]) -> None:
    """Lay a logarithmic axis in milliseconds."""
    ax.set_xscale("log")
    ax.set_xlim(lengths_ms[0] / 1.3, lengths_ms[-1] * 1.3)
    ticks = [0.01, 0.1, 1.0, 10.0, 100.0]
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if tick < ax.get_xlim()[1]]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} ms"))
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.tick_params(axis="both", length=0, pad=6, labelsize=palette.SMALL_PT)
    ax.tick_params(axis="both", labelfontfamily=palette.FONT, labelcolor=palette.INK)
    ax.grid(visible=True, axis="x", color=palette.GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def _beside(ax: Axes, at: float, words: Sequence[str], *, weight: str = "normal") -> None:
    """Write the figures of a row to the right of the panel, each column's ends aligned."""
    for text, end_in in zip(words, COLUMNS_IN, strict=True):
        ax.annotate(
            text,
            (1, at),
            xycoords=("axes fraction", "data"),
            xytext=(end_in * 72, 0),
            textcoords="offset points",
            ha="right",
            va="center",
            annotation_clip=False,
            gid="beside",
            **styled(palette.SMALL_PT, weight=weight),
        )
