"""The handout: executed notebooks as pages that need no kernel, no network and no script.

nbconvert makes the pages, by the template that looks like JupyterLab. Here it
is seen to what a page on its own needs: links between pages, words where a
control was, hidden code folded, and nothing that asks any server for anything.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from importlib.resources import files
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_notebook

from hybrid_demo.machine import describe_machine

from .controls import without_controls
from .offline import EXPORT_OPTIONS, cut_off, embed_pictures
from .running import Run

_FIRST = "00-start-here"
_GLOSSARY = "glossary.md"
_LECTURE = "Async + Multiprocessing Hybrid Architecture"
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)


def pages_of(runs: Sequence[Run]) -> Mapping[str, str]:
    """Return the pages by their file names; the first notebook is ``index.html`` too."""
    glossary = _glossary_of(runs)
    stems = [run.path.stem for run in (*runs, *glossary)]
    pages = {f"{run.path.stem}.html": _page(run, stems) for run in runs}
    pages |= {f"{each.path.stem}.html": _page(each, stems, ran=False) for each in glossary}
    if f"{_FIRST}.html" in pages:
        pages["index.html"] = pages[f"{_FIRST}.html"]
    return pages


def write_pages(pages: Mapping[str, str], folder: Path) -> None:
    """Write the pages into `folder`, all of them or none; other files there stay.

    Raises:
        OSError: the folder cannot be made or written.
    """
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    parts: dict[Path, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, page in pages.items():
            part = folder / f".{name}.{os.getpid()}.part"
            parts[part] = folder / name
            part.write_text(page, encoding="utf-8")
        for part, whole in parts.items():
            part.replace(whole)
    except BaseException:
        with contextlib.suppress(OSError):
            for part in parts:
                part.unlink(missing_ok=True)
            for each in made:
                each.rmdir()
        raise


def title_of(notebook: NotebookNode) -> str:
    """Return a notebook's first heading."""
    for cell in notebook.cells:
        found = _TITLE.search(cell.source) if cell.cell_type == "markdown" else None
        if found:
            return found[1].replace("`", "").strip()
    return "Notebook"


def _glossary_of(runs: Sequence[Run]) -> list[Run]:
    """Return the glossary as if it were a notebook, if one lies where the notebooks do."""
    folders = dict.fromkeys(each for run in runs for each in run.path.parents[:2])
    path = next((each / _GLOSSARY for each in folders if (each / _GLOSSARY).is_file()), None)
    if path is None:
        return []
    cell = new_markdown_cell(path.read_text(encoding="utf-8"))
    notebook = new_notebook(cells=[cell])
    return [
        Run(name=path.stem, path=path, notebook=notebook, took_s=0.0, verdicts=(), failure=None)
    ]


def _page(run: Run, stems: Collection[str], *, ran: bool = True) -> str:
    notebook = without_controls(deepcopy(run.notebook))
    notebook.metadata.pop("widgets", None)
    notebook.metadata["title"] = f"{title_of(notebook)} · {_LECTURE}"
    exporter = HTMLExporter(**EXPORT_OPTIONS)
    html, _ = exporter.from_notebook_node(
        notebook, {"metadata": {"name": run.path.stem, "path": str(run.path.parent)}}
    )
    soup = BeautifulSoup(html, features="html.parser")
    _fold_hidden_code(soup, notebook)
    _name_headings(soup)
    _link_pages(soup, stems)
    embed_pictures(soup, run.path.parent)
    cut_off(soup)
    _dress(soup)
    if ran:
        _tell_origin(soup, run)
    return f"{soup}\n"


def _fold_hidden_code(soup: BeautifulSoup, notebook: NotebookNode) -> None:
    """Put code that the notebook hides behind a fold; what it shows stays in sight."""
    for cell in notebook.cells:
        if not cell.metadata.get("jupyter", {}).get("source_hidden"):
            continue
        place = soup.find(id=f"cell-id={cell.id}")
        code = place.find(class_="jp-Cell-inputWrapper") if isinstance(place, Tag) else None
        if isinstance(code, Tag):
            fold = soup.new_tag("details", attrs={"class": "handout-code"})
            summary = soup.new_tag("summary")
            summary.string = "Show the code"
            code.wrap(fold)
            fold.insert(0, summary)


def _name_headings(soup: BeautifulSoup) -> None:
    """Let links lead to headings, by the names that JupyterLab gives them: spaces as hyphens."""
    taken: set[str] = set()
    for heading in soup.select(".jp-RenderedMarkdown :is(h1, h2, h3, h4)"):
        name = heading.get_text().strip().replace(" ", "-")
        if name and name not in taken:
            heading["id"] = name
            taken.add(name)


def _link_pages(soup: BeautifulSoup, stems: Collection[str]) -> None:
    """Let links between notebooks lead to pages; words remain of links to anything not here."""
    for link in soup.find_all("a", href=True):
        parts = urlsplit(str(link["href"]))
        if parts.scheme or parts.netloc or not parts.path:
            continue
        target = PurePosixPath(unquote(parts.path))
        if target.suffix in (".ipynb", ".md") and target.stem in stems:
            fragment = f"#{parts.fragment}" if parts.fragment else ""
            link["href"] = f"{target.stem}.html{fragment}"
        else:
            link.unwrap()


def _dress(soup: BeautifulSoup) -> None:
    """Give the page its style."""
    style = soup.new_tag("style")
    style.string = files(__package__).joinpath("handout.css").read_text(encoding="utf-8")
    assert soup.head is not None
    soup.head.append(style)


def _tell_origin(soup: BeautifulSoup, run: Run) -> None:
    """Say at the page's end where its figures come from."""
    foot = soup.new_tag("footer", attrs={"class": "handout-foot"})
    today = datetime.date.today().isoformat()
    machine = describe_machine().replace("\n", " ")
    foot.string = (
        f"This page was made on {today} by running {run.path.name}. Its figures are those of one "
        f"run on one machine: {machine} Yours will give others: to run and to change it, open the "
        "notebook in JupyterLab."
    )
    assert soup.main is not None
    soup.main.append(foot)
