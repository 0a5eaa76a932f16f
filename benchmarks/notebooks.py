"""How long a Run All of each notebook takes on this machine as it is; and where that is harder."""

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

from .figures import Figure

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
    """Measure each notebook, with every claim judged as in the tests; tell their sum first."""
    taken = list(_of_each("", bound=30))
    whole = sum(each.value for each in taken)
    yield Figure.of("all of them, one after another", [whole], unit="s", row="run_all", who="all")
    for each in taken:
        yield each._replace(row="run_all", who=each.what[:2])


def crowded() -> Iterator[Figure]:
    """Measure each notebook on one CPU, where the system has that; and beside eight busy loops."""
    if hasattr(os, "sched_setaffinity"):
        with on_one_cpu():
            yield from _of_each(", on one CPU", bound=60)
    with busy_loops(8):
        yield from _of_each(", eight busy loops beside", bound=200)


def _of_each(where: str, *, bound: float) -> Iterator[Figure]:
    os.environ["HYBRID_DEMO_TESTING"] = "1"
    for path in sorted((_ROOT / "notebooks").rglob("[0-9]*.ipynb")):
        yield Figure.of(f"{path.stem}{where}", [seconds_of(path)], bound=bound, unit="s")
