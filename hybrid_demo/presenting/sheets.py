"""An executed notebook made into another one, of which each cell is a piece of a slide.

Code comes first, then the vote about it, then what it showed: nobody sees an
answer before the vote. It imports no more of this package than the data files
and how a Markdown cell is read; reveal.js comes in later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from hybrid_demo.teaching.data import Question, questions

from .reading import Part, parts_of

MOST_LINES = 14  # of code and what it printed, together on one slide
MOST_CAPTIONS = 2
_PREDICTED = re.compile(r'predict\(\s*"([^"]+)"')
_PICTURE = "<figure"
_WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass
class Sheet:
    """One slide.

    Attributes:
        begins_section: whether it stands beside the slides before it, and not below them.
        cells: what it shows at once.
        fragments: what appears at the next press of a key, one by one.
        notes: the speaker's, as Markdown.
        shows_output: whether it shows what code did, so that a text may look back at it.
    """

    begins_section: bool
    cells: list[NotebookNode] = field(default_factory=list)
    fragments: list[NotebookNode] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    shows_output: bool = False


def sheets_of(notebook: NotebookNode) -> list[Sheet]:
    """Return the slides of an executed notebook.

    Cells of the slide type "skip" are left out, and those whose code is hidden.
    """
    writer = _Writer()
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and _is_shown(cell):
            for part in parts_of(cell.source):
                writer.part(part)
        elif cell.cell_type == "code":
            asked = _PREDICTED.search(cell.source)
            if asked:
                writer.question = questions().get(asked[1])
            if _is_shown(cell) and not _only_asks(cell):
                writer.code(cell)
            else:
                writer.vote()
    writer.rest()
    return writer.sheets


def typed(sheets: Iterable[Sheet]) -> NotebookNode:
    """Return the slides as a notebook whose cells have slide types, as nbconvert expects it."""
    cells: list[NotebookNode] = []
    for sheet in sheets:
        kinds = ["slide" if sheet.begins_section else "subslide", *["-"] * len(sheet.cells[1:])]
        shown = list(zip(sheet.cells, kinds, strict=True))
        shown += [(each, "fragment") for each in sheet.fragments]
        if sheet.notes:
            shown.append((_markdown("\n\n".join(sheet.notes), "notes"), "notes"))
        for cell, kind in shown:
            cell.metadata["slideshow"] = {"slide_type": kind}
            cells.append(cell)
    return new_notebook(cells=cells)  # type: ignore[no-untyped-call, no-any-return]


def notes_on(question: Question) -> str:
    """Return what a speaker wants to know at a vote: the right letter, and who believes what."""
    right = question.options[question.right]
    lines = [f"**Right: {question.right}**, {right.words}. {right.answer}", ""]
    lines += [
        f"- **{letter}** ({option.words}) believes: *{option.belief}*. {option.answer}"
        for letter, option in question.options.items()
        if option.belief
    ]
    return "\n".join(lines)


class _Writer:
    """Collects what is to come on the next slide, and writes it when something stands on it."""

    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self.question: Question | None = None
        self._above: list[str] = []  # Markdown that stands on top of the next slide
        self._notes: list[str] = []  # for the next slide
        self._vote = ""
        self._begins_section = True

    def part(self, part: Part) -> None:
        """Take in some text: about what was just shown, and about what comes next."""
        if part.heading:
            self.rest()
            self._begins_section = True
        looks_back = bool(part.captions and self.sheets and self.sheets[-1].shows_output)
        if looks_back:
            last = self.sheets[-1]
            last.fragments += [_markdown(each, "caption") for each in part.captions[:MOST_CAPTIONS]]
            last.notes += part.notes
            left = part.captions[MOST_CAPTIONS:]
        else:
            left = part.captions
            self._notes += part.notes
        self._above += [each for each in (part.heading, *left, *part.leads, *part.lists) if each]
        self._vote = part.vote

    def code(self, cell: NotebookNode) -> None:
        """Write a slide of code, the vote if there is one, and what the code showed."""
        printed, boxes, pictures = _sorted_out(cell.get("outputs", ()))
        lines = cell.source.count("\n") + 1 + sum(_text(each).count("\n") for each in printed)
        sheet = self._sheet(_code(cell.source), tag="words")
        if printed and not boxes and not self._vote and lines <= MOST_LINES:
            sheet.fragments.append(_shown(printed, "printed"))
            sheet.shows_output = True
            printed = []
        self.vote()
        if printed or boxes:
            self._sheet(_shown([*printed, *boxes], "printed")).shows_output = True
        for picture in pictures:
            self._sheet(_shown([picture], "picture")).shows_output = True

    def vote(self) -> None:
        """Write the vote that is pending, if one is, with what is known of its options."""
        if self._vote:
            self._notes += [notes_on(self.question)] if self.question else []
            self._above.append(self._vote)
            self._vote = ""
            self._sheet(tag="vote")
        self.question = None

    def rest(self) -> None:
        """Write what is left over, and has no code to lead to."""
        self.vote()
        if self._above:
            self._sheet(tag="words")
        elif self._notes and self.sheets:
            self.sheets[-1].notes += self._notes
            self._notes = []

    def _sheet(self, *cells: NotebookNode, tag: str = "words") -> Sheet:
        above = [_markdown("\n\n".join(self._above), tag)] if self._above else []
        made = Sheet(self._begins_section, cells=[*above, *cells], notes=self._notes)
        self.sheets.append(made)
        self._above, self._notes, self._begins_section = [], [], False
        return made


def _is_shown(cell: NotebookNode) -> bool:
    kind = cell.metadata.get("slideshow", {}).get("slide_type", "")
    return kind != "skip" and not cell.metadata.get("jupyter", {}).get("source_hidden", False)


def _only_asks(cell: NotebookNode) -> bool:
    """Whether a cell does nothing but to show the control for a guess."""
    return bool(re.fullmatch(r"\w+ = predict\([^)]*\)", cell.source.strip()))


def _sorted_out(outputs: Sequence[NotebookNode]) -> tuple[list[Any], list[Any], list[Any]]:
    """Return what a cell printed, the boxes in which the lesson speaks, and the pictures."""
    printed, boxes, pictures = [], [], []
    for output in outputs:
        data = output.get("data", {})
        if _WIDGET in data:
            continue
        if _PICTURE in data.get("text/html", ""):
            pictures.append(output)
        elif "text/html" in data:
            boxes.append(output)
        else:
            printed.append(output)
    return printed, boxes, pictures


def _text(output: NotebookNode) -> str:
    text: str = output.get("text") or output.get("data", {}).get("text/plain", "")
    return text


def _markdown(source: str, tag: str) -> NotebookNode:
    return _tagged(new_markdown_cell(source), tag)  # type: ignore[no-untyped-call]


def _code(source: str) -> NotebookNode:
    return _tagged(new_code_cell(source), "code")  # type: ignore[no-untyped-call]


def _shown(outputs: Sequence[NotebookNode], tag: str) -> NotebookNode:
    """Return a cell of which only what it showed can be seen."""
    cell = new_code_cell("", outputs=list(outputs))  # type: ignore[no-untyped-call]
    cell.metadata["transient"] = {"remove_source": True}
    return _tagged(cell, tag)


def _tagged(cell: NotebookNode, tag: str) -> NotebookNode:
    cell.metadata["tags"] = [tag]
    return cell
