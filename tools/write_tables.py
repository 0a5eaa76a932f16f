"""Write the tables that the data files hold where people look for them.

The ledger of claims into the README and notebook 00, the vote questions of the
core notebooks into the instructor's guide, the figures of the run that the
benchmarks kept into the README and docs/figures.md, what tests.endurance came to
into the README.

    python -m tools.write_tables            # rewrite them
    python -m tools.write_tables --check    # only tell what is not up to date

A table stands between two comments; everything around them is left alone.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat

from benchmarks.tables import kept, short_table, whole_page
from hybrid_demo.teaching.data import Claim, claims, questions, unknown
from tests.endurance import outcomes
from tools.keeping import main_of
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
    """Return the core notebooks' predictions as Markdown: each option, and the belief behind it.

    Raises:
        ValueError: a notebook asks what has no row in the data file.
    """
    lines = ["| in | question | right | who chooses another believes |", "|---|---|---|---|"]
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if path.name[:2] not in CORE:
            continue
        for cell in nbformat.read(path, as_version=4).cells:
            for key in PREDICTED.findall(cell.source) if cell.cell_type == "code" else ():
                if key not in questions():
                    raise unknown(f"prediction ({path.name} asks it)", key, questions())
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
    """Return the README with the ledger, and with the figures of the runs that were kept."""
    tables = {
        "ledger": ledger(),
        "figures": short_table(kept()),
        "endurance": outcomes.table(outcomes.kept()),
    }
    for name, table in tables.items():
        text = with_table(text, name, table)
    return text


def written() -> Iterator[tuple[Path, str]]:
    """Yield every file that holds such a table, with the text it should have."""
    yield README, readme_with_tables(README.read_text(encoding="utf-8"))
    yield START, notebook_with_ledger(START.read_text(encoding="utf-8"))
    yield GUIDE, with_table(GUIDE.read_text(encoding="utf-8"), "votes", votes())
    yield FIGURES, whole_page(kept())


main = main_of("Write the tables of the data files.", written)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
