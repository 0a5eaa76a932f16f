"""A browser for a module's tests, and a window for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from hybrid_demo.presenting.page import page_of
from hybrid_demo.rehearsal import places
from hybrid_demo.rehearsal.handout import pages_of, write_pages
from hybrid_demo.rehearsal.printing import console
from hybrid_demo.rehearsal.rehearsing import run_all
from tests.around import ROOT
from tests.browser.chromium import chromium, shut_kernel_down


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium."""
    with chromium() as running:
        yield running


# Guesses, hidden code, tall and wide pictures, and boxes for what went wrong.
EXECUTED = ("03-gather-dispatch", "05-common-mistakes")


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run two notebooks, and return the folder of their pages and of the deck."""
    folder = tmp_path_factory.mktemp("exported")
    runs = run_all(console(), places.chosen(EXECUTED))
    assert [run.failure for run in runs] == [None, None]
    write_pages({**pages_of(runs), "deck.html": page_of(runs)}, folder)
    return folder


@pytest.fixture
def complaints(page: Page) -> Sequence[str]:
    """Refuse every request that is not for a file; return those, and what the console says."""
    found: list[str] = []

    def answer(route: Route) -> None:
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            found.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.on("console", lambda message: found.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a window with an empty profile; keep its picture if the test fails."""
    failed_before = request.session.testsfailed
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        window = context.new_page()
        yield window
        if request.session.testsfailed > failed_before:
            name = re.sub(r"\W+", "-", request.node.name).strip("-")
            (ROOT / "test-results").mkdir(exist_ok=True)
            # Given a path, Playwright would write on a thread that stays.
            (ROOT / "test-results" / f"{name}.png").write_bytes(window.screenshot())
        shut_kernel_down(window)
