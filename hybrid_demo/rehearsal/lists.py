"""A title and lines under it, in whatever width the terminal has."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text


def listed(console: Console, title: str, lines: Iterable[str]) -> None:
    """Print the lines under a title; nothing if there are none."""
    grid = Table.grid(padding=(0, 1))
    for line in lines:
        grid.add_row(" -", Text(line))
    if grid.row_count:
        console.print(Text(f"{title}", style="bold"))
        console.print(grid)
        console.print()
