"""SIGKILL of a kernel while its pools work: no worker of `open_pool` stays.

The standard library's own pools, which some lessons use to show what they cost,
promise no such thing: what they leave is counted, and ended here.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from tests.around import is_helper, notebook_name, remaining
from tests.endurance.tables import Table
from tests.notebooks.session import Session, session

COLUMNS = ("notebook", "killed", "workers", "slowest to end, s", "left by plain pools", "red")
GONE_WITHIN_S = 5.0  # on a machine with a CPU for everybody
_LATER_S = 0.5
_LOOK_EVERY_S = 0.01


class Killer(threading.Thread):
    """Waits until a kernel has a worker, a moment longer, and kills the kernel.

    Attributes:
        workers: how many worker processes there were at the end.
        took_s: seconds until those of `open_pool` were gone; None: they were not.
        stayed: those that were not.
        plain: how many workers of the standard library's own pools stayed.
    """

    def __init__(self, opened: Session, later_s: float) -> None:
        super().__init__(name="killer")
        self.workers = 0
        self.took_s: float | None = None
        self.stayed: list[str] = []
        self.plain = 0
        self._opened, self._later_s = opened, later_s
        self._called_off = threading.Event()

    def run(self) -> None:
        """Lie in wait."""
        while not any(not is_helper(child) for child in self._opened.processes()):
            if self._called_off.wait(_LOOK_EVERY_S):
                return
        if self._called_off.wait(self._later_s):
            return
        children = self._opened.processes()
        workers = [child for child in children if not is_helper(child)]
        if not workers:
            return  # they ended meanwhile: another cell, then
        self.workers = len(workers)
        ours = [child for child in workers if not _is_plain(child)]
        begun = time.perf_counter()
        self._opened.kill()
        alive = remaining(ours, within_s=GONE_WITHIN_S * _crowd())
        self.stayed = [str(child) for child in alive]
        if not alive:
            self.took_s = time.perf_counter() - begun
        left = remaining(children, within_s=0)
        self.plain = len([child for child in left if child in workers and child not in ours])
        for child in left:
            with contextlib.suppress(psutil.Error):
                child.kill()

    def call_off(self) -> None:
        """Wait no longer, and return when a killing that has begun is done."""
        self._called_off.set()
        self.join()


def _is_plain(worker: psutil.Process) -> bool:
    """Whether a worker was started by spawn: where there is a forkserver, `open_pool` uses that."""
    try:
        return sys.platform == "linux" and "multiprocessing.spawn" in " ".join(worker.cmdline())
    except psutil.Error:
        return False


def _crowd() -> float:
    """Return how many processes want each CPU, at least one."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def notebook(path: Path, seed: int, times: int, table: Table) -> list[Killer]:
    """Kill a notebook's kernel so many times, in random cells, while a worker is there.

    Args:
        path: the notebook.
        seed: together with the notebook's name it decides cells and moments.
        times: how many kernels are killed.
        table: gets a row, and every fault.

    Returns:
        The killers that found a worker.
    """
    name, draw = notebook_name(path), random.Random(f"{seed} {notebook_name(path)}")
    red_before = table.red
    killers: list[Killer] = []
    for _ in range(times):
        with session(path) as opened:
            first = draw.randrange(1, len(opened.code_cells))
            later_s = draw.uniform(0, _LATER_S)
            for cell in opened.code_cells[:first]:
                opened.run(cell)
            cell_id, killer = _killed(opened, first, later_s)
        what = f"{name}, {cell_id}, {later_s:.2f} s after a worker was there"
        if killer.stayed:
            table.fault(f"{what}, the kernel was killed, and these stayed: {killer.stayed}")
        if killer.workers:
            killers.append(killer)
            table.tell(f"{what}: of {killer.workers} workers, {killer.plain} plain ones stayed")
        else:
            table.tell(f"{name}: no worker from cell {first} on")
    workers = sum(each.workers for each in killers)
    plain = sum(each.plain for each in killers)
    table.row(
        name, len(killers), workers, f"{slowest_s(killers):.2f}", plain, table.red - red_before
    )
    return killers


def slowest_s(killers: Sequence[Killer]) -> float:
    """Return how long the slowest worker of `open_pool` took to end, of those that did."""
    return max((each.took_s or 0.0 for each in killers), default=0.0)


def _killed(opened: Session, first: int, later_s: float) -> tuple[str, Killer]:
    """Run cells from the first on, until the kernel is killed in one; return that one's id."""
    for cell in opened.code_cells[first:]:
        killer = Killer(opened, later_s)
        killer.start()
        try:
            opened.run(cell)
        except (DeadKernelError, CellTimeoutError):
            pass
        finally:
            killer.call_off()
        if killer.workers:
            break
    return cell.id, killer
