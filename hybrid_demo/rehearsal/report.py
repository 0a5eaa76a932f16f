"""What a rehearsal found, printed: the ledger with this machine's own figures, and what is amiss.

It judges nothing; the verdicts are the notebooks' own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from hybrid_demo.recording import counted
from hybrid_demo.teaching.data import Claim

from .printing import listed
from .running import Judged, Run

# The verdicts in the words, and by the signs, that the notebooks show; the colours of a terminal.
SHOWN: Mapping[str, tuple[str, str, str]] = {
    "held": ("✓", "true here", "green"),
    "did not hold": ("✗", "not true here", "red"),
    "not showable here": ("○", "cannot be shown here", "yellow"),
}


def report(
    console: Console, runs: Sequence[Run], ledger: Mapping[str, Claim], *, complete: bool
) -> None:
    """Print the ledger, what it does not show, errors, and seconds.

    Args:
        console: where to.
        runs: the notebooks that were run.
        ledger: the lecture's claims by their keys.
        complete: whether all notebooks were meant, so that every claim was to be judged.
    """
    verdicts = [verdict for run in runs for verdict in run.verdicts]
    if verdicts:
        console.print(_ledger(verdicts, ledger))
    amiss = (
        ("Not true here", _reasons(verdicts, "did not hold", ledger)),
        ("What will not show here", _reasons(verdicts, "not showable here", ledger)),
        (
            "Sentences of the ledger that no notebook judged",
            _unjudged(runs, verdicts, ledger, complete),
        ),
        ("Notebooks that stopped", _failures(runs)),
    )
    for title, lines in amiss:
        listed(console, title, lines)
    console.print(_seconds(runs))
    told = [_count(verdicts, status) for status in SHOWN]
    stopped = sum(run.failure is not None for run in runs)
    told += [f"{counted(stopped, 'notebook')} stopped"] if stopped else []
    console.print(Text(f"\n{', '.join(each for each in told if each) or 'no claims'}."))


def is_well(runs: Iterable[Run]) -> bool:
    """Whether every notebook ran to its end and no claim failed to hold."""
    return all(
        run.failure is None and all(each.status != "did not hold" for each in run.verdicts)
        for run in runs
    )


def _ledger(verdicts: Sequence[Judged], ledger: Mapping[str, Claim]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="The ledger, on this machine")
    table.title_justify = "left"
    table.title_style = "bold"
    table.add_column("claim", no_wrap=True)
    table.add_column("the lecture says", ratio=3)
    table.add_column("verdict", min_width=13, max_width=20)
    table.add_column("measured here", ratio=2)
    places = {key: place for place, key in enumerate(ledger)}
    in_order = sorted(verdicts, key=lambda each: places.get(each.key, len(places)))
    for slide, rows in itertools.groupby(in_order, lambda each: each.key.partition(".")[0]):
        table.add_section()
        table.add_row("", Text(f"slide {slide}", style="dim"))
        for each in rows:
            said = _said(ledger.get(each.key))
            table.add_row(each.key, said, _verdict(each), Text(each.figures))
    return table


def _said(row: Claim | None) -> Text:
    """Return the sentence, and what it takes to be true: that is what was judged."""
    if row is None:
        return Text()
    more = {"holds": "", "holds when": "True when", "corrected": "More exactly:"}[row.kind]
    return Text(row.words).append(f" {more} {row.precisely}" if more else "", style="italic")


def _verdict(verdict: Judged) -> Text:
    sign, words, colour = SHOWN.get(verdict.status, ("?", verdict.status, ""))
    return Text(f"{sign} {words}", style=colour)


def _reasons(verdicts: Iterable[Judged], status: str, ledger: Mapping[str, Claim]) -> Iterable[str]:
    """Yield a line for each reason, with all the claims that it is about."""
    about: dict[tuple[str, str], list[str]] = {}
    for each in verdicts:
        if each.status == status:
            about.setdefault((each.reason, each.notebook), []).append(each.key)
    for (reason, notebook), keys in about.items():
        words = f": {ledger[keys[0]].words}" if len(keys) == 1 and keys[0] in ledger else ""
        yield f"{', '.join(keys)} ({notebook}){words} {reason}".rstrip()


def _unjudged(
    runs: Sequence[Run],
    verdicts: Iterable[Judged],
    ledger: Mapping[str, Claim],
    complete: bool,
) -> Iterable[str]:
    """Yield the claims that no notebook judged, by the notebook that owes them."""
    judged = {each.key for each in verdicts}
    owed: dict[str, list[str]] = {}
    for row in ledger.values():
        if row.key not in judged:
            owed.setdefault(row.notebook, []).append(row.key)
    ran = {run.name: run for run in runs}
    for notebook, keys in owed.items():
        if notebook in ran:
            why = "it stopped before them" if ran[notebook].failure else "no cell claims them"
        elif complete:
            why = "there is no such notebook here"
        else:
            continue
        yield f"{', '.join(keys)} ({notebook}: {why})"


def _failures(runs: Iterable[Run]) -> Iterable[str]:
    for run in runs:
        if run.failure is not None:
            where = f"cell {run.failure.cell}" if run.failure.cell else "its kernel did not start"
            after = f" ({counted(run.failure.not_run, 'cell')} after it not run)"
            yield f"{run.name}, {where}: {run.failure.line}{after if run.failure.not_run else ''}"


def _seconds(runs: Sequence[Run]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_footer=len(runs) > 1)
    table.add_column("notebook", footer="in all")
    total_s = sum(run.took_s for run in runs)
    table.add_column("seconds", justify="right", footer=f"{total_s:.1f}")
    for run in runs:
        table.add_row(Text(run.name), f"{run.took_s:.1f}")
    return table


def _count(verdicts: Sequence[Judged], status: str) -> str:
    number = sum(each.status == status for each in verdicts)
    return f"{counted(number, 'claim')} {SHOWN[status][1]}" if number else ""
