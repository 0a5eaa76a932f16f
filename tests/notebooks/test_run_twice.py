"""What a student does who runs cells in a muddle, and then everything again."""

from pathlib import Path

import pytest

from tests.around import NOTEBOOKS, notebook_name
from tests.notebooks.session import MISSING, session


@pytest.mark.once
@pytest.mark.parametrize("path", NOTEBOOKS, ids=notebook_name)
def test_cells_can_be_run_in_any_order_and_twice(path: Path) -> None:
    """From the last to the first a cell works, or says what is missing; then all work in order.

    In one kernel, each at least twice, and no process stays behind.
    """
    with session(path) as opened:
        imports, *others = opened.code_cells
        has_worked = {imports.id}
        assert opened.run(imports) == []
        for cell in reversed(others):
            found = opened.run(cell)
            expected = ([], *([name] for name in MISSING))
            assert found in expected, f"{cell.id}, out of order: {found} {opened.said}"
            has_worked |= set() if found else {cell.id}
        for cell in opened.code_cells:
            assert opened.run(cell) == [], f"{cell.id}: {opened.said}"
            if cell.id not in has_worked:
                assert opened.run(cell) == [], f"{cell.id}, run again: {opened.said}"
        assert opened.left() == []
