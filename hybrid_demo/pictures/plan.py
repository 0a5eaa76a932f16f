"""What a picture shows of its recordings, and on which common scales: decided before layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ..recording import Recording
from . import palette
from .depths import depth_scale_for, names_of
from .frame import text_pt, until_for
from .lag import Mark, behind_end, scale_for
from .lanes import arrange
from .rows import COMPACT_LANE_PT, LANE_PT, Lanes
from .story import about_depth, shows_depths
from .visits import visits_room_pt

QUIET_S = 0.02  # waits below this, beside a story about queues, need no panel
MOST_LONGER = 1.15  # a guessed end may lengthen the axis so much; one beyond is an arrow
MOST_BEHIND_PT = 190.0  # of the axis, given to words behind a recording's end


class Guess(Protocol):
    """What ``predict`` leaves: a student's guess that can be drawn into a recording."""

    def mark(self, recording: Recording) -> Mark | None:
        """Return where to draw it, or None if nothing was guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The decisions that all sections of a picture share.

    Attributes:
        mark: the guess, if there is one to draw.
        marked: which recording it is drawn into.
        until_s: where the time axis ends.
        scale_s: the greatest wait to show.
        depth_scale: the greatest count to show.
        compact: whether panels are low, so that three recordings fit a projector.
        lags: whether there are lag panels.
        depths: whether there are depth panels.
        lanes: each recording's workers.
    """

    mark: Mark | None
    marked: int
    until_s: float
    scale_s: float
    depth_scale: float
    compact: bool
    lags: bool
    depths: bool
    lanes: tuple[Lanes, ...]

    def mark_of(self, measure: str, at: int) -> Mark | None:
        """Return the guess, if it is one of this measure for the recording at this place."""
        mark = self.mark if at == self.marked else None
        return mark if mark is not None and mark.measure == measure else None

    @property
    def mark_end_s(self) -> float:
        """The guessed end in seconds, if it is on the axis; 0.0 without."""
        value_s = _value(self.mark, "end")
        return value_s if value_s <= self.until_s else 0.0


def _value(mark: Mark | None, measure: str) -> float:
    return mark.value_s if mark is not None and mark.measure == measure else 0.0


def plan_for(recordings: Sequence[Recording], guess: Guess | None, *, width_pt: float) -> Plan:
    """Return what to show of these recordings on axes of this width."""
    mark, marked = None, 0
    for at, recording in enumerate(recordings):
        mark = guess.mark(recording) if guess is not None else None
        if mark is not None:
            marked = at
            break
    peak = mark if mark is not None and mark.measure == "peak" else None
    depths = peak is not None or any(shows_depths(recording) for recording in recordings)
    names = [words for r in recordings if depths for _, words, _ in names_of(r)]
    names += [behind_end(mark.words)] if mark is not None and mark.measure == "wait" else []
    room = max((min(MOST_BEHIND_PT, text_pt(n, palette.BODY_PT)) for n in names), default=0.0)
    room = max(room, *(visits_room_pt(recording) for recording in recordings))
    until_s = until_for(*recordings, width_pt=width_pt, room_pt=room)
    guessed_s = _value(mark, "end") * 1.05
    if guessed_s <= MOST_LONGER * until_s:
        until_s = max(until_s, guessed_s)
    lane_pt = (LANE_PT, LANE_PT, 22.0, COMPACT_LANE_PT)[min(3, len(recordings))]
    return Plan(
        mark=mark,
        marked=marked,
        until_s=until_s,
        scale_s=scale_for(*recordings, mark_s=_value(mark, "wait")),
        depth_scale=depth_scale_for(*recordings, mark=peak),
        compact=len(recordings) > 2,
        lags=_shows_lags(recordings) or (mark is not None and mark.measure == "wait"),
        depths=depths,
        lanes=tuple(
            arrange(each, until_s=until_s, waiting=not depths, lane_pt=lane_pt)
            for each in recordings
        ),
    )


def _shows_lags(recordings: Sequence[Recording]) -> bool:
    """Whether the waits have something to say: measured, and not mere noise in another story."""
    if not any(recording.lag.samples for recording in recordings):
        return False
    worst = max(recording.lag.max_s for recording in recordings)
    return worst >= QUIET_S or not about_depth(recordings)
