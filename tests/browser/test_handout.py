"""The handout as whoever missed the lecture opens it: from a folder, without a network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page

from hybrid_demo.__main__ import main
from tests.browser.chromium import missing

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
# The two with a map of all the others, and with predictions and hidden code.
CHOSEN = ("00-start-here", "03-gather-dispatch")


@pytest.fixture(scope="module")
def handout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the pages of two notebooks by the command; a claim may fail on a busy machine."""
    folder = tmp_path_factory.mktemp("rehearsed") / "handout"
    assert main(["rehearse", *CHOSEN, "--html", str(folder)]) in (0, 1)
    return folder


@pytest.mark.parametrize("name", ["index", *CHOSEN])
def test_a_page_is_whole_without_network_kernel_and_script(
    name: str, handout: Path, page: Page, complaints: Sequence[str]
) -> None:
    """It asks nobody, complains of nothing, and every picture is seen and described."""
    page.goto((handout / f"{name}.html").as_uri())
    page.wait_for_load_state("networkidle")
    images = page.locator("main img")
    assert images.count() >= 2
    for number in range(images.count()):
        image = images.nth(number)
        assert image.is_visible()
        assert image.evaluate("image => image.complete && image.naturalWidth") > 500
        assert len(image.get_attribute("alt") or "") > 40
    assert list(complaints) == []
    assert page.locator("script").count() == 0
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Hybrid Architecture" in page.title()


@pytest.mark.parametrize("width", [1280, 420])
def test_a_page_fits_a_window_and_a_telephone(width: int, handout: Path, page: Page) -> None:
    """Nothing sticks out at the side."""
    page.set_viewport_size({"width": width, "height": 900})
    for path in handout.glob("*.html"):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_links_lead_through_the_handout(handout: Path, page: Page) -> None:
    """From the map to a notebook and back; of a notebook that is not there, words remain."""
    page.goto((handout / "index.html").as_uri())
    page.get_by_role("link", name="03 Dispatch").first.click()
    page.wait_for_url("**/03-gather-dispatch.html")
    page.get_by_role("link", name="Contents").click()
    page.wait_for_url("**/00-start-here.html")
    local = page.locator("a[href]").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    files = [each.partition("#")[0] for each in local if not each.startswith(("http", "#"))]
    assert set(files) == {"03-gather-dispatch.html", "glossary.html"}
    page.get_by_role("link", name="event loop").first.click()
    page.wait_for_url("**/glossary.html#event-loop")
    assert page.locator("#event-loop").is_visible()
    page.get_by_role("link", name="Contents").click()
    page.wait_for_url("**/00-start-here.html")


def test_what_is_folded_opens_and_paper_shows_it_open(handout: Path, page: Page) -> None:
    """The right letter, the answers, the hidden code: one click each, and no click on paper."""
    page.goto((handout / "03-gather-dispatch.html").as_uri())
    letter = page.locator(".handout-control details p").first
    answers = page.locator("details", has=page.get_by_text("Answers", exact=True)).last
    hidden = page.locator("details.handout-code").first
    assert not letter.is_visible()
    assert not answers.locator("li").first.is_visible()
    assert not hidden.locator("pre").is_visible()
    for fold in (page.locator(".handout-control summary").first, hidden.locator("summary")):
        fold.click()
    assert letter.is_visible()
    assert hidden.locator("pre").is_visible()
    page.emulate_media(media="print")
    assert answers.locator("li").first.is_visible()
    assert not hidden.is_visible()
