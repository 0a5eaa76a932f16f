"""``rehearse``: every notebook run once, with progress, a report, and a handout if wanted."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from hybrid_demo.machine import describe_machine
from hybrid_demo.recording import counted
from hybrid_demo.teaching.data import claims

from . import places, running
from .printing import console, listed
from .report import is_well, report
from .showing import Watcher, progress


def rehearse(
    names: Sequence[str], *, html: Path | None = None, recordings: Path | None = None
) -> int:
    """Run the notebooks, print what they found here, and return the exit status.

    Args:
        names: which notebooks; if none is named, all of them for which everything is installed.
        html: the folder for the handout.
        recordings: the folder for what was recorded.

    Returns:
        0 if all ran and no claim failed to hold, else 1.

    Raises:
        OSError: notebooks, or a folder, cannot be found, read or written.
        ValueError: a name fits no notebook, a file is none, or needs what is not installed.
    """
    paths = places.chosen(names)
    left_out = {path: words for path in paths if (words := places.lacking(path))}
    paths = [path for path in paths if path not in left_out]
    html, recordings = (folder and writable(folder) for folder in (html, recordings))
    out = console()
    runs = run_all(out, paths, recordings)
    report(out, runs, claims(), complete=not names and not left_out)
    listed(out, "Left out", left_out.values())
    if recordings is not None:
        out.print(Text(f"Recordings are in {recordings}: Recording.load draws them again."))
    if html is not None:
        _hand_out(out, runs, html)
    return 0 if is_well(runs) else 1


def run_all(
    out: Console, paths: Sequence[Path], recordings: Path | None = None
) -> list[running.Run]:
    """Run the notebooks one after another, and show how far that is.

    Raises:
        OSError: a notebook cannot be read, or a recording not be saved.
        ValueError: a file is no notebook.
    """
    cells = [len(running.code_cells(running.read(path))) for path in paths]
    out.print(Text(describe_machine()))
    out.print(Text(f"\nRehearsing {counted(len(paths), 'notebook')}, each in a kernel of its own"))
    # On Windows, the sockets that kernels speak through need the selector loop.
    factory = asyncio.SelectorEventLoop if sys.platform == "win32" else None
    with progress(out) as watcher, asyncio.Runner(loop_factory=factory) as runner:
        runs = runner.run(_run_each(paths, cells, watcher, recordings))
    out.print()
    return runs


async def _run_each(
    paths: Sequence[Path], cells: Sequence[int], watcher: Watcher, recordings: Path | None
) -> list[running.Run]:
    runs: list[running.Run] = []
    for path, number in zip(paths, cells, strict=True):
        watcher.begins(f"{len(runs) + 1}/{len(paths)} {places.name_of(path)}", number)
        folder = None if recordings is None else recordings / path.stem
        runs.append(await running.run(path, at=watcher.at, recordings=folder))
        watcher.ends(runs[-1])
    return runs


def _hand_out(out: Console, runs: Sequence[running.Run], folder: Path) -> None:
    stopped = [run.name for run in runs if run.failure is not None]
    if stopped:
        out.print(Text(f"No handout: {', '.join(stopped)} did not run to the end."))
        return
    from .handout import pages_of, write_pages  # it takes a while to load

    pages = pages_of(runs)
    write_pages(pages, folder)
    first = folder / ("index.html" if "index.html" in pages else next(iter(pages)))
    out.print(Text(f"The handout has {counted(len(runs), 'page')}: open {first}"))


def writable(folder: Path) -> Path:
    """Return the whole path of a folder that can be written; find out before minutes are spent."""
    whole = folder.resolve()
    nearest = next(each for each in (whole, *whole.parents) if each.exists())
    if not nearest.is_dir():
        raise NotADirectoryError(f"{str(nearest)!r} is a file; expected a folder, or none yet")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise PermissionError(f"{str(nearest)!r} may not be written; give another folder")
    return whole
