"""`python -m tests.endurance [PART ...]`: put the suite through what a term does to it.

What happens is printed as it happens, and as tables at the end, which an
Interrupt brings forward. The exit status tells whether anything was red. With
``--write`` the README's table has it, too: each part that ran to its end.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from hybrid_demo.recording import counted
from tests.around import NOTEBOOKS, ROOT
from tests.endurance import headings, interrupts, kills, outcomes, suite
from tests.endurance.settings import SETTINGS
from tests.endurance.tables import Table
from tests.notebooks.interrupting import Interrupted
from tools import write_tables

PROCESS_TESTS = sorted((ROOT / "tests" / "process").glob("test_*.py"))
CONTENTION = [name for name in SETTINGS if name not in ("as-it-is", "classroom")]
Part = Callable[[argparse.Namespace, Table], None]


def _interrupts(options: argparse.Namespace, table: Table) -> None:
    done: list[Interrupted] = []
    for path in _chosen(NOTEBOOKS, options):
        done += interrupts.notebook(path, options.seed, options.each, table)
    caught = sum(each.caught for each in done)
    burnt_s = max((each.burnt_s for each in done), default=0.0)
    table.outcome(
        "an Interrupt at a random moment, in each cell that lasts",
        f"{len(done)}, {caught} of them before the cell had ended",
        table.red,
        f"a worker went on for {burnt_s:.2f} s of CPU time",
    )


def _kills(options: argparse.Namespace, table: Table) -> None:
    done: list[kills.Killer] = []
    for path in _chosen(NOTEBOOKS, options):
        done += kills.notebook(path, options.seed, options.each, table)
    workers = sum(each.workers for each in done)
    table.outcome(
        "SIGKILL of a kernel whose pools work",
        f"{len(done)} kernels with {workers} workers",
        table.red,
        f"a worker of `open_pool` was gone after {kills.slowest_s(done):.1f} s",
    )


def _headings(options: argparse.Namespace, table: Table) -> None:
    sections = sum(headings.notebook(path, table) for path in _chosen(NOTEBOOKS, options))
    table.outcome(
        "begun at a heading, after the first cells alone", f"{sections} headings", table.red
    )


def _in_setting(setting: str) -> Part:
    def part(options: argparse.Namespace, table: Table) -> None:
        for kind, paths, times in (
            ("notebooks", NOTEBOOKS, options.runs),
            ("files of process tests", PROCESS_TESTS, options.test_runs),
        ):
            done = suite.one_by_one(setting, _chosen(paths, options), times, table, options.diary)
            _sum_up(kind, setting, done, table)

    return part


def _classroom(options: argparse.Namespace, table: Table) -> None:
    done = suite.side_by_side(_chosen(NOTEBOOKS, options), options.runs, table)
    _sum_up("notebooks", "classroom", done, table)


def _sum_up(kind: str, setting: str, done: Sequence[suite.Round], table: Table) -> None:
    if done:
        files, slowest = len({each.path for each in done}), max(done, key=lambda each: each.took_s)
        table.outcome(
            f"all {kind}: {SETTINGS[setting].words}",
            f"{len(done)} runs ({counted(files, 'file')})",
            sum(bool(each.red) for each in done),
            f"{Path(slowest.path).stem} took {slowest.took_s:.0f} s",
        )


PARTS: dict[str, tuple[Sequence[str], Part]] = {
    "interrupts": (interrupts.COLUMNS, _interrupts),
    "kills": (kills.COLUMNS, _kills),
    "headings": (headings.COLUMNS, _headings),
    **{name: (suite.COLUMNS, _in_setting(name)) for name in CONTENTION},
    "classroom": (suite.COLUMNS, _classroom),
    "as-it-is": (suite.COLUMNS, _in_setting("as-it-is")),
}


def _chosen(paths: Sequence[Path], options: argparse.Namespace) -> list[Path]:
    words = options.only or [""]
    return [path for path in paths if any(word in path.as_posix() for word in words)]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.endurance", description=__doc__)
    usual = [name for name in PARTS if name != "as-it-is"]
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; without any: {usual}"
    )
    parser.add_argument("--only", action="append", help="only files whose path has this in it")
    parser.add_argument("--seed", type=int, help="for the moments; without: another every time")
    parser.add_argument("--each", type=int, default=2, help="interrupts a cell, kills a notebook")
    parser.add_argument("--runs", type=int, default=3, help="runs of each notebook in a setting")
    parser.add_argument("--test-runs", type=int, default=20, help="and of each process test")
    parser.add_argument(
        "--diary",
        type=Path,
        help="a file for each run in a setting, in which those of earlier days count as done; "
        "delete it when what is run has changed",
    )
    parser.add_argument("--write", action="store_true", help="keep it, for the README's table")
    options = parser.parse_args(arguments)
    if options.write and options.only:
        parser.error("--write takes no --only: what is written is of all of them")
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options.parts = options.parts or usual
    if options.seed is None:
        options.seed = random.SystemRandom().randrange(10_000)
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chosen parts and return the exit status."""
    options = _options(arguments)
    print(f"seed {options.seed}; {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}", flush=True)
    tables = []
    try:
        for name in options.parts:
            columns, part = PARTS[name]
            table = Table(name, columns)
            tables.append(table)
            try:
                part(options, table)
            except OSError as error:
                table.note(f"this machine cannot make it: {error}")
    except KeyboardInterrupt:
        print("interrupted: what there is so far", flush=True)
    for table in tables:
        table.show()
    if options.write:
        outcomes.keep(each for table in tables for each in table.outcomes)
        write_tables.main([])
    red = sum(table.red for table in tables)
    print(f"\nseed {options.seed}: {red or 'none'} red")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
