"""What a student does who runs everything again."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.around import NOTEBOOKS, left_running, notebook_name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=notebook_name)
def test_cells_can_be_run_twice_in_one_kernel(path: Path) -> None:
    """Each cell works directly after itself, and no process stays behind."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=200, resources={"metadata": {"path": path.parent}})
    with client.setup_kernel():
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
            client.execute_cell(cell, number)
        assert client.km is not None
        left = left_running(client.km.provisioner.pid)
    assert not left, f"the notebook leaves processes running: {left}"
