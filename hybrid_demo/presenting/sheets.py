"""An executed notebook made into another one, of which each cell is a piece of a slide.

Code comes first, then the vote about it, then what it showed: nobody sees an
answer before the vote. It imports no more of this package than the data files
and how a Markdown cell is read; reveal.js comes in later.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from hybrid_demo.teaching.data import Question, questions

from .reading import Part, parts_of

MOST_LINES = 14  # of code and what it printed, together on one slide
MOST_BELOW, MOST_BESIDE = 2, 5  # sentences below a picture, or beside a tall one
TALL = 0.6  # height of a picture, in its widths, from which there is room beside it
_PREDICTED = re.compile(r'predict\(\s*"([^"]+)"')
_ASKING = re.compile(r"^\w+ = predict\(.*\)\n?", re.MULTILINE)  # the hall raises its hands
_SECTION = ("# ", "## ")
_WRITTEN = re.compile(r"(?:Over)?[Ww]riting \S+$")  # what %%writefile says
_PICTURE = "<figure"
_PNG = re.compile(r"data:image/png;base64,([A-Za-z0-9+/]{44})")  # 44 signs: to the size in IHDR
_WIDGET = "application/vnd.jupyter.widget-view+json"


@dataclass
class Sheet:
    """One slide.

    Attributes:
        begins_section: whether it stands beside the slides before it, and not below them.
        cells: what it shows at once.
        fragments: what appears at the next press of a key, one by one.
        notes: the speaker's, as Markdown.
    """

    begins_section: bool
    cells: list[NotebookNode] = field(default_factory=list)
    fragments: list[NotebookNode] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_tall(self) -> bool:
        """Whether it shows a picture that leaves room beside it for what is said of it."""
        return any(_is_tall(each) for cell in self.cells for each in cell.get("outputs", ()))


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
                writer.skip()
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
    return new_notebook(cells=cells)  # type: ignore[no-any-return]


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
        self._seen: Sheet | None = None  # the slide that a text may look back at

    def part(self, part: Part) -> None:
        """Take in some text: about what was just shown, and about what comes next."""
        if part.heading:
            self.rest()
            self._begins_section = part.heading.startswith(_SECTION)
        if part.captions and self._seen is not None:
            most = MOST_BESIDE if self._seen.is_tall else MOST_BELOW
            told = [_markdown(each, "caption") for each in part.captions[:most]]
            self._seen.fragments += told
            self._seen.notes += part.notes
            self._seen = None
        else:  # of what is not shown, only the speaker tells
            self._notes += part.notes
        self._above += [each for each in (part.heading, *part.leads, *part.lists) if each]
        self._vote = part.vote
        if part.heading.startswith("# ") or (part.lists and not part.vote):
            self.rest()  # a title, or words that stand by themselves

    def code(self, cell: NotebookNode) -> None:
        """Write a slide of code, the vote if there is one, and what the code showed."""
        groups = _grouped(cell.get("outputs", ()))
        source = _ASKING.sub("", cell.source).rstrip()
        sheet = self._sheet(_code(source))
        shown = [sheet] if groups else []
        # What a cell shows that asks itself is not what it asks about.
        answers = bool(self._vote) and not _PREDICTED.search(cell.source)
        if groups and not _is_picture(groups[0][0]) and not answers:
            lines = source.count("\n") + 1 + sum(map(_lines, groups[0]))
            if lines <= MOST_LINES:
                sheet.fragments.append(_shown(groups.pop(0), "printed"))
        self.vote()
        for group in groups:
            tag = "picture" if _is_picture(group[0]) else "printed"
            shown.append(self._sheet(_shown(group, tag)))
        # Words that follow look back at a picture rather than at what was printed after it.
        pictures = [each for each in shown if each.cells[0].metadata.tags == ["picture"]]
        self._seen = next(reversed(pictures or shown), None)

    def vote(self) -> None:
        """Write the vote that is pending, if one is, with what is known of its options."""
        if self._vote:
            self._notes += [notes_on(self.question)] if self.question else []
            self._above.append(self._vote)
            self._vote = ""
            self._sheet(tag="vote")
        self.question = None

    def skip(self) -> None:
        """Go past code that is not shown: what led to it is said, if at all, by the speaker."""
        if self._vote:
            self.vote()
            return
        self._above = []
        self._seen = None

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


def _grouped(outputs: Sequence[NotebookNode]) -> list[list[NotebookNode]]:
    """Return what a cell showed, in its order: each picture alone, the rest in between together."""
    groups: list[list[NotebookNode]] = []
    for output in outputs:
        if _WIDGET in output.get("data", {}) or _WRITTEN.match(output.get("text", "")):
            continue
        alone = _is_picture(output)
        if groups and not alone and not _is_picture(groups[-1][0]):
            groups[-1].append(output)
        else:
            groups.append([output])
    return groups


def _is_picture(output: NotebookNode) -> bool:
    return _PICTURE in output.get("data", {}).get("text/html", "")


def _is_tall(output: NotebookNode) -> bool:
    found = _PNG.search(output.get("data", {}).get("text/html", ""))
    if found is None:
        return False
    width, height = struct.unpack(">II", base64.b64decode(found[1])[16:24])
    return bool(height > TALL * width)


def _lines(output: NotebookNode) -> int:
    """Return about how many lines an output takes."""
    data = output.get("data", {})
    text: str = output.get("text") or data.get("text/html") or data.get("text/plain", "")
    if "text/html" in data:
        return 1 + text.count("<br>") + text.count("</p>")
    return len(text.splitlines())


def _markdown(source: str, tag: str) -> NotebookNode:
    return _tagged(new_markdown_cell(source), tag)


def _code(source: str) -> NotebookNode:
    return _tagged(new_code_cell(source), "code")


def _shown(outputs: Sequence[NotebookNode], tag: str) -> NotebookNode:
    """Return a cell of which only what it showed can be seen."""
    cell = new_code_cell("", outputs=list(outputs))
    cell.metadata["transient"] = {"remove_source": True}
    return _tagged(cell, tag)


def _tagged(cell: NotebookNode, tag: str) -> NotebookNode:
    cell.metadata["tags"] = [tag]
    return cell
