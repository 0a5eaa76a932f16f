"""Write the ledger of claims, as a table, where people look for it: the README and notebook 00.

    python -m tools.write_ledger            # rewrite both
    python -m tools.write_ledger --check    # only tell what is not up to date

The table stands between two comments; everything around them is left alone.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import nbformat

from hybrid_demo.teaching.data import Claim, claims
from tools.normalise_notebooks import normalised

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
NOTEBOOK = ROOT / "notebooks" / "00-start-here.ipynb"
BEGIN, END = "<!-- ledger: begin -->", "<!-- ledger: end -->"
BETWEEN = re.compile(f"{BEGIN}.*?{END}", re.DOTALL)


def verdict_of(row: Claim) -> str:
    """Return what running a claim shows, for a table's cell."""
    if row.kind == "holds":
        return "holds"
    return f"holds when {row.precisely}" if row.kind == "holds when" else f"**{row.precisely}**"


def table() -> str:
    """Return the ledger as Markdown: a sentence that counts, and a table behind a fold."""
    rows = claims().values()
    kinds = Counter(row.kind for row in rows)
    lines = [
        f"{len(rows)} sentences: {kinds['holds']} hold, {kinds['holds when']} hold under a "
        f"condition, and {kinds['corrected']} had to be put more exactly (in bold).",
        "",
        "<details><summary>The ledger, sentence by sentence</summary>",
        "",
        "| claim | says the slide | says the run | in |",
        "|---|---|---|---|",
    ]
    for row in rows:
        number = Path(row.notebook).name[:2]
        lines.append(f"| {row.key} | {row.words} | {verdict_of(row)} | {number} |")
    return "\n".join([*lines, "", "</details>"])


def with_table(text: str) -> str:
    """Return the text with the table between its two comments.

    Raises:
        ValueError: they are not in it, once.
    """
    made, found = BETWEEN.subn(lambda _: f"{BEGIN}\n\n{table()}\n\n{END}", text)
    if found != 1:
        raise ValueError(f"expected {BEGIN} ... {END} once, found it {found} times")
    return made


def notebook_with_table(text: str) -> str:
    """Return a notebook's JSON with the table in the one cell that holds the two comments."""
    notebook = nbformat.reads(text, as_version=4)
    (cell,) = [cell for cell in notebook.cells if BEGIN in cell.source]
    cell.source = with_table(cell.source)
    return normalised(nbformat.writes(notebook))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or with ``--check`` only judge, and return the exit status."""
    parser = argparse.ArgumentParser(description="Write the ledger of claims into its two places.")
    parser.add_argument("--check", action="store_true", help="change nothing, tell what differs")
    options = parser.parse_args(arguments)
    stale = 0
    for path, write in ((README, with_table), (NOTEBOOK, notebook_with_table)):
        before = path.read_text(encoding="utf-8")
        after = write(before)
        if after != before:
            stale += 1
            print(f"{path.name}: {'not up to date' if options.check else 'written'}")
            if not options.check:
                path.write_text(after, encoding="utf-8", newline="\n")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
