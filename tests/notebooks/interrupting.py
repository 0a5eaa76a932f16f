"""The Interrupt button in the middle of a cell, and what has to hold afterwards."""

from __future__ import annotations

import time
from dataclasses import dataclass

import psutil
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from tests.notebooks.session import Session

LEAST_S = 0.05  # before that, an Interrupt may come while the cell is only being sent
# CPU seconds, so that they mean the same on a busy machine: no notebook has a longer job,
LONGEST_JOB_S = 0.5
# and this is what a worker may burn beyond the job it was on.
BEYOND_IT_S = 1.0
_ENDINGS = ([], ["KeyboardInterrupt"], ["CancelledError"])
_FORGOTTEN = "Task was destroyed but it is pending"
_LOOK_EVERY_S = 0.1
_QUIET_LOOKS = 3
_PATIENCE_S = 60.0
_REPLY_WITHIN_S = 60


@dataclass(frozen=True)
class Interrupted:
    """What came of an Interrupt.

    Attributes:
        caught: whether the cell was ended by it; else it had just ended by itself.
        reply_lost: whether it came just as the cell ended, and ipykernel (7.4) forgot to say
            so: it catches the KeyboardInterrupt, logs it, and is idle. A cell without any
            code of ours meets the same; what counts is that the next cell works.
        burnt_s: CPU seconds that one child of the kernel used after the cell's end, at most.
        faults: what must not be, in words.
    """

    caught: bool
    reply_lost: bool
    burnt_s: float
    faults: tuple[str, ...]


def interrupt(opened: Session, cell: NotebookNode, moment_s: float) -> Interrupted:
    """Run a cell, interrupt it after so many seconds, and look at the kernel and its children."""
    reply_lost, usual_timeout_s = False, opened.client.timeout
    opened.client.timeout = _REPLY_WITHIN_S
    try:
        found = opened.run(cell, interrupt_after_s=[moment_s])
    except CellTimeoutError:
        found, reply_lost = [], True
    finally:
        opened.client.timeout = usual_timeout_s
    burnt_s = burnt_until_quiet(opened)
    faults = []
    if without_aftermath(found) not in _ENDINGS:
        faults.append(f"it ended in {' | '.join(found)[:600]}")
    if burnt_s > LONGEST_JOB_S + BEYOND_IT_S:
        faults.append(f"a worker went on for {burnt_s:.2f} s of CPU time")
    answer = new_code_cell("print(40 + 2)")
    wrong = opened.run(answer)
    if wrong or "42" not in str(answer.outputs):
        faults.append(f"the next cell gave {wrong or answer.outputs}")
    opened.notebook.cells.remove(answer)
    return Interrupted(
        caught=bool(found), reply_lost=reply_lost, burnt_s=burnt_s, faults=tuple(faults)
    )


def without_aftermath(found: list[str]) -> list[str]:
    """Return what a cell gave, less what Python says of its own accord after an Interrupt.

    The workers of a plain pool, which some lessons use, die of it; tasks that the interrupted
    cell had started are destroyed when the cell's next run forgets them, or later.
    """
    return [each for each in found if not _is_aftermath(each)]


def _is_aftermath(said: str) -> bool:
    return said.startswith("stderr: ") and ("KeyboardInterrupt" in said or _FORGOTTEN in said)


def burnt_until_quiet(opened: Session) -> float:
    """Wait until no child of the kernel computes; return the CPU seconds of the busiest.

    A child that waits for a CPU is not quiet, so a busy machine only makes it wait longer.
    """
    before: dict[psutil.Process, float] = {}
    burnt: dict[psutil.Process, float] = {}
    quiet, first, deadline = 0, True, time.monotonic() + _PATIENCE_S
    while quiet < _QUIET_LOOKS and time.monotonic() < deadline:
        computing = False
        for child in opened.processes():
            try:
                used = child.cpu_times()
                computing |= child.status() == psutil.STATUS_RUNNING
            except psutil.Error:
                continue  # it has just ended
            used_s = used.user + used.system
            burnt[child] = used_s - before.setdefault(child, used_s if first else 0.0)
        first, quiet = False, 0 if computing else quiet + 1
        time.sleep(_LOOK_EVERY_S)
    return max(burnt.values(), default=0.0)
