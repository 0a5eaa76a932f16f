"""Bring every notebook into the one form in which the repository stores it.

No outputs, no execution counts, stable cell ids, one kernel, one order of keys:
so that a diff shows what an author changed and nothing else, and so that no
stored picture gives away the answer to a prediction. Which cells are shown in the
lecture is written into their metadata from ``slides.toml``.

    python -m tools.normalise_notebooks            # rewrite notebooks/
    python -m tools.normalise_notebooks --check    # only tell what is not in form
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tools.keeping import keep, parser_of

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python"}
# What an author sets on a cell. JupyterLab adds more (scrolling, timings), which is dropped.
KEPT_METADATA = ("jupyter", "slideshow", "tags")
VALID_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
SLIDES = Path(__file__).resolve().with_name("slides.toml")
HEADING = re.compile(r"^#{1,2} ", re.MULTILINE)


def normalised(text: str) -> str:
    """Return a notebook's JSON in the stored form; applied twice, it changes nothing more.

    Raises:
        ValueError: the text is no notebook of format 4.
    """
    try:
        raw = json.loads(text)
        if raw["nbformat"] != 4:
            raise ValueError(f"nbformat is {raw['nbformat']!r}")
        raw["nbformat_minor"] = 5
        # Before nbformat reads it, which would give every cell without an id a random one.
        taken: set[str] = set()
        for number, cell in enumerate(raw["cells"]):
            cell["id"] = _id_of(cell, number, taken)
        notebook = nbformat.reads(json.dumps(raw), as_version=4)
    except Exception as error:
        raise ValueError(f"not a notebook of format 4: {error}") from error
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL, "language_info": LANGUAGE})
    for cell in notebook.cells:
        cell.source = "\n".join(line.rstrip() for line in cell.source.splitlines()).strip("\n")
        cell.metadata = _kept(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.cells = [cell for cell in notebook.cells if cell.source]
    for cell_id, kind in slide_types(notebook).items():
        (cell,) = (each for each in notebook.cells if each.id == cell_id)
        cell.metadata["slideshow"] = {"slide_type": kind}
    nbformat.validate(notebook)
    return nbformat.writes(notebook, indent=1, sort_keys=True).rstrip("\n") + "\n"


def slides() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Return which cells are live, and which are left for home, by the notebook's name."""
    return tomllib.loads(SLIDES.read_text(encoding="utf-8"))


def slide_types(notebook: NotebookNode) -> Mapping[str, str]:
    """Return the slide type of each cell by its id; none if the notebook is in no lecture.

    A section's first cell begins a slide. What follows stands below it, where the key for
    "next" leads, so that no answer stands on the slide of its question.
    """
    ids = {cell.id for cell in notebook.cells}
    plan = next((rows for rows in slides().values() if ids & set(rows["live"])), None)
    if plan is None:
        return {}
    types = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            types[cell.id] = "subslide" if cell.id in plan["live"] else "skip"
        elif cell.id in plan["home"]:
            types[cell.id] = "skip"
        else:
            types[cell.id] = "slide" if HEADING.search(cell.source) else "subslide"
    return types


def _kept(cell: NotebookNode) -> NotebookNode:
    kept = {key: cell.metadata[key] for key in KEPT_METADATA if cell.metadata.get(key)}
    if isinstance(kept.get("jupyter"), dict):
        hidden = {"source_hidden": True} if kept["jupyter"].get("source_hidden") else {}
        kept["jupyter"] = hidden
    return nbformat.from_dict({key: value for key, value in kept.items() if value})


def _id_of(cell: dict[str, Any], number: int, taken: set[str]) -> str:
    """Return the cell's own id if it is usable, else one made from what the cell says."""
    chosen = str(cell.get("id", ""))
    if not VALID_ID.fullmatch(chosen) or chosen in taken:
        digest = hashlib.sha256(f"{number}\n{cell['cell_type']}\n{cell['source']}".encode())
        chosen = digest.hexdigest()[:8]
    taken.add(chosen)
    return chosen


def paths_of(given: Iterable[Path]) -> Iterable[Path]:
    """Yield the notebooks among the given files and folders, checkpoints left out."""
    for path in given:
        found = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
        yield from (each for each in found if ".ipynb_checkpoints" not in each.parts)


def written(paths: Iterable[Path] = (NOTEBOOKS,)) -> Iterator[tuple[Path, str]]:
    """Yield every notebook among files and folders, with the text it should have.

    Raises:
        ValueError: a file is no notebook, or cannot be read; it is named.
    """
    for path in paths_of(paths):
        try:
            yield path, normalised(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from error


def main(arguments: Sequence[str]) -> int:
    """Normalise, or with ``--check`` only judge, and return the exit status."""
    parser = parser_of("Bring notebooks into their stored form.")
    parser.add_argument("paths", nargs="*", type=Path, default=[NOTEBOOKS])
    options = parser.parse_args(arguments)
    try:
        differing = keep(written(options.paths), check=options.check)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if options.check and differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
