"""Showing an object from the middle of a cell, once.

A notebook shows the last value of a cell only; claims and predictions must be
seen wherever in a cell they stand, and not twice where they come last. Imports
nothing of this package; IPython only where one is running.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any


class ShowsItself:
    """Base of objects that are shown when made, in a notebook; elsewhere nothing happens.

    A subclass says in ``_bundle`` what there is to show.
    """

    _shown_in: int | None = None

    def show(self) -> None:
        """Display the object in the running cell, if there is one."""
        cell = _running_cell()
        if cell is None:
            return
        from IPython.display import display

        object.__setattr__(self, "_shown_in", cell)  # a frozen subclass may note it too
        display(self._bundle(), raw=True)

    def _ipython_display_(self) -> None:
        """Show it as a cell's last value, unless this very cell has shown it already."""
        if self._shown_in != _running_cell():
            self.show()

    def _bundle(self) -> dict[str, Any]:
        return {"text/plain": repr(self)}


def boxed(lines: Iterable[str], colour: str) -> str:
    """Return lines of HTML as the one kind of box in which a lesson speaks, its left edge coloured.

    Args:
        lines: HTML; whatever is a reader's own text in it is escaped already. JupyterLab does not
            typeset what stands between two dollar signs of it.
        colour: of the edge. Words carry the meaning, for the colour may not be seen.
    """
    return (
        f'<div class="mathjax_ignore" style="border-left: 5px solid {colour}; '
        "padding: 2px 0 2px 12px; "
        'margin: 2px 0; max-width: 64em; line-height: 1.5; overflow-wrap: anywhere">'
        f"{'<br>'.join(lines)}</div>"
    )


def with_code(text: str) -> str:
    """Return HTML of a text, its code between backticks shown as code."""
    parts = escape(text).split("`")
    return "".join(
        f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts)
    )


def once_this_cell_is_done(what: ShowsItself) -> None:
    """Show it below all that the running cell shows, its last value included.

    Asked again in the same cell for an equal object, it is shown once. Outside
    a notebook nothing happens.
    """
    shell = _shell()
    if shell is not None:
        # IPython itself takes no callback that equals one it has already.
        shell.events.register("post_execute", _Once(shell.events, what))


@dataclass(frozen=True)
class _Once:
    """Shows an object at the next call, and asks not to be called again."""

    events: Any = field(compare=False)
    what: ShowsItself

    def __call__(self) -> None:
        self.events.unregister("post_execute", self)
        self.what.show()


def _running_cell() -> int | None:
    """Return the number of the cell that is running; None outside a notebook."""
    shell = _shell()
    return None if shell is None else int(shell.execution_count)


def _shell() -> Any:
    """Return the running IPython, or None.

    It is never imported for this: whoever runs in it has it loaded.
    """
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
