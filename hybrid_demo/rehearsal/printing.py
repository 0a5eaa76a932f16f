"""Where the commands print: a terminal as wide as it is, or a log."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

_LOG_WIDTH = 110  # of a log, which has none of its own


def console() -> Console:
    """Return where to print; a sign that the terminal cannot show must not end a rehearsal."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    made = Console(highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _LOG_WIDTH
    return made


def listed(console: Console, title: str, lines: Iterable[str]) -> None:
    """Print the lines under a title; nothing if there are none."""
    grid = Table.grid(padding=(0, 1))
    for line in lines:
        grid.add_row(" -", Text(line))
    if grid.row_count:
        console.print(Text(title, style="bold"))
        console.print(grid)
        console.print()
