"""What of a Markdown cell a hall should read, and what the speaker should say.

A notebook is written to be read alone; from the back row nobody reads a
paragraph. So a slide shows headings, votes, lists, tables, and the sentence with
which a paragraph begins; all of the text goes to the speaker's notes. Pure
text: it knows nothing of notebooks, and imports nothing of this package.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_HEADING = re.compile(r"#{1,6} ")
_LEAD = re.compile(r"(\*{1,2}[^*\n]+[.:]\*{1,2}) (.+)", re.DOTALL)
_LIST = re.compile(r"(?:- |\d+\. )")
_VOTE = "**Predict.**"
_RECALL = "**Recall.**"
_TARGET = "**Your target.**"  # of an explorer, which comes next
# How a notebook tells its reader to go on; the speaker does that here.
_STAGE_DIRECTIONS = (
    "**The run.**",
    "**Next.**",
    "**What next.**",
    "Run the next cell",
    "Previous:",
)
# A sentence ends before white space and what can begin the next one; "e.g." is followed by neither.
_SENTENCE = re.compile(r"(.+?[.?!][)*_`]*)(?=\s+[A-Z`*\"(]|\s*$)", re.DOTALL)
_TAG = re.compile(r"</?(?:details|summary)[^>]*>")
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)[^)]*\)")


@dataclass(kw_only=True)
class Part:
    """A stretch of Markdown under one heading, or before the first.

    Attributes:
        heading: the heading as Markdown; ``""`` before the first.
        captions: sentences about what was just seen, where no heading stands.
        leads: sentences that lead to what comes next.
        lists: lists and tables, whole.
        vote: the question and its options, as Markdown; ``""`` without a vote.
        notes: all of the text, as Markdown.
    """

    heading: str = ""
    captions: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    vote: str = ""
    notes: list[str] = field(default_factory=list)


def parts_of(source: str) -> list[Part]:
    """Return the parts of a Markdown cell, in their order."""
    parts = [Part()]
    for block in _blocks(_LINK.sub(r"\1", source)):
        if _HEADING.match(block):
            parts.append(Part(heading=block))
        elif block.startswith(_RECALL):
            parts.append(Part(heading=f"## {_RECALL.strip('*.')}"))
            parts[-1].leads.append(block.removeprefix(_RECALL).strip())
        else:
            _sort_in(parts[-1], block)
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        if following is not None and not part.heading:
            # Nothing comes after it under the same heading, so it looks back.
            part.captions += part.leads
            part.leads = []
        if part.vote and not part.heading:
            part.leads = []  # a question stands better alone
    return [part for part in parts if part.heading or part.notes]


def first_sentence(text: str) -> str:
    """Return the sentence with which a text begins."""
    found = _SENTENCE.match(text)
    return " ".join((found[1] if found else text).split())


def _sort_in(part: Part, block: str) -> None:
    """Put a block where it is shown, and into the notes."""
    lead = _LEAD.fullmatch(block)
    if block.startswith(_VOTE):
        part.vote = block
    elif part.vote.count("\n\n") == 0 and part.vote and _LIST.match(block):
        part.vote += f"\n\n{block}"
    elif block.startswith("<details"):
        part.notes.append(_TAG.sub("", block).strip())
        return
    elif block.startswith(_STAGE_DIRECTIONS):
        pass
    elif _LIST.match(block) or block.startswith("|"):
        part.lists.append(block)
    elif lead and lead[1].startswith("**The code"):
        part.leads.append(first_sentence(lead[2]))
    elif lead:
        said = f"{lead[1]} {first_sentence(lead[2])}"
        if part.heading or lead[1] == _TARGET:
            part.leads.append(said)
        else:
            part.captions.append(said)
    elif not part.leads:
        part.leads.append(first_sentence(block))
    part.notes.append(block)


def _blocks(source: str) -> Iterator[str]:
    """Yield what blank lines part, and lists; a fold is one block with all that is in it."""
    folded: list[str] = []
    for block in re.split(r"\n{2,}|(?<=:)\n(?=- |\d\. )", source.strip()):
        folded.append(block)
        text = "\n\n".join(folded)
        if text.count("<details") <= text.count("</details>"):
            yield text
            folded = []
    if folded:
        yield "\n\n".join(folded)
