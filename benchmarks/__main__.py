"""``python -m benchmarks``: measure everything the suite promises about speed.

    python -m benchmarks            # print every figure, and whether its bound was kept
    python -m benchmarks cost gain  # these parts alone
    python -m benchmarks --write    # and write what was measured where it is read

The last takes about ten minutes and writes the README's table, docs/figures.md and
docs/peers.png, from one run. Beside the parts of the tables there is "crowded": every
notebook on one CPU, and beside eight busy loops. The exit status is the number of
bounds that were missed.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Sequence
from importlib import import_module
from time import perf_counter

from benchmarks.figures import Figure, NotMeasured
from benchmarks.tables import PARTS, Run
from hybrid_demo import describe_machine

APART = ("crowded",)  # takes minutes, and tells of no part that a reader would compare


def measure(part: str) -> list[Figure]:
    """Measure one part, and print each figure as it is taken."""
    begun, figures = perf_counter(), []
    for figure in import_module(f"benchmarks.{part}").figures():
        print(figure, flush=True)
        figures.append(figure)
    print(f"    ({part}: {perf_counter() - begun:.0f} s)", flush=True)
    return figures


def write(run: Run) -> None:
    """Keep the run, and make of it the tables and the picture."""
    from benchmarks.peers_picture import draw
    from tools import write_tables

    run.save()
    write_tables.main([])
    draw(run)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the parts asked for; return how many bounds were missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the suite.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join([*PARTS, *APART]))
    parser.add_argument("--write", action="store_true", help="write the tables and the picture")
    asked = parser.parse_args(arguments)
    for part in asked.parts:
        if part not in (*PARTS, *APART):
            parser.error(f"unknown part {part!r}; expected some of {', '.join([*PARTS, *APART])}")
    if asked.write and asked.parts:
        parser.error("--write takes no parts: what is written comes from one run of all of them")
    machine = describe_machine()
    print(machine)
    print(f"{'':<64} {'median':>8} {'':<7} {'range':<20} {'bound'}")
    measured = {}
    for part in asked.parts or PARTS:
        try:
            measured[part] = measure(part)
        except NotMeasured as reason:
            print(f"{part}: not measured; {reason}")
            if asked.write:
                return 1
    run = Run(datetime.date.today().isoformat(), " ".join(machine.splitlines()), measured)
    if asked.write:
        write(run)
    missed = sum(figure.holds is False for figure in run.figures)
    print("every bound was kept" if not missed else f"{missed} bounds were missed")
    return missed


if __name__ == "__main__":
    sys.exit(main())
