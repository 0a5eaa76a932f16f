"""Running one notebook as an instructor would: all cells, in a kernel of its own.

A claim that does not hold is a finding here, so the kernels must not have the
tests' ``HYBRID_DEMO_TESTING``. Whatever ends the run, the kernel and all that
it started end with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import nbformat
import psutil  # type: ignore[import-untyped]
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from hybrid_demo.teaching.claims import VERDICT_TYPE

from .keeping import source_that_keeps
from .places import name_of

CELL_WITHIN_S = 200
TESTING = "HYBRID_DEMO_TESTING"
_END_WITHIN_S = 5
# ipykernel waits in vain for a forkserver that it has ended but not reaped, until it is killed.
_ASKED_FOR_S = 1.0
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A claim's verdict, as a notebook's output carries it.

    Attributes:
        key: the claim's number in the ledger.
        status: ``"held"``, ``"did not hold"`` or ``"not showable here"``.
        figures: what was compared, in this machine's figures; ``""`` if unknown.
        reason: why it cannot be shown, or what to make of it; ``""`` if it held.
        notebook: where it was judged.
    """

    key: str
    status: str
    figures: str
    reason: str
    notebook: str


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Where a notebook stopped, and why.

    Attributes:
        cell: the cell's id; ``""`` if it was none of them.
        line: the last line of what was said.
        not_run: cells after it.
        dead: whether the kernel is gone.
    """

    cell: str
    line: str
    not_run: int
    dead: bool = False


@dataclass(frozen=True, kw_only=True)
class Run:
    """One notebook that was run, or as much of it as could be.

    Attributes:
        name: as the ledger calls it.
        path: its file.
        notebook: its cells, with their outputs.
        took_s: seconds from the kernel's start to the end of the last cell.
        verdicts: what its claims came to, in their order.
        failure: where it stopped; None if all of it ran.
    """

    name: str
    path: Path
    notebook: NotebookNode
    took_s: float
    verdicts: tuple[Judged, ...]
    failure: Failure | None


async def run(path: Path, *, at: Callable[[str], None], recordings: Path | None = None) -> Run:
    """Run all cells of a notebook, until one fails.

    Args:
        path: the notebook's file; its folder is the kernel's.
        at: called with a cell's id when its turn comes, code cells only.
        recordings: the folder to save the notebook's recordings in, at the end.

    Raises:
        OSError: the notebook cannot be read, or a recording not be saved.
        ValueError: it is no notebook.
    """
    notebook = read(path)
    there_before = set(psutil.Process().children(recursive=True))
    # The widgets' state is for a page with a kernel; nobody else reads it.
    client = NotebookClient(
        notebook, timeout=CELL_WITHIN_S, store_widget_state=False, record_timing=False
    )
    begun = time.perf_counter()
    # A kernel, and the workers of its pools, complain where Jupyter was started: not into a bar.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        try:
            client.create_kernel_manager()
            failure = await _start(client, path.parent, said) or await _cells(client, at)
            took_s = time.perf_counter() - begun
            if failure is not None and failure.dead:
                failure = replace(failure, line=f"{failure.line}: {_last_line(said)}")
            elif recordings is not None:
                await _keep(client, recordings)
            await _shut_down(client)
        finally:
            _clean_up(client, there_before)
    name = name_of(path)
    return Run(
        name=name,
        path=path,
        notebook=notebook,
        took_s=took_s,
        verdicts=tuple(_verdicts(notebook, name)),
        failure=failure,
    )


def read(path: Path) -> NotebookNode:
    """Return the notebook in a file.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no notebook.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return nbformat.reads(text, as_version=4)  # type: ignore[no-any-return]
    except Exception as error:
        raise ValueError(f"{str(path)!r} is no notebook: {_last_of(str(error))}") from error


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells that a kernel runs."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


async def _start(client: NotebookClient, folder: Path, said: IO[str]) -> Failure | None:
    """Start the kernel; what it complains of goes to `said`."""
    environment = {name: each for name, each in os.environ.items() if name != TESTING}
    try:
        await client.async_start_new_kernel(
            cwd=str(folder), env=environment, stdout=said, stderr=said
        )
        await client.async_start_new_kernel_client()
    except RuntimeError as error:
        left = len(code_cells(client.nb))
        return Failure(cell="", line=_last_of(str(error)), not_run=left, dead=True)
    return None


async def _cells(client: NotebookClient, at: Callable[[str], None]) -> Failure | None:
    """Run the cells one by one, and return where and why it stopped."""
    left = len(code_cells(client.nb))
    for number, cell in enumerate(client.nb.cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        left -= 1
        at(cell.id)
        try:
            await _execute(client, cell, number)
        except CellExecutionError as error:
            line = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
            return Failure(cell=cell.id, line=_COLOURS.sub("", line), not_run=left)
        except CellTimeoutError:
            line = f"the cell was still running after {CELL_WITHIN_S} s"
            return Failure(cell=cell.id, line=line, not_run=left, dead=True)
        except DeadKernelError:
            return Failure(cell=cell.id, line="the kernel died", not_run=left, dead=True)
    return None


async def _keep(client: NotebookClient, folder: Path) -> None:
    """Save the recordings among the notebook's globals, by one cell more."""
    cell = nbformat.v4.new_code_cell(source_that_keeps(folder))
    client.nb.cells.append(cell)
    try:
        await _execute(client, cell, len(client.nb.cells) - 1)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        raise OSError(f"recordings could not be saved: {_last_of(str(error))}") from error
    finally:
        client.nb.cells.remove(cell)


async def _execute(client: NotebookClient, cell: NotebookNode, number: int) -> None:
    try:
        await client.async_execute_cell(cell, number)
    except DeadKernelError:
        # nbclient takes a cancel of ours for the kernel's death.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise asyncio.CancelledError from None
        raise


async def _shut_down(client: NotebookClient) -> None:
    """Ask the kernel to end, so that it tidies up."""
    km: Any = client.km
    if km is not None and km.has_kernel:
        km.shutdown_wait_time = _ASKED_FOR_S
        await km.shutdown_kernel()


def _clean_up(client: NotebookClient, there_before: Iterable[psutil.Process]) -> None:
    """End the kernel if it is still there, and whatever it left running.

    Without an await, so that a second Interrupt finds nothing half done.
    """
    kept = set(there_before)
    left = [each for each in psutil.Process().children(recursive=True) if each not in kept]
    for process in left:
        with contextlib.suppress(psutil.Error):  # Windows denies access to one that is ending
            process.kill()
    psutil.wait_procs(left, timeout=_END_WITHIN_S)
    if client.kc is not None:
        client.kc.stop_channels()
    if client.km is not None:
        client.km.cleanup_connection_file()


def _verdicts(notebook: NotebookNode, name: str) -> Iterator[Judged]:
    found: dict[str, Judged] = {}
    for cell in code_cells(notebook):
        for output in cell.get("outputs", ()):
            told = output.get("data", {}).get(VERDICT_TYPE)
            if isinstance(told, dict) and "key" in told and "status" in told:
                found[told["key"]] = Judged(
                    key=str(told["key"]),
                    status=str(told["status"]),
                    figures=str(told.get("figures", "")),
                    reason=str(told.get("reason", "")),
                    notebook=name,
                )
    yield from found.values()


def _last_line(said: IO[str]) -> str:
    said.seek(0)
    return _last_of(said.read()) or "it said nothing"


def _last_of(text: str) -> str:
    lines = [line for line in _COLOURS.sub("", text).splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
