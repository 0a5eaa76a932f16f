"""Claims and predictions are seen wherever in a cell they stand, and once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import IPython.display
import pytest
from IPython.core.events import EventManager

from hybrid_demo.teaching import shown


class Cells:
    """A notebook as far as showing goes: which cell runs, and what was displayed."""

    def __init__(self) -> None:
        self.running: int | None = 1
        self.displayed: list[tuple[int | None, str]] = []

    def display(self, bundle: dict[str, Any], *, raw: bool) -> None:
        """Note what IPython would show."""
        assert raw
        self.displayed.append((self.running, bundle["text/plain"]))


class Note(shown.ShowsItself):
    """Something to show."""

    def __repr__(self) -> str:
        return "a note"


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> Cells:
    """Return a notebook whose first cell is running."""
    made = Cells()
    monkeypatch.setattr(shown, "_running_cell", lambda: made.running)
    monkeypatch.setattr(IPython.display, "display", made.display)
    return made


def test_the_last_value_of_its_own_cell_is_not_shown_twice(cells: Cells) -> None:
    """What showed itself when it was made is silent as that cell's last value."""
    note = Note()
    note.show()
    note._ipython_display_()
    assert cells.displayed == [(1, "a note")]


def test_a_later_cell_shows_it_again(cells: Cells) -> None:
    """Asked for by name in another cell, it is that cell's last value like any other."""
    note = Note()
    note.show()
    cells.running = 2
    note._ipython_display_()
    assert cells.displayed == [(1, "a note"), (2, "a note")]


def test_outside_a_notebook_nothing_is_shown(cells: Cells) -> None:
    """In a script the object is returned, and printing it is the script's affair."""
    cells.running = None
    Note().show()
    assert cells.displayed == []


def test_what_is_shown_when_the_cell_is_done_is_shown_once(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes after the cell's own outputs, once however often it is asked for, and not again."""
    shell = SimpleNamespace(user_ns={})
    shell.events = EventManager(shell, {"post_execute": lambda: None})
    monkeypatch.setattr(shown, "_shell", lambda: shell)
    note = Note()
    shown.once_this_cell_is_done(note)
    shown.once_this_cell_is_done(note)
    assert cells.displayed == []
    shell.events.trigger("post_execute")
    shell.events.trigger("post_execute")
    assert cells.displayed == [(1, "a note")]


def test_outside_a_notebook_nothing_waits_to_be_shown() -> None:
    """Without IPython running there is no cell to be done."""
    shown.once_this_cell_is_done(Note())


def test_no_cell_runs_here() -> None:
    """The tests' own process is no notebook, though IPython is loaded in it."""
    assert shown._running_cell() is None
