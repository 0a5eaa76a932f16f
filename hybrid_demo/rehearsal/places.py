"""Where the notebooks are, which of them are meant, and what they say without being run.

It reads notebooks as plain JSON, so that ``check`` need not load Jupyter.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import hybrid_demo

_NUMBERED = "[0-9]*.ipynb"


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: beside the installed package, else where we are.

    Raises:
        FileNotFoundError: there is no notebook in either.
    """
    checkout = Path(hybrid_demo.__file__).resolve().parents[1] / "notebooks"
    here = Path.cwd()
    for folder in (checkout, here / "notebooks", here):
        if any(folder.glob(_NUMBERED)):
            return folder
    raise FileNotFoundError(
        f"no notebook is in {str(checkout)!r}, nor in {str(here)!r}; run this in the project's "
        "folder, or name the notebooks: python -m hybrid_demo rehearse PATH ..."
    )


def notebooks_in(folder: Path) -> list[Path]:
    """Return the numbered notebooks of a folder and of those in it, by their numbers."""
    found = [
        path for path in folder.rglob(_NUMBERED) if not _is_hidden(path.relative_to(folder).parent)
    ]
    return sorted(found, key=lambda path: path.name)


def chosen(names: Sequence[str]) -> list[Path]:
    """Return the notebooks that are meant: a path, a name, or its number; all without names.

    Raises:
        FileNotFoundError: there are no notebooks at all.
        ValueError: a name fits no notebook, two that are chosen have one name, or one that is
            named needs what is not installed.
    """
    if not names:
        return notebooks_in(notebooks_folder())
    paths = [_named(name) for name in names]
    unique = list(dict.fromkeys(paths))
    stems = [path.stem for path in unique]
    twice = next((stem for stem in stems if stems.count(stem) > 1), None)
    if twice:
        raise ValueError(
            f"two notebooks are called {twice!r}; expected names that differ, since their "
            "recordings and their pages go by them"
        )
    if missing := [words for path in unique if (words := lacking(path))]:
        raise ValueError("; ".join(missing))
    return unique


def lacking(path: Path) -> str:
    """Return what is not installed of all that a notebook's first cell imports, in words.

    Returns:
        What it needs, and the command that installs it; ``""`` if nothing is missing.
    """
    needed = [name for name in _imported(path) if not _can_be_imported(name, path.parent)]
    if not needed:
        return ""
    listed, here = path.parent / "requirements.txt", Path.cwd()
    shown = listed.relative_to(here) if listed.is_relative_to(here) else listed
    command = f": python -m pip install -r {shown}" if listed.exists() else ""
    return f"{name_of(path)} needs {', '.join(needed)}{command}"


def name_of(path: Path) -> str:
    """Return how the ledger calls a notebook: ``"beyond/07-more-mistakes"``."""
    above = "beyond/" if path.parent.name == "beyond" else ""
    return f"{above}{path.stem}"


def cpus_needed(paths: Sequence[Path]) -> dict[str, int]:
    """Return the claims that take more than one CPU to see, and how many each takes.

    As the notebooks' cells ask for them: ``claim("5.5", ..., needs_cpus=2)``.
    """
    return {
        key: cpus
        for path in paths
        for key, cpus in _asked(path)
        if isinstance(cpus, int) and cpus > 1
    }


def _imported(path: Path) -> list[str]:
    """Return the modules that the first cell imports, by their first names."""
    found: list[str] = []
    for statement in next(_cells(path), ast.Module([], [])).body:
        if isinstance(statement, ast.Import):
            found += [each.name for each in statement.names]
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            found.append(statement.module)
    return list(dict.fromkeys(name.partition(".")[0] for name in found))


def _can_be_imported(name: str, folder: Path) -> bool:
    beside = (folder / name).is_dir() or (folder / f"{name}.py").is_file()
    return beside or importlib.util.find_spec(name) is not None


def _cells(path: Path) -> Iterator[ast.Module]:
    """Yield the code cells, without those that are no plain Python."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # the rehearsal says what is wrong with it
    for source in sources:
        with contextlib.suppress(SyntaxError):  # a cell magic
            yield ast.parse(source)


def _asked(path: Path) -> Iterator[tuple[str, object]]:
    for tree in _cells(path):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "claim":
                given = {each.arg: each.value for each in node.keywords}
                key, cpus = node.args[:1], given.get("needs_cpus")
                if key and isinstance(key[0], ast.Constant) and isinstance(cpus, ast.Constant):
                    yield str(key[0].value), cpus.value


def _named(name: str) -> Path:
    path = Path(name)
    if path.suffix == ".ipynb" and path.is_file():
        return path.resolve()
    known = notebooks_in(notebooks_folder())
    wanted = name.replace(os.sep, "/").removeprefix("notebooks/").removesuffix(".ipynb")
    wanted = wanted.removeprefix("beyond/")
    found = [each for each in known if wanted in (each.stem, each.stem.partition("-")[0])]
    if len(found) != 1:
        raise ValueError(
            f"no notebook is called {name!r}; expected a file that ends in .ipynb, or one of "
            f"{', '.join(each.stem for each in known)}, of which the number is enough"
        )
    return found[0].resolve()


def _is_hidden(folder: Path) -> bool:
    return any(part.startswith(".") for part in folder.parts)
