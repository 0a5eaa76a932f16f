"""Pages for every reader: axe-core has no serious finding, and all can be done by keyboard.

axe-core comes from an installed package, so that it is the same one everywhere,
and no network is needed.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.chromium import missing
from tests.browser.conftest import EXECUTED

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
HARM = {"serious", "critical"}
UNFOLD = "() => document.querySelectorAll('details').forEach(fold => { fold.open = true })"

UNHIDE = """() => document.querySelectorAll('section')
  .forEach(slide => { slide.removeAttribute('aria-hidden'); slide.removeAttribute('hidden'); })"""


def findings(page: Page) -> list[str]:
    """Return what axe-core finds serious or critical, each with its first place."""
    return [
        f"{rule['impact']}: {rule['id']}, {rule['nodes'][0]['html'][:120]}"
        for rule in Axe().run(page).response["violations"]
        if rule["impact"] in HARM
    ]


@pytest.mark.parametrize("name", EXECUTED)
def test_a_page_of_the_handout_has_no_serious_finding(
    name: str, exported: Path, page: Page
) -> None:
    """Contrast, names, landmarks and tables, with everything unfolded."""
    page.goto((exported / f"{name}.html").as_uri())
    page.evaluate(UNFOLD)
    assert page.locator(".picture-figures table").count() > 3
    assert findings(page) == []


@pytest.mark.parametrize("how", ["", "?print-pdf"])
def test_the_deck_has_no_serious_finding(how: str, exported: Path, page: Page) -> None:
    """As it is opened, and with all slides laid out at once."""
    page.goto(f"{(exported / 'deck.html').as_uri()}{how}")
    page.wait_for_function("window.Reveal?.isReady()")
    if how:
        page.wait_for_selector(".pdf-page >> nth=20")
        # reveal.js hides from screen readers all slides but one, here too, where all are seen.
        page.evaluate(UNHIDE)
    assert findings(page) == []


def test_axe_would_find_something(page: Page) -> None:
    """Pale grey on white is a finding, so that none means something."""
    page.set_content("<html lang=en><title>t</title><main><p style='color:#bbb'>pale</p></main>")
    assert [each.partition(",")[0] for each in findings(page)] == ["serious: color-contrast"]


def test_the_figures_of_a_picture_open_by_keyboard(exported: Path, page: Page) -> None:
    """Tab to the fold below the picture, Enter, and Tab again into its table."""
    page.goto((exported / f"{EXECUTED[0]}.html").as_uri())
    fold = page.locator(".picture-figures").first
    table = fold.locator("table").first
    assert not table.is_visible()
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.parentElement.matches('.picture-figures')"):
            break
    page.keyboard.press("Enter")
    assert table.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == (
        "The figures as a table"
    )
