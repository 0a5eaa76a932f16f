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
from nbformat.v4 import new_code_cell

import hybrid_demo
from hybrid_demo.practice.data import tasks
from hybrid_demo.practice.suite import Exercises
from tests.around import NOTEBOOKS, ROOT, notebook_name
from tests.notebooks.session import session

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
    named = {key: task.notebook for key, task in tasks().items()}
    apart = {*found.items()} ^ {*named.items()}
    assert not apart, f"set in a notebook or named in practice.toml, not both: {sorted(apart)}"


@pytest.mark.parametrize("key", tasks())
def test_an_exercise_is_a_statement_and_a_cell(key: str) -> None:
    """The statement has a heading, says what to do in 40 to 80 words, and where a hint is."""
    statement, code = cells_of(key)
    heading, _, text = statement.source.partition("\n")
    assert re.match(r"## Exercise: [a-z]", heading), (
        f"{statement.id} begins {heading!r}; expected a cell of its own: '## Exercise: do it'"
    )
    words = len(re.findall(r"\w[\w'-]*", text))
    assert words in WORDS, f"{statement.id} has {words} words; expected {WORDS[0]} to {WORDS[-1]}"
    hint = f"`exercises.{key}.hint()`"
    assert hint in text, f"{statement.id} does not say where a hint is: {hint}"
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


HOLDING = """
import time, asyncio
from hybrid_demo import cpu_intensive_analysis, exercises, open_pool
async def take_turns(sizes):
    {body}
await exercises.take_turns.check(take_turns)
"""
BODIES = {
    "it waits": "await asyncio.Event().wait()",
    "it computes": "while True: pass",
    "it sleeps with the thread": "time.sleep(600)",
    "a worker computes": "executor = open_pool(1); "
    "await asyncio.wrap_future(executor.submit(cpu_intensive_analysis, 10**9))",
}


@pytest.mark.once
@pytest.mark.skipif(sys.platform == "win32", reason="no signal for a group of processes there")
def test_a_check_can_be_interrupted_in_the_middle() -> None:
    """Whatever the answer is at: the cell ends, the kernel lives, nothing is left running."""
    with session(NOTEBOOKS[0]) as opened:
        first = opened.code_cells[0]
        assert opened.run(new_code_cell("from hybrid_demo import exercises")) == []
        for name, body in BODIES.items():
            cell = new_code_cell(HOLDING.format(body=body))
            said = opened.run(cell, interrupt_after_s=[1.0])
            assert said == ["CancelledError"], name
            answer = new_code_cell("print(40 + 2)")
            assert opened.run(answer) == [], name
            assert "42" in str(answer.outputs), name
        assert opened.run(first) == []
        assert opened.left() == []
