"""An exercise as a student does it: wrong, with hints, and right."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes
from playwright.sync_api import Page

from tests.around import ROOT
from tests.browser.chromium import missing, outputs, run_all, wait_until_ready
from tests.browser.lab import Lab, jupyter_lab
from tools.normalise_notebooks import normalised

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
SETUP = "import asyncio\nfrom hybrid_demo import cpu_intensive_analysis, exercises"
STARTER = """
async def free_the_loop(rid, size, executor):
    await asyncio.sleep(0.02)  # the request arrives
    return rid, cpu_intensive_analysis(size)

await exercises.free_the_loop.check(free_the_loop)
""".strip()
WRONG = STARTER.replace("return rid, cpu", "return rid, await asyncio.to_thread(cpu").replace(
    "analysis(size)", "analysis, size)"
)
RIGHT = STARTER.replace(
    "return rid, cpu_intensive_analysis(size)",
    "loop = asyncio.get_running_loop()\n"
    "    return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)",
)
FORGOTTEN = STARTER.replace("await exercises", "exercises")
WAIT_MS = 60_000
# Puts other code into the cell that is at hand, as typing does.
RETYPE = """code => {
  window.jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.setSource(code);
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run JupyterLab with a notebook that sets one exercise."""
    notebooks = tmp_path_factory.mktemp("notebooks")
    shutil.copy(ROOT / "notebooks" / "00-start-here.ipynb", notebooks)
    cells = [new_code_cell(SETUP), new_code_cell(STARTER)]
    text = normalised(writes(new_notebook(cells=cells)))
    (notebooks / "exercise.ipynb").write_text(text, encoding="utf-8")
    with jupyter_lab(tmp_path_factory.mktemp("lab"), notebooks=notebooks) as running:
        yield running


def answer(page: Page, code: str) -> None:
    """Write code into the exercise's cell, and press Ctrl + Enter."""
    cell = page.locator(".jp-CodeCell").nth(1)
    cell.locator(".cm-content").click()
    page.evaluate(RETYPE, code)
    page.keyboard.press("Control+Enter")


def test_an_exercise_is_done_wrong_hinted_and_done_right(lab: Lab, page: Page) -> None:
    """Each time the cell says what was measured; only a wrong answer has a picture."""
    page.goto(lab.address_of("exercise.ipynb"))
    wait_until_ready(page)
    run_all(page)
    page.get_by_text("Not attempted yet: Free the loop").wait_for(timeout=WAIT_MS)

    answer(page, WRONG)
    page.get_by_text("Not yet: Free the loop").wait_for(timeout=WAIT_MS)
    assert page.get_by_text("It computed in threads.").count() == 1
    page.locator(".jp-OutputArea img[alt*='your answer']").wait_for(timeout=WAIT_MS)

    answer(page, "exercises.free_the_loop.hint()")
    page.get_by_text("Hint 1 of 2").wait_for(timeout=WAIT_MS)
    answer(page, "exercises.free_the_loop.hint()")
    page.get_by_text("Hint 2 of 2").wait_for(timeout=WAIT_MS)

    answer(page, FORGOTTEN)
    page.get_by_text("Nothing was checked").wait_for(timeout=WAIT_MS)

    answer(page, RIGHT)
    page.get_by_text("Done: Free the loop").wait_for(timeout=WAIT_MS)
    assert page.locator(".jp-OutputArea img").count() == 0
    assert not [each for each in outputs(page) if each.get("name") == "stderr"]

    answer(page, "exercises.summary()")
    page.get_by_text("done: free_the_loop (2)").wait_for(timeout=WAIT_MS)
