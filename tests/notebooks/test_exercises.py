"""Exercises where a student meets them: set once, and nothing is wrong before one begins."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

import hybrid_demo
from hybrid_demo.practice.data import tasks
from hybrid_demo.practice.suite import Exercises
from tests.around import NOTEBOOKS, ROOT, notebook_name

CHECK = re.compile(r"^await exercises\.(\w+)\.check\(", re.MULTILINE)
WORDS = range(40, 81)
AWAITING = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
MOST_IN_CORE = 2


def cells_of(key: str) -> tuple[NotebookNode, list[NotebookNode]]:
    """Return an exercise's statement, and the code cells that follow it up to the check."""
    path = ROOT / "notebooks" / f"{tasks()[key].notebook}.ipynb"
    cells = nbformat.read(path, as_version=4).cells
    (last,) = [n for n, cell in enumerate(cells) if key in CHECK.findall(cell.source)]
    first = last
    while cells[first].cell_type == "code":
        first -= 1
    return cells[first], cells[first + 1 : last + 1]


def test_every_exercise_is_set_once_in_the_notebook_that_the_data_file_names() -> None:
    """No more than two of them in a core notebook, and none that does not exist."""
    found: dict[str, str] = {}
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        keys = [key for cell in cells for key in CHECK.findall(cell.source)]
        assert not set(keys) & set(found)
        found |= dict.fromkeys(keys, notebook_name(path))
        assert len(keys) <= MOST_IN_CORE or "`core`" not in cells[0].source
    assert found == {key: task.notebook for key, task in tasks().items()}


@pytest.mark.parametrize("key", tasks())
def test_an_exercise_is_a_statement_and_a_cell(key: str) -> None:
    """The statement has a heading, says what to do in 40 to 80 words, and where a hint is."""
    statement, code = cells_of(key)
    heading, _, text = statement.source.partition("\n")
    assert re.match(r"## Exercise: [a-z]", heading)
    assert len(re.findall(r"\w[\w'-]*", text)) in WORDS
    assert f"`exercises.{key}.hint()`" in text
    # The one exercise that needs a file of the student's needs a cell to write it.
    assert len(code) == (2 if any("%%writefile" in cell.source for cell in code) else 1)


@pytest.mark.parametrize("key", tasks())
def test_a_starter_is_not_attempted(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run All passes over it: no run, no failure, and the function takes what the check gives."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    exercises = Exercises()
    space: dict[str, Any] = {"exercises": exercises, "asyncio": asyncio, "importlib": importlib}
    space |= {name: getattr(hybrid_demo, name) for name in ("cpu_intensive_analysis", "open_pool")}
    _, code = cells_of(key)
    for cell in code:
        if written := re.match(r"%%writefile (\w+)\.py\n", cell.source):
            Path(f"{written[1]}.py").write_text(cell.source[written.end() :])
            monkeypatch.delitem(sys.modules, written[1], raising=False)
            importlib.invalidate_caches()
            continue
        run = eval(compile(cell.source, "<cell>", "exec", flags=AWAITING), space)
        asyncio.run(_awaited(run))
    exercise = getattr(exercises, key)
    assert (exercise.status, exercise.checks) == ("not attempted", 0)
    answers = [space.get(key), getattr(space.get("my_primes"), "count_primes", None)]
    (answer,) = [each for each in answers if each is not None]
    assert tuple(inspect.signature(answer).parameters) == tasks()[key].parameters


async def _awaited(run: Any) -> None:
    await run
