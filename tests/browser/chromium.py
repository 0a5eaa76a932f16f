"""A real Chromium, driven by Playwright, and what a test asks of JupyterLab in it."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# No calls home, and nothing that a machine without a screen lacks.
FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
RUN_WITHIN_MS = 240_000
TALLEST = 16_000  # pixels; Chromium draws no picture taller than 16384

# JupyterLab keeps cells outside the window out of the page, so questions go to its model.
IS_READY = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.content?.model?.cells?.length > 0
    && panel.sessionContext?.session?.kernel?.status === 'idle';
}"""
HAS_RUN = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  const code = Array.from(panel.content.model.cells).filter(cell => cell.type === 'code');
  return panel.sessionContext.session.kernel.status === 'idle'
    && code.every(cell => cell.executionCount !== null);
}"""
OUTPUTS = """() => Array.from(window.jupyterapp.shell.currentWidget.content.model.cells)
  .filter(cell => cell.type === 'code')
  .flatMap(cell => cell.outputs.toJSON().map(output => ({cell: cell.id, ...output})))"""
SCROLL = """up => {
  const panel = window.jupyterapp.shell.currentWidget.node;
  const outer = panel.querySelector('.jp-WindowedPanel-outer');
  outer.scrollTop = up ? 0 : outer.scrollHeight;
  const inner = panel.querySelector('.jp-WindowedPanel-inner');
  return new Promise(done => setTimeout(() => done(inner.scrollHeight), 300));
}"""
SCROLL_TO = """top => {
  const outer = window.jupyterapp.shell.currentWidget.node.querySelector('.jp-WindowedPanel-outer');
  outer.scrollTop = top;
  return new Promise(done => setTimeout(() => done(outer.clientHeight), 1000));
}"""
SHUT_DOWN = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.shutdown()"


def missing() -> str:
    """Return why no browser can be started, or "" if one can."""
    if _executable():
        return ""
    return f"no Chromium: install one of {', '.join(COMMANDS)}, or `playwright install chromium`"


@functools.cache
def _executable() -> str | None:
    """Return the system's Chromium, else the one that `playwright install chromium` fetched."""
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            return found
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
        return path if Path(path).exists() else None


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a browser without a window; without its sandbox, which root cannot have."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_executable(), args=FLAGS, chromium_sandbox=False
        )
        try:
            yield browser
        finally:
            browser.close()


def wait_until_ready(page: Page) -> None:
    """Wait until a notebook is open and its kernel has nothing to do."""
    page.wait_for_function(IS_READY, timeout=RUN_WITHIN_MS)


def run_all(page: Page) -> None:
    """Choose Run > Run All Cells, and wait until all have run."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(HAS_RUN, timeout=RUN_WITHIN_MS)


def outputs(page: Page) -> list[dict[str, Any]]:
    """Return the outputs of all cells, as they would be saved."""
    found: list[dict[str, Any]] = page.evaluate(OUTPUTS)
    return found


def shut_kernel_down(page: Page) -> None:
    """End the kernel of the notebook, if one is open."""
    page.evaluate(SHUT_DOWN)


def make_tall(page: Page) -> None:
    """Make the window as tall as the notebook, so that all of it is in the page."""
    for _ in range(5):  # a cell's height is known once it has been in view
        page.evaluate(SCROLL, False)
        wanted = min(TALLEST, int(page.evaluate(SCROLL, True)) + 150)
        size = page.viewport_size
        assert size is not None
        if size["height"] == wanted:
            return
        page.set_viewport_size({"width": size["width"], "height": wanted})


def screenshots(page: Page) -> Iterator[bytes]:
    """Yield pictures of the whole notebook, from its top: one, or as many as its height needs."""
    height = int(page.evaluate(SCROLL, False))
    size = page.viewport_size
    assert size is not None
    if height + 150 > TALLEST:
        page.set_viewport_size({"width": size["width"], "height": TALLEST // 2})
    top = 0
    while top < height:
        top += int(page.evaluate(SCROLL_TO, top))
        yield page.screenshot()


def greetings(page: Page) -> list[str]:
    """Return the words of every dialog and every notification in sight."""
    return page.locator(".jp-Dialog, .Toastify__toast").all_inner_texts()
