"""The lesson's data files, read and checked: the ledger of claims, misconceptions, glossary.

The standard library and how a value is said back only, so that a test, a tool or a command can read
the ledger without a notebook's libraries.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal, TypeVar, get_args

from ..given import shown

Kind = Literal["holds", "holds when", "corrected"]
REFERENCE = re.compile(r"(?<![\w`])_([^_`]+)_(?!\w)")  # to another term, within an explanation
Measure = Literal["wait", "end", "peak", "outcome"]
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence of the lecture, and what running it shows.

    Attributes:
        key: slide and bullet, ``"5.3"``.
        slide: the slide's number.
        words: the claim, in the suite's words.
        notebook: the notebook that runs it, its path in notebooks/ without the suffix.
        kind: ``"holds"``, ``"holds when"`` or ``"corrected"``.
        precisely: the condition, or what is true instead; ``""`` if it simply holds.
    """

    key: str
    slide: int
    words: str
    notebook: str
    kind: Kind
    precisely: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"claim {self.key}: kind is {self.kind!r}; expected {get_args(Kind)}")
        if (self.kind == "holds") == bool(self.precisely):
            raise ValueError(
                f"claim {self.key}: {self.kind!r} with precisely={self.precisely!r}; say it "
                "precisely where the claim does not simply hold, and only there"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One answer to choose.

    Attributes:
        words: the option as the notebook prints it, short enough for a picture.
        value: the formula, a name in ``marks.FORMULAS``, of the figure it amounts to;
            ``""`` where the measure is an outcome, which has no figure.
        belief: what somebody who chooses it holds to be true; ``""`` for the right one.
        answer: one kind sentence to somebody who chose it.
    """

    words: str
    value: str = ""
    belief: str = ""
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A prediction: what is asked, which measure answers it, and the options by letter."""

    key: str
    asks: str
    measure: Measure
    options: Mapping[str, Option]

    def __post_init__(self) -> None:
        if self.measure not in get_args(Measure):
            raise ValueError(
                f"prediction {self.key}: measure is {self.measure!r}; expected {get_args(Measure)}"
            )
        for letter, option in self.options.items():
            if (self.measure == "outcome") == bool(option.value):
                raise ValueError(
                    f"prediction {self.key}, option {letter}: value is {option.value!r} for the "
                    f"measure {self.measure!r}; give a formula where a figure can be drawn, and "
                    "only there"
                )
        right = [letter for letter, option in self.options.items() if not option.belief]
        if len(right) != 1:
            raise ValueError(
                f"prediction {self.key}: options without a belief are {right}; expected one, "
                "the right answer"
            )

    @property
    def right(self) -> str:
        """The letter of the right answer: the one with no mistaken belief behind it."""
        return next(letter for letter, option in self.options.items() if not option.belief)


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of the lecture.

    Attributes:
        name: as it stands in the glossary.
        means: what it is, as Markdown; other terms stand in _underscores_.
        forms: how it is written in a text.
    """

    name: str
    means: str
    forms: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The heading's anchor, as JupyterLab and nbconvert make it."""
        return self.name.replace(" ", "-")


@cache
def glossary() -> Mapping[str, Term]:
    """Return every term by its name, in the order of the alphabet.

    Raises:
        ValueError: an explanation refers to a term that is none.
    """
    read = dict(sorted(rows_of("glossary.toml").items(), key=lambda item: item[0].lower()))

    def term_of(name: str, row: Mapping[str, Any]) -> Term:
        forms = tuple(row.get("only", (name, *row.get("forms", ()))))
        return Term(name=name, means=row["means"], forms=forms)

    terms = made_of("glossary.toml", read, term_of)
    for term in terms.values():
        for other in REFERENCE.findall(term.means):
            if other not in terms:
                raise unknown(f"term ({term.name!r} refers to it)", other, terms)
    return terms


@cache
def claims() -> Mapping[str, Claim]:
    """Return the ledger: every claim by its key, in the order of the slides."""
    name = "claims.toml"
    return made_of(name, rows_of(name), lambda key, row: Claim(key=key, **row))


@cache
def beliefs() -> Mapping[str, str]:
    """Return every mistaken belief by its name, as it is told: "async def makes code ..."."""
    found: dict[str, str] = rows_of("misconceptions.toml")["beliefs"]
    return found


def belief_of(row: Mapping[str, Any]) -> str:
    """Return the belief that a row names, spelt out; "" if it names none.

    Raises:
        ValueError: there is no such belief.
    """
    name = row.get("belief")
    if name is None:
        return ""
    if name not in beliefs():
        raise unknown("belief", name, beliefs())
    return beliefs()[name]


@cache
def questions() -> Mapping[str, Question]:
    """Return every prediction by its key, the beliefs behind its options spelt out."""
    name = "misconceptions.toml"

    def option_of(row: Mapping[str, str]) -> Option:
        value, belief = row.get("value", ""), belief_of(row)
        return Option(words=row["words"], value=value, belief=belief, answer=row["answer"])

    def question_of(key: str, row: Mapping[str, Any]) -> Question:
        letters = [letter for letter in sorted(row) if len(letter) == 1]
        options = {letter: option_of(row[letter]) for letter in letters}
        return Question(key=key, asks=row["asks"], measure=row["measure"], options=options)

    return made_of(name, rows_of(name)["predictions"], question_of)


def unknown(noun: str, key: object, known: Iterable[str]) -> ValueError:
    """Return the error for a key that is not in a data file, with the nearest that is."""
    listed = list(known)
    near = difflib.get_close_matches(key, listed, n=1) if isinstance(key, str) else []
    hint = f"did you mean {near[0]!r}? " if near else ""
    return ValueError(f"no {noun} has the key {shown(key)}; {hint}known keys: {', '.join(listed)}")


def rows_of(name: str, package: str = __name__.rpartition(".")[0]) -> dict[str, Any]:
    """Return what stands in a data file.

    Raises:
        ValueError: it is no TOML; the file is named, which TOML's own error does not do.
    """
    try:
        return tomllib.loads(files(package).joinpath(name).read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error


def made_of(
    name: str, rows: Mapping[str, Any], make: Callable[[str, Any], Made]
) -> Mapping[str, Made]:
    """Return what is made of each row of a data file.

    Raises:
        ValueError: a row lacks something, or has what does not belong there; it is named.
    """
    made = {}
    for key, row in rows.items():
        try:
            made[key] = make(key, row)
        except KeyError as error:
            raise ValueError(f'{name}, "{key}": {error} is missing') from error
        except (TypeError, ValueError) as error:
            raise ValueError(f'{name}, "{key}": {error}') from error
    return made
