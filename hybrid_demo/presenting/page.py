"""Slides as one page that needs no network: reveal.js, the pictures and the style are in it.

nbconvert renders the cells; of what it makes, only the contents are taken, so
that nothing but ``deck.css`` says how a slide looks.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from html import escape
from importlib.resources import files

from bs4 import BeautifulSoup, Tag
from nbconvert import SlidesExporter

from hybrid_demo.machine import describe_machine
from hybrid_demo.rehearsal.offline import EXPORT_OPTIONS, cut_off, embed_pictures
from hybrid_demo.rehearsal.running import Run

from . import reveal
from .sheets import Sheet, sheets_of, typed

WIDTH, HEIGHT = 1280, 720  # pixels of a slide, which reveal.js scales to the screen
_LARGEST, _SMALLEST = 30.0, 18.0  # of code, in these pixels
_WIDE = 1176.0  # room for a line of code
_HIGH = 500.0  # room for its lines, where a heading and two sentences stand above
_SIGN, _LINE = 0.602, 1.32  # width of a sign, height of a line, in sizes of the type
_TITLE = "Async + Multiprocessing Hybrid Architecture"
_CONFIG = {
    "width": WIDTH,
    "height": HEIGHT,
    "margin": 0.02,
    "center": False,
    "hash": True,
    "transition": "none",
    "slideNumber": "c/t",
}


def page_of(runs: Sequence[Run]) -> str:
    """Return the deck of these notebooks as HTML.

    Raises:
        FileNotFoundError: reveal.js is not installed.
    """
    style = reveal.style() + files(__package__).joinpath("deck.css").read_text(encoding="utf-8")
    scripts = [*reveal.scripts()]
    config = json.dumps(_CONFIG).removesuffix("}")
    scripts.append(f"Reveal.initialize({config}, plugins: [RevealNotes]}});")
    sections = "\n".join(_sections(run) for run in runs)
    parts = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(_TITLE)}</title>\n<style>{style}</style>\n</head>\n<body>",
        f'<main>\n<div class="reveal">\n<div class="slides">\n{sections}\n</div>\n</div>\n</main>',
        *(f"<script>{script}</script>" for script in scripts),
        "</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _sections(run: Run) -> str:
    """Return the ``<section>`` elements of one notebook."""
    sheets = sheets_of(run.notebook)
    if not sheets:
        return ""
    sheets[0].notes.append(_origin(run))
    exporter = SlidesExporter(**EXPORT_OPTIONS)
    html, _ = exporter.from_notebook_node(typed(sheets))
    soup = BeautifulSoup(html, features="html.parser")
    cut_off(soup)
    embed_pictures(soup, run.path.parent)
    slides = [each for each in soup.select(".slides section") if not each.find("section")]
    for slide, sheet in zip(slides, sheets, strict=True):
        _lay_out(soup, slide, sheet)
    return "\n".join(str(each) for each in soup.select(".slides > section"))


def _lay_out(soup: BeautifulSoup, slide: Tag, sheet: Sheet) -> None:
    """Put the contents of a slide into one column, and the notes behind it."""
    look = "deck-sheet deck-beside" if sheet.is_tall else "deck-sheet"
    column = soup.new_tag("div", attrs={"class": look})
    notes = slide.find("aside", class_="notes")
    made = [cell for cell in slide.select(".jp-Cell") if not cell.find_parent("aside")]
    shown = [*sheet.cells, *sheet.fragments]
    for place, cell in zip(made, shown, strict=True):
        (tag,) = cell.metadata.tags
        appears = " fragment" if cell in sheet.fragments else ""
        piece = soup.new_tag("div", attrs={"class": f"deck-{tag}{appears}"})
        piece.extend(_contents(place, tag))
        column.append(piece)
    said = notes.select_one(".jp-RenderedMarkdown") if isinstance(notes, Tag) else None
    slide.clear()
    slide.append(column)
    if said is not None:
        aside = soup.new_tag("aside", attrs={"class": "notes"})
        aside.extend(list(said.contents))
        slide.append(aside)


def _contents(cell: Tag, tag: str) -> list[Tag]:
    """Return what a cell shows, without what nbconvert puts around it."""
    if tag == "code":
        found = cell.select(".highlight pre")
        for pre in found:
            text = pre.get_text().rstrip("\n")
            pre["style"] = f"font-size: {code_size(text):.1f}px"
        return list(found)
    if tag in ("printed", "picture"):
        for fold in cell.select("details"):
            fold.decompose()  # for reading, not for a hall
        return cell.select(".jp-OutputArea-output > *")
    return cell.select(".jp-RenderedMarkdown > *")


def code_size(text: str) -> float:
    """Return how large code can be on a slide, in its pixels: no line and no end clipped."""
    lines = text.split("\n")
    wide = _WIDE / (_SIGN * max(map(len, lines)))
    high = _HIGH / (_LINE * len(lines))
    return max(_SMALLEST, min(_LARGEST, wide, high))


def _origin(run: Run) -> str:
    today = datetime.date.today().isoformat()
    machine = describe_machine().replace("\n", " ")
    return f"Made on {today} by running {run.path.name}. {machine}"
