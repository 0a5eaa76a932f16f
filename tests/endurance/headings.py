"""Start at any heading, with the cells above the first one run: what is missing is said.

A section may need what an earlier one made. Then the first thing that goes wrong
has to say so, as Python does: by a NameError, or the like, that names what is
missing. What goes wrong after that follows from it; but nothing may hang or stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tests.around import notebook_name, remaining
from tests.endurance.tables import Table
from tests.notebooks.session import MISSING, Session, session

COLUMNS = ("notebook", "section", "cells", "what it misses", "red")
GONE_WITHIN_S = 5.0
_HEADING = re.compile(r"^(##+) +(.+)$", re.MULTILINE)


def notebook(path: Path, table: Table) -> int:
    """Run each section that has code in a kernel of its own, after the first cells alone.

    Args:
        path: the notebook.
        table: gets a row for each section, and every fault.

    Returns:
        How many sections those are.
    """
    name = notebook_name(path)
    with session(path) as opened:
        places = [title for title, cells in _sections(opened) if cells][1:]
    for place in places:
        with session(path) as opened:
            sections = [each for each in _sections(opened) if each[1]]
            first, chosen = sections[0][1], dict(sections)[place]
            red_before, missed, started = table.red, [], []
            try:
                for cell in first:
                    opened.run(cell)
                for cell in chosen:
                    found = opened.run(cell)
                    if found and not missed and found not in [[error] for error in MISSING]:
                        what = f"{name}, {place}, {cell.id}"
                        table.fault(f"{what}: {' | '.join(found)[:600]}")
                    missed += _missed_by(cell)
                started = opened.processes()  # a pool that a later section closes may be open
            except (CellTimeoutError, DeadKernelError) as error:
                table.fault(f"{name}, {place}: the kernel gave no answer: {error!r}"[:300])
        if alive := [str(each) for each in remaining(started, within_s=GONE_WITHIN_S)]:
            table.fault(f"{name}, {place}: outlived the kernel's shutdown: {alive}")
        words = ", ".join(dict.fromkeys(missed)) or "nothing"
        table.row(name, place, len(chosen), words, table.red - red_before)
        table.tell(f"{name}, {place}: misses {words}")
    return len(places)


def _sections(opened: Session) -> Iterator[tuple[str, list[NotebookNode]]]:
    """Yield each heading with the code cells below it; first of all those above any."""
    title, cells = "", []
    for cell in opened.notebook.cells:
        if cell.cell_type == "code":
            cells.append(cell)
        elif found := _HEADING.search(cell.source):
            yield title, cells
            title, cells = found[2], []
    yield title, cells


def _missed_by(cell: NotebookNode) -> list[str]:
    """Return what a cell that was run has called missing."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    named = [
        re.findall(r"'([^']+)'", error.evalue)[:1] for error in errors if error.ename in MISSING
    ]
    return [name for names in named for name in names]
