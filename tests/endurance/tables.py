"""What was found: a line at once, a table at the end. Rich draws it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table as Drawn

from tests.endurance.outcomes import Outcome

_WIDTH = 160


class Table:
    """Rows under a part's name.

    Attributes:
        red: how many faults have been noted.
        outcomes: what the part came to, for the README.
    """

    def __init__(self, part: str, columns: Sequence[str]) -> None:
        self.red = 0
        self.outcomes: list[Outcome] = []
        self._part, self._columns = part, columns
        self._rows: list[tuple[str, ...]] = []
        self._notes: list[str] = []
        print(f"\n== {part}", flush=True)

    def row(self, *values: object) -> None:
        """Add a row for the end."""
        self._rows.append(tuple(str(value) for value in values))

    def tell(self, line: str) -> None:
        """Say how far it is."""
        print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)

    def note(self, line: str) -> None:
        """Say something at once, and again below the table."""
        self._notes.append(line)
        self.tell(line)

    def fault(self, line: str) -> None:
        """Note what must not be."""
        self.red += 1
        self.note(f"RED {line}")

    def outcome(self, what: str, times: str, red: int, worst: str = "") -> None:
        """Sum up what was done."""
        system = f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} CPUs"
        where = f"{time.strftime('%Y-%m-%d')}, {system}"
        self.outcomes.append(Outcome(what, times, red, worst, where))

    def show(self) -> None:
        """Print the table, and below it what was noted."""
        drawn = Drawn(*self._columns, title=self._part, box=box.MARKDOWN)
        for row in self._rows:
            drawn.add_row(*row)
        console = Console(width=_WIDTH, highlight=False, markup=False, emoji=False)
        console.print(drawn)
        for line in self._notes:
            console.print(f"- {line}", soft_wrap=True)
