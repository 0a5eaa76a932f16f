"""What lanes are made of: bars, rows, and how rows are stacked. Arithmetic, no drawing.

Heights are in points, downwards from the top, so that lanes keep their size
however many recordings share a picture.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

from ..recording import JobSpan, StepSeries
from .words import say

LANE_PT, GAP_PT = 25.0, 5.0
COMPACT_LANE_PT, COMPACT_GAP_PT = 15.0, 3.0
MOST_PT = 260.0  # of all worker lanes of one recording

Forms = dict[int, tuple[str, ...]]  # by id of a job: how it may be written, longest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of one job: where it lies, how it looks, how it may be written.

    `late_s` is when its result was taken, where that was notably later than
    its end; `late_pt` the height at which to draw it.
    """

    start_s: float
    stop_s: float
    top_pt: float
    height_pt: float
    kind: str
    forms: tuple[str, ...] = ()
    late_s: float | None = None
    late_pt: float = 0.0

    @property
    def middle_pt(self) -> float:
        """Height of its middle, downwards."""
        return self.top_pt + self.height_pt / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row with a name at its left; `plain` has no ground of its own."""

    name: str
    top_pt: float
    height_pt: float
    plain: bool = False


@dataclass(slots=True)
class Lanes:
    """All rows of a recording's workers, and the bars in them."""

    lanes: list[Lane] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    waiting: StepSeries | None = None
    waiting_top_pt: float = 0.0
    height_pt: float = 0.0


def is_unseen(job: JobSpan) -> bool:
    """Whether the job went to an executor that tells nothing of its workers."""
    return job.started_s is None and job.executor == "other"


def stacked(spans: list[tuple[float, float]]) -> list[int]:
    """Return for each span, by start, the lowest row that is free for it."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    rows: list[int] = []
    for start, stop in spans:
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        row = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (stop, row))
        rows.append(row)
    return rows


def with_fate(forms: tuple[str, ...], fate: str) -> tuple[str, ...]:
    """Return the forms with what became of the job, then the fate alone."""
    word = say(f"bar.{fate}")
    return (*(f"{form}{'' if word[0] == '✕' else ':'} {word}" for form in forms), word)
