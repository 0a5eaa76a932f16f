"""A page on a real JupyterLab to measure in. Needs what the browser tests need."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from .alone import ROOT
from .figures import NotMeasured

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.browser.lab import Lab


@contextmanager
def window(cells: Mapping[str, str]) -> Iterator[tuple[Page, Lab]]:
    """Open a browser on a JupyterLab that has the core notebooks; yield a page, and the server.

    Args:
        cells: by its file name, the one cell of each notebook that is there besides.

    Raises:
        NotMeasured: there is no browser, or nothing to drive it.
    """
    try:
        from tests.browser.chromium import chromium, missing, shut_kernel_down
        from tests.browser.lab import jupyter_lab
    except ImportError as error:
        raise NotMeasured(f"no {error.name}: install tests/requirements.txt") from error
    if missing():
        raise NotMeasured(missing())
    from nbformat.v4 import new_code_cell, new_notebook, writes

    from tools.normalise_notebooks import normalised

    with tempfile.TemporaryDirectory() as folder:
        notebooks = Path(folder) / "notebooks"
        shutil.copytree(ROOT / "notebooks", notebooks)
        for name, code in cells.items():
            notebook = writes(new_notebook(cells=[new_code_cell(code)]))
            (notebooks / name).write_text(normalised(notebook), encoding="utf-8")
        (Path(folder) / "lab").mkdir()
        with (
            jupyter_lab(Path(folder) / "lab", notebooks=notebooks) as lab,
            chromium() as browser,
        ):
            page = browser.new_page(viewport={"width": 1280, "height": 1000})
            yield page, lab
            shut_kernel_down(page)


def goto(page: Page, address: str) -> None:
    """Close what is open, its kernel too, and open a notebook; return when one can run cells."""
    from tests.browser.chromium import shut_kernel_down, wait_until_ready

    if page.url != "about:blank":
        shut_kernel_down(page)
    page.goto("about:blank")
    page.goto(address)
    wait_until_ready(page)
