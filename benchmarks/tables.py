"""What one run measured, kept; and the tables that are made of it.

Imports nothing that measures, and no matplotlib: ``tools.write_tables`` needs it
to judge whether the tables are those of the run that is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .figures import Figure, number

MEASURED = Path(__file__).parent / "measured.json"
FORMAT = 1

# The parts in the order in which they are measured and told, and what each is about. Those
# that need a browser come first, so that one learns soon that there is none.
PARTS = {
    "opening": "From opening a notebook to its first picture",
    "explorers": "How long a student waits for an explorer",
    "cost": "What watching costs, and what the package and its pictures do",
    "peers": "The trip to a worker, through the standard pool and its peers",
    "starting": "Starting a pool",
    "gain": "What the pool gains",
    "weight": "Memory and disk",
    "notebooks": "Run All",
    "service": "The service of notebook 08",
}
# The README's rows: the key that a figure names, and what the reader sees.
ROWS = {
    "turn": "a turn of the event loop, over one that nobody watches",
    "watched": "jobs through a warm pool of two, watched over unwatched",
    "trip": "a job's trip to a warm pool of two, and back",
    "rate": "so many go through it, sent together",
    "pays": "length of a job from which on two workers always save a tenth of the loop's time",
    "start": "the first results of two new workers",
    "wait": "worst wait of a client while six jobs of 200 ms are done",
    "lag": "99 of 100 clients wait at most, while there are as many busy workers as CPUs",
    "opening": "from opening a notebook to its first picture",
    "run_all": "Run All, with the start of the kernel",
    "kernel": "memory of a kernel",
    "worker": "memory of a worker, without what it shares with others",
    "size": "on disk",
}


class Run(NamedTuple):
    """What one run of ``python -m benchmarks --write`` measured.

    Attributes:
        date: the day, as "2026-01-31".
        machine: what it ran on, in a few sentences.
        parts: the figures of each part.
    """

    date: str
    machine: str
    parts: dict[str, list[Figure]]

    @property
    def figures(self) -> Iterator[Figure]:
        """All figures, in their order."""
        for part in self.parts.values():
            yield from part

    def row(self, key: str) -> list[Figure]:
        """Return the figures that stand side by side in one row."""
        return [each for each in self.figures if each.row == key]

    def save(self, path: Path = MEASURED) -> None:
        """Keep it.

        Raises:
            ValueError: a row of the README would have no figure.
        """
        empty = [key for key in ROWS if not self.row(key)]
        if empty:
            raise ValueError(f"nothing was measured for {', '.join(empty)}; expected every row")
        parts = {part: [each._asdict() for each in of] for part, of in self.parts.items()}
        told = {"format": FORMAT, "date": self.date, "machine": self.machine, "parts": parts}
        path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8", newline="\n")


def kept(path: Path = MEASURED) -> Run:
    """Return the run that was kept last.

    Raises:
        ValueError: the file is of another format.
    """
    told = json.loads(path.read_text(encoding="utf-8"))
    if told.get("format") != FORMAT:
        raise ValueError(
            f"{path.name} has format {told.get('format')!r}; expected {FORMAT}: "
            "run python -m benchmarks --write"
        )
    parts = {part: [Figure(**each) for each in of] for part, of in told["parts"].items()}
    return Run(told["date"], told["machine"], parts)


def short_table(run: Run) -> str:
    """Return the README's table as Markdown: a row for each question, others beside ours."""
    lines = [
        f"Measured on {run.date}. {run.machine}",
        "",
        "| | here | beside it |",
        "|---|---|---|",
    ]
    for key, words in ROWS.items():
        first, *others = [_cell(each) for each in run.row(key)]
        lines.append(f"| {words} | **{first}** | {', '.join(others)} |")
    return "\n".join(lines)


def whole_page(run: Run) -> str:
    """Return docs/figures.md: every figure of the run, and the peers' picture."""
    lines = [
        "# Figures",
        "",
        "Made by `python -m benchmarks --write`, all in one run; nothing here is typed by hand. "
        "A figure is the median of several, with the range they were in; a bound is what the suite "
        "promises.",
        "",
        f"Measured on {run.date}. {run.machine}",
    ]
    for part, of in run.parts.items():
        lines += ["", f"## {PARTS[part]}", ""]
        if part == "peers":
            lines += [f"![{alt_text(of)}](peers.png)", ""]
        lines += ["| | median | | from, to | bound |", "|---|--:|---|---|---|"]
        for each in of:
            unit, spread = each.unit if each.value != float("inf") else "", each.spread
            broken = " **missed**" if each.holds is False else ""
            lines.append(
                f"| {each.what.strip()} | {number(each.value)} | {unit} | {spread} "
                f"| {each.bound_told}{broken} |"
            )
        if part == "peers":
            lines += ["", *_saved(of)]
    return "\n".join(lines) + "\n"


def headline(figures: Iterable[Figure]) -> str:
    """Return the peers' break-evens in one sentence, the earliest first and the latest last."""
    pays = sorted((each for each in figures if each.row == "pays"), key=lambda each: each.value)
    paid = [each for each in pays if each.value < float("inf")]
    if not paid:
        return "In this run no pool saved time: its workers had no CPU of their own."
    first, *_, last = [f"{_amount(each)} on in {each.who}" for each in (*paid, paid[-1])]
    words = f"The trip pays for jobs from {first}"
    words += f", from {last}" if len(paid) > 1 else ""
    never = " and ".join(each.who for each in pays[len(paid) :])
    return f"{words}, from no length on in {never}." if never else f"{words}."


def alt_text(figures: Iterable[Figure]) -> str:
    """Return the peers' picture in words, with its figures."""
    figures = list(figures)
    told = []
    for trip in (each for each in figures if each.row == "trip"):
        (pays,) = [each for each in figures if each.row == "pays" and each.who == trip.who]
        length = _amount(pays) if pays.value < float("inf") else "no length on"
        told.append(f"{_cell(trip)} for a trip, pays from {length}")
    return f"{headline(figures)} {'; '.join(told)}."


def _saved(figures: Iterable[Figure]) -> Iterator[str]:
    """Yield a table: for each length of a job, the loop's time over that of each pool."""
    pays = [each for each in figures if each.row == "pays"]
    yield "How many times sooner two workers are than the loop itself, by the length of a job:"
    yield ""
    yield f"| a job of | {' | '.join(each.who for each in pays)} |"
    yield f"|---|{'--:|' * len(pays)}"
    for points in zip(*(each.points for each in pays), strict=True):
        cells = [f"{loop_s / pooled_s:.2f}" for _, loop_s, pooled_s in points]
        yield f"| {number(1_000 * points[0][0])} ms | {' | '.join(cells)} |"


def _cell(figure: Figure) -> str:
    return f"{figure.who} {_amount(figure)}"


def _amount(figure: Figure) -> str:
    if figure.value == float("inf"):
        return "never"
    return f"{number(figure.value)} {figure.unit}"
