"""``deck``: the notebooks run once more, and slides of them for a hall."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from hybrid_demo.recording import counted
from hybrid_demo.rehearsal import places
from hybrid_demo.rehearsal.handout import write_pages
from hybrid_demo.rehearsal.printing import console
from hybrid_demo.rehearsal.rehearsing import run_all, writable

from . import reveal
from .page import page_of

CORE = ("01", "03", "04", "05")
FILE = "deck.html"


def deck(names: Sequence[str], folder: Path) -> int:
    """Run the notebooks, write the deck of them, and return the exit status.

    Args:
        names: which notebooks; the core four if none is named.
        folder: where the deck is written.

    Returns:
        0 if there is a deck, 1 if a notebook did not run to its end.

    Raises:
        OSError: a notebook or the folder cannot be found, read or written, or reveal.js is
            not installed.
        ValueError: a name fits no notebook, or a file is none.
    """
    reveal.scripts()  # before minutes are spent
    paths = places.chosen(names or CORE)
    folder = writable(folder)
    out = console()
    runs = run_all(out, paths)
    stopped = [run for run in runs if run.failure is not None]
    for run in stopped:
        assert run.failure is not None
        at = run.failure.cell or "its start"
        out.print(Text(f"No deck: {run.name} stopped at {at}: {run.failure.line}"))
    if stopped:
        return 1
    write_pages({FILE: page_of(runs)}, folder)
    out.print(
        Text(
            f"The deck of {counted(len(runs), 'notebook')}: open {folder / FILE} in a browser. "
            "Space goes on, S opens the speaker's notes, Esc shows all slides, ? all keys."
        )
    )
    return 0
