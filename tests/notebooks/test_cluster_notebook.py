"""Notebook 09 beyond Run All: interrupted, killed, and pointed at somebody else's scheduler."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress

import psutil
import pytest
from nbformat import NotebookNode

from hybrid_demo.beside import beside
from tests.around import ROOT, descendants, listening
from tests.notebooks.session import Session, session

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="no such signals there"),
]
PATH = ROOT / "notebooks" / "beyond" / "09-beyond-one-machine.ipynb"
LOOPBACK = "--host 127.0.0.1 --dashboard-address 127.0.0.1:0 --no-dashboard"
SCHEDULER = f"dask scheduler {LOOPBACK} --port 0"
WORKERS = f"dask worker {{}} {LOOPBACK} --nthreads 1 --nworkers 2"
DASK_SAYS = re.compile(r"(?:stderr: )?\d{4}-\d\d-\d\d [\d:,]+ - distributed\.")
LONG = ("cluster-application", "cluster-kill", "cluster-join", "cluster-address")


def cells_of(opened: Session) -> dict[str, NotebookNode]:
    """Return the code cells by their ids, in their order."""
    return {cell.id: cell for cell in opened.code_cells}


def test_every_long_cell_can_be_interrupted_and_run_again() -> None:
    """In the middle of opening, killing, joining and connecting; no process is left at the end."""
    with session(PATH) as opened:
        for key, cell in cells_of(opened).items():
            if key in LONG:
                opened.run(cell, interrupt_after_s=[0.7])
            # After an Interrupt dask's own processes may have something to say: a line of its log.
            found = [each for each in opened.run(cell) if not DASK_SAYS.match(each)]
            assert found == [], key
        assert opened.left() == []


def test_a_killed_kernel_leaves_no_process() -> None:
    """As a forced restart does it: workers and the command beside it end within seconds."""
    with session(PATH) as opened:
        for key, cell in cells_of(opened).items():
            assert opened.run(cell) == [], key
            if key == "cluster-same-run":
                break
        kernel = psutil.Process(opened._pid)
        family = descendants(kernel.pid)
        assert sum("--multiprocessing-fork" in each.cmdline() for each in family) >= 2
        kernel.kill()
        _, alive = psutil.wait_procs(family, timeout=30)
        assert alive == []


@pytest.fixture
def address() -> Iterator[str]:
    """Start a scheduler and two workers from the command line, as somebody else would."""
    terminals = AsyncExitStack()

    async def opened() -> str:
        enter = terminals.enter_async_context
        address = await enter(beside(SCHEDULER, until="Scheduler at:"))
        await enter(beside(WORKERS.format(address), until="Registered to:"))
        return address

    with asyncio.Runner() as runner:
        try:
            yield runner.run(opened())
        finally:
            runner.run(terminals.aclose())


@contextmanager
def sockets_of_all() -> Iterator[set[str]]:
    """Look again and again at what this process's descendants listen to; yield the addresses."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            with suppress(psutil.Error):  # one has ended meanwhile
                seen.update(listening(os.getpid()))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        yield seen
    finally:
        over.set()
        looking.join()


def test_it_runs_with_a_scheduler_that_somebody_else_started(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started from the command line, given by its address: every cell works.

    What the notebook starts itself, as it would in a terminal, can only be asked from this machine.
    """
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", address)
    with session(PATH) as opened, sockets_of_all() as sockets:
        cells = cells_of(opened)
        for key, cell in cells.items():
            assert opened.run(cell) == [], key
        assert f"the scheduler listens at {address}" in str(cells["cluster-application"].outputs)
        assert opened.left() == []
    assert sockets == {"127.0.0.1"}
