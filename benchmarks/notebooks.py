"""How long each notebook takes: on an idle machine, on one CPU, beside eight busy loops."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient

from .figures import Figure, figure

_ROOT = Path(__file__).parents[1]


def seconds_of(path: Path) -> float:
    """Return the seconds a Run All of the notebook takes, its kernel's start included."""
    notebook = nbformat.read(path, as_version=4)
    begun = perf_counter()
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": path.parent}}).execute()
    return perf_counter() - begun


@contextlib.contextmanager
def busy_loops(number: int) -> Iterator[None]:
    """Keep the CPUs busy with as many endless loops beside."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@contextlib.contextmanager
def on_one_cpu() -> Iterator[None]:
    """Keep this process and its children to one CPU, where the system has that."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def figures() -> Iterator[Figure]:
    """Measure all of them, with every claim of the notebooks judged as in the tests."""
    os.environ["HYBRID_DEMO_TESTING"] = "1"
    machines: list[tuple[str, contextlib.AbstractContextManager[None], float]] = [
        ("this machine", contextlib.nullcontext(), 30),
        ("eight busy loops beside", busy_loops(8), 200),
    ]
    if hasattr(os, "sched_setaffinity"):
        machines.insert(1, ("one CPU", on_one_cpu(), 60))
    for where, machine, bound in machines:
        with machine:
            for path in sorted((_ROOT / "notebooks").rglob("[0-9]*.ipynb")):
                yield figure(
                    f"{path.stem}, {where}",
                    lambda path=path: seconds_of(path),
                    bound=bound,
                    unit="s",
                    times=1,
                )
