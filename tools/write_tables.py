"""Write the tables that the data files hold where people look for them.

The ledger of claims into the README and notebook 00, the vote questions of the
core notebooks into the instructor's guide, the figures of the run that the
benchmarks kept into the README and docs/figures.md.

    python -m tools.write_tables            # rewrite them
    python -m tools.write_tables --check    # only tell what is not up to date

A table stands between two comments; everything around them is left alone.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat

from benchmarks.tables import kept, short_table, whole_page
from hybrid_demo.teaching.data import Claim, claims, questions
from tools.normalise_notebooks import normalised

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
NOTEBOOKS = ROOT / "notebooks"
START = NOTEBOOKS / "00-start-here.ipynb"
GUIDE = ROOT / "docs" / "teaching.md"
FIGURES = ROOT / "docs" / "figures.md"
CORE = ("01", "03", "04", "05")
PREDICTED = re.compile(r'predict\(\s*"([^"]+)"')


def verdict_of(row: Claim) -> str:
    """Return what running a claim shows, for a table's cell."""
    if row.kind == "holds":
        return "holds"
    return f"holds when {row.precisely}" if row.kind == "holds when" else f"**{row.precisely}**"


def ledger() -> str:
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


def votes() -> str:
    """Return the core notebooks' predictions as Markdown: each option, and the belief behind it."""
    lines = ["| in | question | right | who chooses another believes |", "|---|---|---|---|"]
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if path.name[:2] not in CORE:
            continue
        for cell in nbformat.read(path, as_version=4).cells:
            for key in PREDICTED.findall(cell.source) if cell.cell_type == "code" else ():
                asked = questions()[key]
                right = asked.options[asked.right]
                beliefs = [
                    f"**{letter}** ({option.words}): {option.belief}"
                    for letter, option in asked.options.items()
                    if option.belief
                ]
                lines.append(
                    f"| {path.name[:2]} | {asked.asks} | **{asked.right}** {right.words} "
                    f"| {'; '.join(beliefs)} |"
                )
    return "\n".join(lines)


def with_table(text: str, name: str, table: str) -> str:
    """Return the text with a table between the two comments that bear its name.

    Raises:
        ValueError: they are not in it, once.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    between = re.compile(f"{begin}.*?{end}", re.DOTALL)
    made, found = between.subn(lambda _: f"{begin}\n\n{table}\n\n{end}", text)
    if found != 1:
        raise ValueError(f"expected {begin} ... {end} once, found it {found} times")
    return made


def notebook_with_ledger(text: str) -> str:
    """Return a notebook's JSON with the ledger in the one cell that holds its two comments."""
    notebook = nbformat.reads(text, as_version=4)
    (cell,) = [cell for cell in notebook.cells if "<!-- ledger: begin -->" in cell.source]
    cell.source = with_table(cell.source, "ledger", ledger())
    return normalised(nbformat.writes(notebook))


def readme_with_tables(text: str) -> str:
    """Return the README with the ledger, and with the figures of the run that was kept."""
    return with_table(with_table(text, "ledger", ledger()), "figures", short_table(kept()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write, or with ``--check`` only judge, and return the exit status."""
    parser = argparse.ArgumentParser(description="Write the tables of the data files.")
    parser.add_argument("--check", action="store_true", help="change nothing, tell what differs")
    options = parser.parse_args(arguments)
    stale = 0
    places: list[tuple[Path, Callable[[str], str]]] = [
        (README, readme_with_tables),
        (START, notebook_with_ledger),
        (GUIDE, lambda text: with_table(text, "votes", votes())),
        (FIGURES, lambda _: whole_page(kept())),
    ]
    for path, write in places:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        after = write(before)
        if after != before:
            stale += 1
            print(f"{path.name}: {'not up to date' if options.check else 'written'}")
            if not options.check:
                path.write_text(after, encoding="utf-8", newline="\n")
    return 1 if options.check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
