"""What a student does in the middle of a mistake: press Interrupt."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from tests.around import NOTEBOOKS, notebook_name
from tests.notebooks.session import session

pytestmark = pytest.mark.once
MISTAKES = [path for path in NOTEBOOKS if "mistakes" in path.stem]
SEED = 29
LEAST_S = 0.05  # before that, an Interrupt may come while the cell is only being sent


@pytest.mark.skipif(sys.platform == "win32", reason="no signal for a group of processes there")
@pytest.mark.parametrize("path", MISTAKES, ids=notebook_name)
def test_a_mistake_can_be_interrupted_in_the_middle(path: Path) -> None:
    """Whenever it is: the next cell works, the mistake can be made again, no process is left."""
    draw = random.Random(SEED)
    with session(path) as opened:
        answer = new_code_cell("print(40 + 2)")
        for cell in opened.code_cells:
            begun = time.perf_counter()
            assert opened.run(cell) == [], cell.id
            usual_s = time.perf_counter() - begun
            if "mistake(" not in cell.source and "run_program(" not in cell.source:
                continue
            moment_s = max(LEAST_S, usual_s * draw.uniform(0.1, 0.9))
            opened.run(cell, interrupt_after_s=moment_s)  # it may have ended just before
            assert opened.run(answer) == [], f"after {cell.id}, interrupted at {moment_s:.2f} s"
            assert "42" in str(answer.outputs)
            assert opened.run(cell) == [], f"{cell.id} again, after {moment_s:.2f} s"
        assert opened.left() == []
