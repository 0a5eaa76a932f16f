"""A figure, its bound, and how a figure is taken: several times, the median told."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class NotMeasured(Exception):
    """A part cannot be measured here; the message says why, and what to do."""


class Figure(NamedTuple):
    """One line of the report.

    Attributes:
        what: what was measured.
        value: the median.
        unit: "times" for a ratio, or what it is counted in.
        bound: the most it should be ("at most") or the least ("at least"); None for a peer.
        low: the smallest measured.
        high: the largest measured.
        at_least: whether `bound` is the least.
        row: the README's row that it stands in, a key of ``tables.ROWS``; "" for none.
        who: whose figure it is there, beside the others of that row.
        points: of the length from which a pool pays, what it was computed from: the
            length of a job, its time on the loop, its time through the pool, in seconds.
    """

    what: str
    value: float
    unit: str
    bound: float | None
    low: float
    high: float
    at_least: bool = False
    row: str = ""
    who: str = ""
    points: Sequence[Sequence[float]] = ()

    @classmethod
    def of(
        cls,
        what: str,
        values: Sequence[float],
        *,
        unit: str = "times",
        bound: float | None = None,
        **more: Any,
    ) -> Figure:
        """Return the figure of values that were measured, their median told."""
        return cls(what, statistics.median(values), unit, bound, min(values), max(values), **more)

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None without one."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def bound_told(self) -> str:
        """The bound in words, "" without one."""
        if self.bound is None:
            return ""
        return f"{'at least' if self.at_least else 'at most'} {self.bound:g}"

    @property
    def spread(self) -> str:
        """From the smallest to the largest measured; "" of a single measurement."""
        if self.low == self.high:
            return ""
        return f"{number(self.low)} to {number(self.high)}"

    def __str__(self) -> str:
        verdict = {True: "kept", False: "MISSED", None: ""}[self.holds]
        return (
            f"{self.what:<64} {number(self.value):>8} {self.unit:<7} {self.spread:<20} "
            f"{self.bound_told:<14} {verdict}"
        ).rstrip()


def number(value: float) -> str:
    """Return a number as a reader wants it: "0.23", "1.1", "28", "7,380"; "never" if infinite."""
    if value == float("inf"):
        return "never"
    if abs(value) >= 99.5:
        digits = max(0, len(str(int(abs(value)))) - 3)
        return f"{round(value, -digits):,.0f}"
    return f"{value:.2g}"


def figure(
    what: str,
    measure: Callable[[], float],
    *,
    bound: float | None = None,
    unit: str = "times",
    times: int = 5,
    **more: Any,
) -> Figure:
    """Return the median of `times` measurements; if they are many, one more before is dropped."""
    if times > 3:
        measure()
    return Figure.of(what, [measure() for _ in range(times)], unit=unit, bound=bound, **more)
