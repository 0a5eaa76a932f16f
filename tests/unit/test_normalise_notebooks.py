"""Notebooks have one stored form, and the tool that brings them into it is idempotent."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """Return the script, loaded as a module."""
    path = ROOT / "tools" / "normalise_notebooks.py"
    spec = importlib.util.spec_from_file_location("normalise_notebooks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def executed(**changes: Any) -> str:
    """Return the JSON of a notebook as JupyterLab leaves it after a run."""
    code = {
        "cell_type": "code",
        "id": "first",
        "metadata": {"scrolled": True, "tags": ["ledger"], "jupyter": {"source_hidden": True}},
        "source": "print(1)   \n\n",
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "1\n"}],
        "execution_count": 7,
    }
    cells = [{"cell_type": "markdown", "id": "top", "metadata": {}, "source": "# Do it"}, code]
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "venv-x", "display_name": "x"}, "widgets": {"a": 1}},
        "cells": cells,
    }
    return json.dumps({**notebook, **changes})


def test_what_a_run_leaves_is_removed(tool: ModuleType) -> None:
    """Outputs, counts, widget states and the author's own kernel do not stay."""
    stored = json.loads(tool.normalised(executed()))
    code = stored["cells"][1]
    assert (code["outputs"], code["execution_count"], code["source"]) == ([], None, ["print(1)"])
    assert set(stored["metadata"]) == {"kernelspec", "language_info"}
    assert stored["metadata"]["kernelspec"]["name"] == "python3"


def test_what_an_author_set_stays(tool: ModuleType) -> None:
    """Ids, tags and hidden source are the author's."""
    code = json.loads(tool.normalised(executed()))["cells"][1]
    assert code["id"] == "first"
    assert code["metadata"] == {"jupyter": {"source_hidden": True}, "tags": ["ledger"]}


def test_slide_types_follow_the_table_by_id(tool: ModuleType) -> None:
    """Whatever an editor did to a listed notebook, its cells are shown as the table says."""
    (live, *_), (home, *_) = (
        tool.slides()["03-gather-dispatch"][kind] for kind in ("live", "home")
    )
    made = [("code", live), ("code", "not-live"), ("markdown", home), ("markdown", "top-one")]
    cells = [
        {
            "cell_type": kind,
            "id": each,
            "metadata": {"slideshow": {"slide_type": "notes"}},
            "source": "# Do it" if kind == "markdown" else "1",
            **({"outputs": [], "execution_count": None} if kind == "code" else {}),
        }
        for kind, each in [*made, ("markdown", "plain-one")]
    ]
    cells[-1]["source"] = "Words."
    stored = json.loads(tool.normalised(executed(cells=cells)))["cells"]
    types = [cell["metadata"]["slideshow"]["slide_type"] for cell in stored]
    assert types == ["subslide", "skip", "skip", "slide", "subslide"]


def test_a_notebook_in_no_lecture_keeps_its_authors_slides(tool: ModuleType) -> None:
    """What is not in the table is left as JupyterLab's own panel set it."""
    shown = {"slideshow": {"slide_type": "slide"}}
    cells = [{"cell_type": "markdown", "id": "of-mine", "metadata": shown, "source": "# Do it"}]
    (cell,) = json.loads(tool.normalised(executed(cells=cells)))["cells"]
    assert cell["metadata"] == shown


def test_it_is_idempotent(tool: ModuleType) -> None:
    """Applied to its own result it changes nothing, also where it had to make ids."""
    cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in ("a", "b", "")]
    once = tool.normalised(executed(cells=cells, nbformat_minor=4))
    assert tool.normalised(once) == once
    ids = [cell["id"] for cell in json.loads(once)["cells"]]
    assert len(set(ids)) == len(ids) == 2


def test_ids_that_occur_twice_are_told_apart(tool: ModuleType) -> None:
    """A cell copied by hand gets an id of its own; the first keeps its id."""
    cell = {"cell_type": "markdown", "id": "same", "metadata": {}, "source": "a"}
    ids = [c["id"] for c in json.loads(tool.normalised(executed(cells=[cell, {**cell}])))["cells"]]
    assert ids[0] == "same"
    assert ids[1] != "same"


def test_check_tells_and_changes_nothing(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--check`` fails on what is not in form and leaves it; without it, the file is mended."""
    path = tmp_path / "a.ipynb"
    path.write_text(executed(), encoding="utf-8")
    assert tool.main(["--check", str(tmp_path)]) == 1
    assert path.read_text(encoding="utf-8") == executed()
    assert tool.main([str(tmp_path)]) == 0
    assert tool.main(["--check", str(tmp_path)]) == 0
    assert "a.ipynb: not up to date" in capsys.readouterr().out


def test_a_damaged_file_is_named(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no notebook is reported by its path, and the tool fails."""
    path = tmp_path / "a.ipynb"
    path.write_text("{", encoding="utf-8")
    assert tool.main([str(path)]) == 2
    assert "a.ipynb: not a notebook" in capsys.readouterr().err
