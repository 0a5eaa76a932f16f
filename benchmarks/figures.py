"""A figure, its bound, and how a figure is taken: several times, the median told."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import NamedTuple


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
    """

    what: str
    value: float
    unit: str
    bound: float | None
    low: float
    high: float
    at_least: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the bound is kept; None without one."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def __str__(self) -> str:
        bound = ""
        if self.bound is not None:
            bound = f"{'at least' if self.at_least else 'at most'} {self.bound:g}"
        verdict = {True: "kept", False: "MISSED", None: ""}[self.holds]
        spread = f"{self.low:.3g} to {self.high:.3g}"
        return (
            f"{self.what:<62} {self.value:>8.3g} {self.unit:<6} {spread:<20} {bound:<14} {verdict}"
        )


def figure(
    what: str,
    measure: Callable[[], float],
    *,
    bound: float | None,
    unit: str = "times",
    times: int = 5,
    at_least: bool = False,
) -> Figure:
    """Return the median of `times` measurements; if they are many, one more before is dropped."""
    if times > 3:
        measure()
    values = [measure() for _ in range(times)]
    return Figure(what, statistics.median(values), unit, bound, min(values), max(values), at_least)
