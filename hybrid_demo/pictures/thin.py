"""Fewer points, the same picture: nothing a pixel could have shown is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COLUMNS = 2000  # of pixels, at the double resolution a picture is shown at


def envelope(
    xs: Sequence[float] | Floats, ys: Sequence[float] | Floats, until: float
) -> tuple[Floats, Floats]:
    """Return (xs, ys) with at most four points a pixel column: first, least, greatest, last.

    Args:
        xs: ascending; shape (n,).
        ys: shape (n,).
        until: where the axis that starts at 0 ends.
    """
    x, y = np.asarray(xs, dtype=float), np.asarray(ys, dtype=float)
    if len(x) <= 4 * COLUMNS:
        return x, y
    column = np.floor(x / until * COLUMNS).astype(int)
    starts = np.flatnonzero(np.r_[True, column[1:] != column[:-1]])
    stops = np.r_[starts[1:], len(x)]
    keep: set[int] = set()
    for start, stop in zip(starts.tolist(), stops.tolist(), strict=True):
        part = y[start:stop]
        keep |= {start, start + int(part.argmin()), start + int(part.argmax()), stop - 1}
    chosen = np.array(sorted(keep))
    return x[chosen], y[chosen]


def spaced(xs: Sequence[float] | Floats, gap: float) -> Floats:
    """Return those of the ascending `xs` that lie at least `gap` after the one kept before."""
    kept: list[float] = []
    for x in np.unique(np.asarray(xs, dtype=float)):
        if not kept or x - kept[-1] >= gap:
            kept.append(float(x))
    return np.array(kept)
