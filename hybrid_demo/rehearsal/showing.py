"""How far a rehearsal is: a bar for each notebook, or plain lines where nobody watches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from hybrid_demo.recording import counted

from .running import Run

_PER_SECOND = 4  # often enough to be read; more would cost the notebooks CPU time


class Watcher(Protocol):
    """Somebody who is told how far a rehearsal is."""

    def begins(self, name: str, cells: int) -> None:
        """Say that a notebook of so many cells begins."""

    def at(self, cell: str) -> None:
        """Say whose turn it is."""

    def ends(self, run: Run) -> None:
        """Say that the notebook has run, or stopped."""


@contextmanager
def progress(console: Console) -> Iterator[Watcher]:
    """Show how far the rehearsal is, until the block is left."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cells"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[cell]}", markup=False, style="dim"),
    )
    with Progress(*columns, console=console, refresh_per_second=_PER_SECOND) as shown:
        yield _Bars(shown)


class _Lines:
    """A line when a notebook begins, and how it ended."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def begins(self, name: str, cells: int) -> None:
        self._console.print(Text(f"{name}: {counted(cells, 'cell')} ..."))

    def at(self, cell: str) -> None:
        pass  # a line for each cell would hide those that matter

    def ends(self, run: Run) -> None:
        verdicts = counted(len(run.verdicts), "claim")
        ending = f"stopped at {run.failure.cell or 'its start'}" if run.failure else "done"
        self._console.print(Text(f"{run.name}: {ending} after {run.took_s:.1f} s, {verdicts}"))


class _Bars:
    """A bar for each notebook, and the cell that is running."""

    def __init__(self, shown: Progress) -> None:
        self._shown = shown
        self._begun = 0  # cells whose turn has come

    def begins(self, name: str, cells: int) -> None:
        self._task = self._shown.add_task(name, total=cells, cell="starting a kernel")
        self._begun = 0

    def at(self, cell: str) -> None:
        self._shown.update(self._task, completed=self._begun, cell=cell)
        self._begun += 1

    def ends(self, run: Run) -> None:
        if run.failure is None:
            self._shown.update(self._task, completed=self._begun, cell="")
        else:
            self._shown.update(self._task, cell=f"stopped at {run.failure.cell or 'its start'}")
        self._shown.stop_task(self._task)
