"""A notebook in a kernel, used as by somebody at the keyboard."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
from nbclient import NotebookClient
from nbformat import NotebookNode

from tests.around import descendants, left_running

# A name that an earlier cell defines, or a file that it writes.
MISSING = ("NameError", "ModuleNotFoundError", "FileNotFoundError")


class Session:
    """A kernel with a notebook in it, used as by somebody at the keyboard.

    Attributes:
        said: the words of the last cell's errors.
    """

    def __init__(self, path: Path) -> None:
        self.said = ""
        self.notebook = nbformat.read(path, as_version=4)
        self.client = NotebookClient(
            self.notebook,
            timeout=200,
            allow_errors=True,
            coalesce_streams=True,  # a busy kernel may send one print in two pieces
            resources={"metadata": {"path": path.parent}},
        )

    @property
    def code_cells(self) -> list[NotebookNode]:
        """The code cells in their order."""
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    def run(self, cell: NotebookNode, *, interrupt_after_s: Sequence[float] = ()) -> list[str]:
        """Run a cell and return the names of its errors, with whatever it put on stderr."""
        if cell not in self.notebook.cells:
            self.notebook.cells.append(cell)
        timers = [threading.Timer(each, self.interrupt) for each in interrupt_after_s]
        for timer in timers:
            timer.start()
        try:
            self.client.execute_cell(cell, self.notebook.cells.index(cell))
        finally:
            for timer in timers:
                timer.cancel()
                timer.join()
        errors = [output for output in cell.outputs if output.output_type == "error"]
        self.said = "; ".join(output.evalue for output in errors)
        return [output.ename for output in errors] + [
            f"stderr: {output.text}" for output in cell.outputs if output.get("name") == "stderr"
        ]

    def interrupt(self) -> None:
        """Do what Jupyter's Interrupt button does: a signal to the kernel's process group."""
        os.killpg(os.getpgid(self._pid), signal.SIGINT)

    @property
    def _pid(self) -> int:
        assert self.client.km is not None
        pid: int = self.client.km.provisioner.pid
        return pid

    def kill(self) -> None:
        """End the kernel as the system does when memory is short: at once, and only it."""
        os.kill(self._pid, signal.SIGKILL)

    def processes(self) -> list[psutil.Process]:
        """Return the kernel's children, and theirs."""
        return descendants(self._pid)

    def left(self) -> list[str]:
        """Return the processes that the kernel has left running."""
        return left_running(self._pid)


@contextmanager
def session(path: Path) -> Iterator[Session]:
    """Open a notebook in a kernel of its own."""
    opened = Session(path)
    with opened.client.setup_kernel():
        yield opened
