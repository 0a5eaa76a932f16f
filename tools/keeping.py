"""What every tool does that keeps files: write what differs, or with ``--check`` only tell."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

Wanted = Iterable[tuple[Path, str]]


def keep(wanted: Wanted, *, check: bool) -> int:
    """Write each file that is not as wanted, or only tell; return how many those were.

    Args:
        wanted: files, and the text that each should have.
        check: change nothing.
    """
    differing = 0
    for path, after in wanted:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if after != before:
            differing += 1
            print(f"{path.name}: {'not up to date' if check else 'written'}")
            if not check:
                path.write_text(after, encoding="utf-8", newline="\n")
    return differing


def parser_of(description: str) -> argparse.ArgumentParser:
    """Return a command line that has ``--check``."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="change nothing, tell what differs")
    return parser


def main_of(description: str, *tools: Callable[[], Wanted]) -> Callable[[Sequence[str]], int]:
    """Return the main function of a tool, or of several that are used one after another.

    It takes the arguments, and returns the exit status: 1 if ``--check`` found something, 2 if a
    file is not as it has to be, and then it says which and why.
    """

    def main(arguments: Sequence[str]) -> int:
        check = parser_of(description).parse_args(arguments).check
        try:
            differing = sum(keep(wanted(), check=check) for wanted in tools)
        except ValueError as error:
            print(error, file=sys.stderr)
            return 2
        return 1 if check and differing else 0

    return main
