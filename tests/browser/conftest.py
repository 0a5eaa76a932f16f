"""A browser for a module's tests, and a window for each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.around import ROOT
from tests.browser.chromium import chromium, shut_kernel_down


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium."""
    with chromium() as running:
        yield running


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
