"""Start at any heading, with the cells above the first one run: what is missing is said.

A section may need what an earlier one made. Then it has to say so, as Python
does: by a NameError, or the like, that names what is missing. Nothing else may happen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tests.around import notebook_name
from tests.endurance.tables import Table
from tests.notebooks.session import MISSING, Session, session

COLUMNS = ("notebook", "section", "cells", "what it misses", "red")
_HEADING = re.compile(r"^(##+) +(.+)$", re.MULTILINE)


def notebook(path: Path, table: Table) -> None:
    """Run each section that has code in a kernel of its own, after the first cells alone.

    Args:
        path: the notebook.
        table: gets a row for each section, and every fault.
    """
    name = notebook_name(path)
    with session(path) as opened:
        places = [title for title, cells in _sections(opened) if cells][1:]
    for place in places:
        with session(path) as opened:
            sections = [each for each in _sections(opened) if each[1]]
            first, chosen = sections[0][1], dict(sections)[place]
            red_before, missed = table.red, []
            try:
                for cell in first:
                    opened.run(cell)
                for cell in chosen:
                    missed += _missed_by(opened, cell, f"{name}, {place}, {cell.id}", table)
                if left := opened.left():
                    table.fault(f"{name}, {place}: left running: {left}")
            except (CellTimeoutError, DeadKernelError) as error:
                table.fault(f"{name}, {place}: the kernel gave no answer: {error!r}"[:300])
        words = ", ".join(dict.fromkeys(missed)) or "nothing"
        table.row(name, place, len(chosen), words, table.red - red_before)
        table.tell(f"{name}, {place}: misses {words}")


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


def _missed_by(opened: Session, cell: NotebookNode, what: str, table: Table) -> list[str]:
    """Run a cell and return the names that it misses."""
    found = opened.run(cell)
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if found and found not in [[name] for name in MISSING]:
        table.fault(f"{what}: {' | '.join(found)[:600]}")
    return [name for error in errors for name in re.findall(r"'([^']+)'", error.evalue)[:1]]
