"""`python -m tests.endurance [PART ...]`: put the suite through what a term does to it.

What happens is printed as it happens, and as tables at the end, which an
Interrupt brings forward. The exit status tells whether anything was red.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.around import NOTEBOOKS, ROOT
from tests.endurance import headings, interrupts, kills, suite
from tests.endurance.settings import SETTINGS
from tests.endurance.tables import Table

PROCESS_TESTS = sorted((ROOT / "tests" / "process").glob("test_*.py"))
CONTENTION = [name for name in SETTINGS if name not in ("as-it-is", "classroom")]
Part = Callable[[argparse.Namespace, Table], None]


def _interrupts(options: argparse.Namespace, table: Table) -> None:
    for path in _chosen(NOTEBOOKS, options):
        interrupts.notebook(path, options.seed, options.each, table)


def _kills(options: argparse.Namespace, table: Table) -> None:
    for path in _chosen(NOTEBOOKS, options):
        kills.notebook(path, options.seed, options.each, table)


def _headings(options: argparse.Namespace, table: Table) -> None:
    for path in _chosen(NOTEBOOKS, options):
        headings.notebook(path, table)


def _in_setting(setting: str) -> Part:
    def part(options: argparse.Namespace, table: Table) -> None:
        works = [(_chosen(NOTEBOOKS, options), options.runs)]
        works += [(_chosen(PROCESS_TESTS, options), options.test_runs)]
        for paths, times in works:
            suite.one_by_one(setting, paths, times, table)

    return part


def _classroom(options: argparse.Namespace, table: Table) -> None:
    suite.side_by_side(_chosen(NOTEBOOKS, options), options.runs, table)


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
    options = parser.parse_args(arguments)
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
    red = sum(table.red for table in tables)
    print(f"\nseed {options.seed}: {red or 'none'} red")
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
