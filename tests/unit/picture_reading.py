"""Reading pictures back: bars as spans, texts with the ground they stand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from hybrid_demo.pictures.palette import FONT, SMALL_PT
from hybrid_demo.recording import Recording


@dataclass
class Guess:
    """A stand-in for what ``predict`` returns: its own mark."""

    value_s: float
    measure: str
    words: str = "your guess: about one request"

    def mark(self, recording: Recording) -> Guess:
        """Return itself for every recording."""
        return self


def spans(ax: Axes, gid: str) -> list[tuple[float, float]]:
    """Return (start_s, stop_s) of the bars of one kind, in their order."""
    found = []
    for collection in ax.collections:
        if collection.get_gid() == gid and isinstance(collection, PolyCollection):
            for path in collection.get_paths():
                xs = path.vertices[:, 0]
                found.append((float(xs.min()), float(xs.max())))
    return sorted(found)


def texts(owner: Axes | Figure, gid: str | None = None) -> list[str]:
    """Return what is written, of one kind if its gid is given."""
    return [text.get_text() for text in _written(owner) if gid in (None, text.get_gid())]


def _written(owner: Axes | Figure) -> list[Text]:
    return [each for each in owner.findobj(Text) if each.get_text() and each.get_visible()]


def assert_legible(figure: Figure) -> None:
    """Fail where words touch, leave the picture, or are too small for the back row."""
    assert collisions(figure) == []
    assert outside(figure) == []
    for text, _ in boxes(figure):
        assert text.get_fontsize() >= SMALL_PT
        assert text.get_fontfamily() == [FONT]


def panel(figure: Figure, lane: str) -> Axes:
    """Return the first axes that name a lane so."""
    return panels(figure, lane)[0]


def panels(figure: Figure, lane: str) -> list[Axes]:
    """Return the axes that name a lane so, from top to bottom."""
    return [ax for ax in figure.axes if lane in texts(ax, "lane")]


def boxes(figure: Figure) -> Iterator[tuple[Text, Bbox]]:
    """Yield each text that shows with the pixels it takes."""
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    for ax in figure.axes:
        ticks = {*ax.get_xticklabels(which="both"), *ax.get_yticklabels(which="both")}
        shown = [t for t in ticks if t.get_text() and t.get_visible()]
        for text in [*(t for t in _written(ax) if t not in ticks), *shown]:
            # A label of an axis that is off reports a box all the same.
            yield text, text.get_window_extent(renderer)
    for text in figure.texts:
        yield text, text.get_window_extent(renderer)


def collisions(figure: Figure) -> list[tuple[str, str]]:
    """Return the pairs of texts whose pixels overlap by more than a hair."""
    everything = [(t, b) for t, b in boxes(figure) if b.width > 1 and b.height > 1]
    found = []
    for at, (one, box) in enumerate(everything):
        for other, its in everything[at + 1 :]:
            wide = min(box.x1, its.x1) - max(box.x0, its.x0)
            high = min(box.y1, its.y1) - max(box.y0, its.y0)
            if wide > 1 and high > 2:
                found.append((one.get_text(), other.get_text()))
    return found


def outside(figure: Figure) -> list[str]:
    """Return the texts that reach beyond the figure."""
    frame = figure.bbox
    return [
        text.get_text()
        for text, box in boxes(figure)
        if box.width > 1
        and (box.x0 < -0.5 or box.x1 > frame.x1 + 0.5 or box.y0 < -0.5 or box.y1 > frame.y1 + 0.5)
    ]


def colour_of(text: Text) -> str:
    """Return a text's colour as "#RRGGBB"."""
    return to_hex(text.get_color()).upper()


def pixels(figure: Figure) -> np.ndarray:
    """Return the drawn figure, shape (height, width, 4)."""
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())  # type: ignore[attr-defined]
