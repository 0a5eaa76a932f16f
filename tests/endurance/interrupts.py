"""Interrupt, at random moments, every cell that lasts long enough to be caught."""

from __future__ import annotations

import random
import time
from pathlib import Path

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from tests.around import notebook_name, remaining
from tests.endurance.tables import Table
from tests.notebooks.interrupting import LEAST_S, Interrupted, interrupt, without_aftermath
from tests.notebooks.session import Session, session

COLUMNS = (
    "notebook",
    "cells",
    "interrupts",
    "caught",
    "reply lost",
    "most CPU burnt after, s",
    "red",
)
GONE_WITHIN_S = 5.0
_CATCHABLE_S = 0.15


def notebook(path: Path, seed: int, each: int, table: Table) -> list[Interrupted]:
    """Run a notebook cell by cell; interrupt each so often, and run it again.

    Args:
        path: the notebook.
        seed: together with the notebook's name it decides the moments.
        each: how often a cell is interrupted.
        table: gets a row, and every fault.

    Returns:
        What came of each Interrupt.
    """
    name, draw = notebook_name(path), random.Random(f"{seed} {notebook_name(path)}")
    done: list[Interrupted] = []
    red_before, cells = table.red, 0
    with session(path) as opened:
        try:
            for cell in opened.code_cells:
                usual_s = _usual_s(opened, cell, f"{name}, {cell.id}, at first", table)
                if usual_s < _CATCHABLE_S:
                    continue
                cells += 1
                for _ in range(each):
                    moment_s = draw.uniform(LEAST_S, usual_s)
                    what = f"{name}, {cell.id}, interrupted after {moment_s:.3f} s"
                    done.append(interrupt(opened, cell, moment_s))
                    if done[-1].reply_lost:
                        table.note(f"{what}: ipykernel lost the reply")
                    for fault in done[-1].faults:
                        table.fault(f"{what}: {fault}")
                    usual_s = _usual_s(opened, cell, f"{what}, run again", table)
            if left := opened.left():
                table.fault(f"{name}: left running at the end: {left}")
            before_end = opened.processes()
        except (CellTimeoutError, DeadKernelError) as error:
            table.fault(f"{name}: the kernel gave no answer: {error!r}"[:300])
            before_end = []
    if alive := [str(each) for each in remaining(before_end, within_s=GONE_WITHIN_S)]:
        table.fault(f"{name}: outlived the kernel's shutdown: {alive}")
    caught = sum(each.caught for each in done)
    lost = sum(each.reply_lost for each in done)
    burnt_s = max((each.burnt_s for each in done), default=0.0)
    table.row(name, cells, len(done), caught, lost, f"{burnt_s:.2f}", table.red - red_before)
    table.tell(f"{name}: {len(done)} interrupts, {caught} caught, {lost} replies lost")
    return done


def _usual_s(opened: Session, cell: NotebookNode, when: str, table: Table) -> float:
    """Run a cell undisturbed, and return how long it took; an error is a fault."""
    begun = time.perf_counter()
    if found := without_aftermath(opened.run(cell)):
        table.fault(f"{when}: {' | '.join(found)[:600]}")
    return max(time.perf_counter() - begun, LEAST_S)
