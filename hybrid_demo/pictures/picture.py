"""A matplotlib figure that can also be read aloud."""

from __future__ import annotations

import base64
import html
import io
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from . import palette
from .tables import Table, as_html

WIDTH_IN = 10.0  # at which the smallest type is about as large as a notebook's own text
DPI = 100
# A label may hold dollar signs: JupyterLab would typeset what stands between two of them.
UNTYPESET = "mathjax_ignore"


# Of a label in a script that the font lacks, or does not join: it is drawn as well as can be, and
# whole in the alternative text and the tables. A student who writes Chinese is not to be warned.
_FOREIGN = r"Glyph \d+ .*missing from|Matplotlib currently does not support"


@contextmanager
def own_ways() -> Iterator[None]:
    """Draw text as wide as it was measured, whatever the user's rcParams, in any script.

    For what matplotlib looks up only while it draws.
    """
    with (
        matplotlib.rc_context({"text.hinting": "none", "hatch.linewidth": 1.0}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", _FOREIGN, UserWarning)
        yield


class Picture(Figure):
    """A matplotlib figure, made without pyplot, that can also be read aloud.

    In a notebook it shows itself as HTML, so that its alternative text reaches
    the reader there and in whatever the notebook is exported to.

    Attributes:
        headline: the one large sentence.
        alt_text: the whole picture in words, with its figures.
        summary: the same in one sentence.
        tables: what it was drawn from; folded, below the picture in a notebook.
    """

    headline: str = ""
    alt_text: str = ""
    summary: str = ""
    tables: Sequence[Table] = ()

    @classmethod
    def made(cls, height_in: float) -> Picture:
        """Return an empty picture, as wide as all are, that pyplot does not know of."""
        paper = palette.PAPER
        picture = cls(figsize=(WIDTH_IN, height_in), dpi=DPI, facecolor=paper, edgecolor=paper)
        FigureCanvasAgg(picture)
        return picture

    def png(self) -> bytes:
        """Return the picture as PNG, in twice the resolution it is shown at."""
        buffer = io.BytesIO()
        with matplotlib.rc_context({"savefig.bbox": None}):
            self.savefig(
                buffer,
                format="png",
                dpi=2 * DPI,
                facecolor=self.get_facecolor(),
                # The usual level takes clearly longer, and saves little.
                pil_kwargs={"compress_level": 3},
            )
        self._let_go_of_pixels()
        return buffer.getvalue()

    def _let_go_of_pixels(self) -> None:
        """Drop what it was drawn on last, which canvas and texts would keep.

        Those are ten megabytes, and a notebook keeps every picture that was a cell's last value.
        """
        if type(self.canvas) is FigureCanvasAgg:
            for text in self.findobj(Text):
                text._renderer = None  # type: ignore[attr-defined]  # as when it is pickled
            FigureCanvasAgg(self)

    def draw(self, renderer: Any) -> None:
        """Draw, with what matplotlib would look up only now in the user's rcParams."""
        with own_ways():
            super().draw(renderer)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, Any]:
        data = base64.b64encode(self.png()).decode("ascii")
        width = round(1.2 * self.get_figwidth() * DPI)  # the PNG is sharp beyond that
        shown = (
            f'<figure class="{UNTYPESET}" style="margin:0">'
            f'<img src="data:image/png;base64,{data}" alt="{html.escape(self.alt_text)}" '
            f'style="width:100%;max-width:{width}px;height:auto">{as_html(self.tables)}</figure>'
        )
        return {"text/html": shown, "text/plain": self.summary}

    def __repr__(self) -> str:
        return f"<Picture: {self.summary}>"
