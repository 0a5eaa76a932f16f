"""JupyterLab as a student meets it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page, expect

from tests.around import NOTEBOOKS, ROOT, notebook_name
from tests.browser.chromium import (
    greetings,
    make_tall,
    missing,
    outputs,
    run_all,
    wait_until_ready,
)
from tests.browser.explorers import Panel
from tests.browser.lab import Lab, jupyter_lab

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
# A knob of each notebook's explorer, and what to turn it to.
KNOBS = {
    "01": ("place", "in four processes"),
    "02": ("requests", "8"),
    "03": ("requests", "6"),
    "04": ("jobs", "40"),
    "05": ("handler", "await"),
    "06": ("model", "processes"),
    "08": ("mode", "processes"),
    "09": ("kilobytes", "4000"),
}
IMAGE = re.compile(r"<img\b[^>]*>")
ALT = re.compile(r'\balt="([^"]+)"')


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run JupyterLab for somebody who never used it."""
    with jupyter_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


def test_the_first_command_opens_the_first_notebook_and_nothing_else(lab: Lab, page: Page) -> None:
    """The browser that it opens shows 00, no popup greets, and the world cannot listen in."""
    assert lab.path == "/lab/tree/00-start-here.ipynb"
    page.goto(lab.opened)
    wait_until_ready(page)
    assert page.title().startswith("00-start")
    assert greetings(page) == []
    addresses = {one.laddr.ip for one in psutil.Process(lab.pid).net_connections("tcp")}
    assert addresses <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=notebook_name)
def test_run_all_runs_without_errors_and_shows_its_pictures(
    path: Path, lab: Lab, page: Page
) -> None:
    """Run > Run All Cells ends by itself: no error, nothing on stderr, every picture has words.

    After it, where everything that the cells opened is closed again, the explorer works.
    """
    page.goto(lab.address_of(path.relative_to(ROOT / "notebooks").as_posix()))
    wait_until_ready(page)
    run_all(page)
    given = outputs(page)
    assert [one for one in given if one["output_type"] == "error"] == []
    assert [one for one in given if one.get("name") == "stderr"] == []
    described = _alt_texts(given)
    assert described, "a notebook without a picture"
    make_tall(page)
    shown = page.locator(".jp-OutputArea img")
    assert [shown.nth(number).get_attribute("alt") for number in range(shown.count())] == described
    widths = shown.evaluate_all("images => images.map(image => image.naturalWidth)")
    assert all(width > 0 for width in widths)
    assert greetings(page) == []
    if path.stem[:2] in KNOBS:
        _explore(page, *KNOBS[path.stem[:2]])


def test_a_word_leads_to_its_place_in_the_glossary(lab: Lab, page: Page) -> None:
    """From a notebook's text, by keyboard, to the page as it is read, at that word."""
    page.goto(lab.address_of("01-two-kinds-of-work.ipynb"))
    wait_until_ready(page)
    page.get_by_role("link", name="event loop").first.focus()
    page.keyboard.press("Enter")
    heading = page.locator(".jp-MarkdownViewer").get_by_role("heading", name="event loop")
    heading.wait_for()
    expect(heading).to_be_in_viewport()
    expect(page.locator(".jp-MarkdownViewer h1")).not_to_be_in_viewport()


def _explore(page: Page, control: str, choice: str) -> None:
    """Use the notebook's explorer: run, turn a knob, run, stop, compare."""
    panel = Panel(page)
    first = panel.run()
    panel.turn(control, choice)
    changed = panel.run()
    assert f"{control}=" in first
    assert f"{control}={choice}" in changed.replace("'", "")
    assert changed != first
    panel.stop()
    assert "Stopped after" in panel.status()
    assert "Two recordings" in panel.compare()


def _alt_texts(given: list[dict[str, object]]) -> list[str]:
    """Return the alt texts of all pictures among outputs, each of which must have one."""
    texts: list[str] = []
    for one in given:
        data = one.get("data")
        assert isinstance(data, dict) or data is None
        kinds = set(data or {})
        assert not any(kind.startswith("image/") for kind in kinds - {"text/html"}), (
            f"cell {one['cell']} shows a picture without words"
        )
        html = (data or {}).get("text/html", "")
        for image in IMAGE.findall("".join(html)):
            alt = ALT.search(image)
            assert alt, f"cell {one['cell']} shows a picture without words"
            texts.append(unescape(alt[1]))
    return texts
