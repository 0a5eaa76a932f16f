"""The words of the exercises, read from ``practice.toml`` and checked.

Imports the teaching's data only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args

from ..teaching.data import belief_of, made_of, rows_of

Kind = Literal["modify", "make"]
HINTS = 2
FILE = "practice.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What may be wrong with an answer, and what is said to it.

    Attributes:
        key: its name, ``"on_the_loop"``.
        says: one or two sentences; ``{figures}`` are filled in with what was measured.
        look: what to look at next.
        belief: what many hold to be true who make it; ``""`` where none is behind it.
        picture: whether the timeline of the run shows it.
    """

    key: str
    says: str
    look: str
    belief: str = ""
    picture: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An exercise in words.

    Attributes:
        key: its name.
        title: what is to be done, with a verb.
        notebook: the notebook that sets it, its path in notebooks/ without the suffix.
        kind: ``"modify"`` (repair what is there) or ``"make"`` (write from a signature).
        parameters: as the check calls the function.
        hints: two, the second one closer to the solution.
        done: what is said to an answer that is right; with figures, too.
        faults: what may be wrong, by key; those of every exercise included.
    """

    key: str
    title: str
    notebook: str
    kind: Kind
    parameters: tuple[str, ...]
    hints: tuple[str, ...]
    done: str
    faults: Mapping[str, Fault]

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"exercise {self.key}: kind is {self.kind!r}; expected {Kind}")
        if len(self.hints) != HINTS:
            raise ValueError(f"exercise {self.key}: {len(self.hints)} hints; expected {HINTS}")


@cache
def tasks() -> Mapping[str, Task]:
    """Return every exercise by its name, in the order of the notebooks."""
    read = rows_of(FILE, __package__)
    common = read["common"]

    def task_of(key: str, row: Mapping[str, Any]) -> Task:
        return Task(
            key=key,
            title=row["title"],
            notebook=row["notebook"],
            kind=row["kind"],
            parameters=tuple(row["parameters"]),
            hints=tuple(row["hints"]),
            done=row["done"],
            faults=made_of("faults", {**common, **row["faults"]}, _fault),
        )

    return made_of(FILE, read["exercises"], task_of)


def _fault(key: str, row: Mapping[str, Any]) -> Fault:
    return Fault(key=key, **{**row, "belief": belief_of(row)})
