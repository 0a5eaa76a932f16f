"""What the last run of each part came to, kept; and the README's table of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

MEASURED = Path(__file__).with_name("measured.json")


class Outcome(NamedTuple):
    """A row of the README's table.

    Attributes:
        what: what was done to the suite; a later outcome of the same takes its place.
        times: how often.
        red: how often something was that must not be.
        worst: the figure that came nearest to it; "" for none.
        where: the day and the machine.
    """

    what: str
    times: str
    red: int
    worst: str
    where: str


def kept(path: Path = MEASURED) -> list[Outcome]:
    """Return what was kept, in the order in which it was first done; nothing from no file."""
    if not path.exists():
        return []
    return [Outcome(**each) for each in json.loads(path.read_text(encoding="utf-8"))]


def keep(outcomes: Iterable[Outcome], path: Path = MEASURED) -> None:
    """Keep these, in the place of earlier ones of the same."""
    by_what = {each.what: each for each in [*kept(path), *outcomes]}
    told = [each._asdict() for each in by_what.values()]
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8", newline="\n")


def table(outcomes: Iterable[Outcome]) -> str:
    """Return the README's table as Markdown."""
    lines = [
        "| what was done | how often | failed | closest call | when and where |",
        "|---|---|--:|---|---|",
    ]
    for each in outcomes:
        red = "none" if not each.red else f"**{each.red}**"
        lines.append(f"| {each.what} | {each.times} | {red} | {each.worst} | {each.where} |")
    return "\n".join(lines)
