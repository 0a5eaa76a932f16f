"""The picture in figures: tables for whoever reads by ear, by touch, or more exactly.

Pure text, computed from recordings; it knows nothing of axes. A recording of
thousands of jobs gives a table of a few dozen, spread over its time.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from ..recording import Hold, JobSpan, Recording, Visit, counted
from .naming import callable_names, job_names, label_of
from .words import listed, say, sentence

MOST_ROWS = 40
_NONE = "none"


class Table(NamedTuple):
    """One table.

    Attributes:
        caption: what it tells.
        head: the columns' names, with their units.
        rows: as many cells a row as there are columns; the first one names the row.
    """

    caption: str
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


def tables_of(recordings: Sequence[Recording]) -> list[Table]:
    """Return the figures of recordings: the runs side by side, then who held the loop, and jobs."""
    labels = [label_of(each, at, len(recordings)) for at, each in enumerate(recordings)]
    runs = [_run(label, each) for label, each in zip(labels, recordings, strict=True)]
    tables = [Table(say("table.runs"), listed("table.runs_head"), runs)]
    for label, recording in zip(labels, recordings, strict=True):
        if recording.holds:
            tables.append(_holds(label, recording.holds))
        if recording.jobs:
            tables.append(_jobs(label, recording))
        if recording.visits:
            tables.append(_visits(label, recording.visits))
    return tables


def as_html(tables: Sequence[Table]) -> str:
    """Return the tables folded, to be opened by mouse or keyboard; ``""`` for none."""
    if not tables:
        return ""
    name = escape(say("table.fold"))
    # A wide table scrolls by the arrow keys, too: so its place can be focused, and has a name.
    return (
        f'<details class="picture-figures"><summary>{name}</summary>'
        f'<div role="group" aria-label="{name}" tabindex="0" style="overflow-x:auto">'
        f"{''.join(map(_html, tables))}</div></details>"
    )


def _html(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        f"{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
        for first, *cells in table.rows
    )
    return (
        f'<table><caption style="text-align:left">{escape(table.caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _run(label: str, recording: Recording) -> tuple[str, ...]:
    lag = recording.lag
    measured = bool(lag.samples)
    waits = (lag.p50_s, lag.p99_s, lag.max_s)
    queues = [queue.peak for queue in recording.queues]
    return (
        label,
        _ms(recording.duration_s),
        *(_ms(wait_s, exact=True) if measured else _NONE for wait_s in waits),
        str(len(recording.holds)),
        _ms(recording.held_s),
        str(recording.in_flight.peak),
        str(max(queues)) if queues else _NONE,
    )


def _holds(label: str, holds: Sequence[Hold]) -> Table:
    longest = heapq.nlargest(MOST_ROWS, holds, key=lambda hold: hold.duration_s)
    names = callable_names(hold.name for hold in longest)
    rows = [
        (
            names[hold.name][0],
            _ms(hold.start_s, exact=True),
            _ms(hold.stop_s, exact=True),
            _ms(hold.duration_s, exact=True),
            say("table.computing" if hold.cause == "computing" else "table.not_running"),
        )
        for hold in sorted(longest, key=lambda hold: hold.start_s)
    ]
    told = say("table.holds", label=label)
    if len(holds) > len(rows):
        told += say("table.holds_left", shown=len(rows), all=counted(len(holds), "time"))
    return Table(sentence(told), listed("table.holds_head"), rows)


def _jobs(label: str, recording: Recording) -> Table:
    jobs = recording.jobs
    kept = [at * len(jobs) // MOST_ROWS for at in range(MOST_ROWS)]
    kept = kept if len(jobs) > MOST_ROWS else list(range(len(jobs)))
    names = job_names(jobs)
    workers = {name: number for number, name in enumerate(recording.workers(), 1)}
    rows = [_job(names[at][0], jobs[at], workers) for at in kept]
    told = say("table.jobs", label=label)
    if len(jobs) > len(rows):
        told += say("table.jobs_left", shown=len(rows), all=counted(len(jobs), "job"))
    return Table(sentence(told), listed("table.jobs_head"), rows)


def _job(name: str, job: JobSpan, workers: dict[str, int]) -> tuple[str, ...]:
    stamps = (job.submitted_s, job.started_s, job.finished_s, job.delivered_s)
    return (
        name,
        str(workers[job.worker]) if job.worker in workers else _NONE,
        *(_NONE if stamp is None else _ms(stamp, exact=True) for stamp in stamps),
        f"{job.outcome}, {say('table.abandoned')}" if job.abandoned else job.outcome,
    )


def _visits(label: str, visits: Sequence[Visit]) -> Table:
    rows = [
        (str(at), *(_ms(s, exact=True) for s in (each.arrived_s, each.answered_s, each.waited_s)))
        for at, each in enumerate(visits[:MOST_ROWS], 1)
    ]
    told = say("table.visits", label=label)
    if len(visits) > len(rows):
        told += say("table.visits_left", shown=len(rows), all=counted(len(visits), "click"))
    return Table(sentence(told), listed("table.visits_head"), rows)


def _ms(seconds: float, *, exact: bool = False) -> str:
    """Return milliseconds, to the tenth where that may matter."""
    return f"{seconds * 1000:,.1f}" if exact else f"{seconds * 1000:,.0f}"
