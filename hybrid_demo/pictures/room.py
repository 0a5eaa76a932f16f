"""Room for words in a panel: where nothing is drawn yet, neither data nor other words.

Arithmetic in points from the panel's lower left corner, no drawing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]  # left, bottom, right, top

GAP_PT = 3.0  # between words and what they must not touch
STEP_PT = 4.0  # of the search


def _box(at: tuple[float, float], wide: float, high: float) -> Box:
    return (at[0], at[1], at[0] + wide, at[1] + high)


def _away(box: Box, wishes: Sequence[tuple[float, float]]) -> float:
    """Return how far a box is from the nearest wish; height counts twice."""
    return min(abs(box[0] - left) + 2 * abs(box[1] - bottom) for left, bottom in wishes)


class Room:
    """What of a panel is taken, and where words fit beside that.

    Args:
        width_pt: of the panel.
        height_pt: of the panel.
        xs: ascending places of the data's outline.
        ys: its heights there.
    """

    def __init__(
        self, width_pt: float, height_pt: float, xs: NDArray[np.float64], ys: NDArray[np.float64]
    ) -> None:
        self.width_pt, self.height_pt = width_pt, height_pt
        self.taken: list[Box] = []
        self.avoided: list[Box] = []
        columns = np.arange(int(width_pt) + 2, dtype=float)
        self._ground = np.zeros(len(columns))
        if len(xs):
            self._ground = np.interp(columns, xs, ys, right=0.0)
            np.maximum.at(self._ground, np.clip(xs, 0, columns[-1]).astype(int), ys)

    def take(self, box: Box) -> None:
        """Keep words off this box, whatever it costs."""
        self.taken.append(box)

    def avoid(self, box: Box) -> None:
        """Keep words off this box while there is room elsewhere; lines may be crossed at need."""
        self.avoided.append(box)

    def place(
        self,
        wide: float,
        high: float,
        wishes: Sequence[tuple[float, float]],
        *,
        reach_pt: float = inf,
    ) -> Box | None:
        """Take room for words: a wish that is free, else the nearest place to one.

        Args:
            wide: of the words.
            high: of the words.
            wishes: lower left corners, the best first.
            reach_pt: how far from a wish they may stand.

        Returns:
            The box, taken now; None where there is no room.
        """
        for strict in (True, False):
            found = next(
                (
                    box
                    for box in (_box(at, wide, high) for at in wishes)
                    if self.is_free(box, strict=strict)
                ),
                None,
            )
            if found is None:
                found = min(
                    self._free(wide, high, strict), key=lambda box: _away(box, wishes), default=None
                )
            if found is not None and _away(found, wishes) <= reach_pt:
                self.taken.append(found)
                return found
        return None

    def _free(self, wide: float, high: float, strict: bool) -> Iterator[Box]:
        others = self.taken + (self.avoided if strict else [])
        for left in np.arange(GAP_PT, self.width_pt - wide, STEP_PT):
            floor = self._floor(left, left + wide)
            levels = [floor + GAP_PT, *(top + GAP_PT for _, _, _, top in others)]
            for bottom in sorted({level for level in levels if level > floor}):
                box = _box((float(left), bottom), wide, high)
                if self.is_free(box, strict=strict):
                    yield box

    def _floor(self, left: float, right: float) -> float:
        first, last = max(0, int(left - GAP_PT)), int(right + GAP_PT) + 2
        return float(self._ground[first:last].max(initial=0.0))

    def is_free(self, box: Box, *, strict: bool) -> bool:
        """Whether words may stand in this box; if `strict`, they cross no line either."""
        left, bottom, right, top = box
        if left < GAP_PT or right > self.width_pt or top > self.height_pt or bottom < GAP_PT - 1:
            return False
        if bottom < self._floor(left, right) + GAP_PT - 1:
            return False
        others = self.taken + (self.avoided if strict else [])
        return not any(
            left < its[2] + GAP_PT and its[0] < right + GAP_PT and bottom < its[3] and its[1] < top
            for its in others
        )
