"""How long a student waits for an explorer: to have one, and to see a run of it.

In a real browser, so it needs what the browser tests need: tests/requirements.txt.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING

from .browser import goto, window
from .figures import Figure, figure

if TYPE_CHECKING:
    from playwright.sync_api import Page

# What it returns is shown, and so tells the page when the work was done.
_CODE = """
import asyncio, time
from hybrid_demo import calibrate, cpu_intensive_analysis, explore, open_pool

async def serve(place):
    if place == "the loop":
        cpu_intensive_analysis(SIZE)
    else:
        loop = asyncio.get_running_loop()
        async with open_pool(2) as executor:
            await asyncio.gather(*[
                loop.run_in_executor(executor, cpu_intensive_analysis, SIZE) for _ in range(6)
            ])
    return time.time()

SIZE = calibrate(0.2)
explore(serve, {"place": ["the loop", "a pool"]})
""".strip()
# Milliseconds from the end of the work to the picture, once another than `source` is drawn.
_DRAWN = """([panel, source]) => new Promise(done => {
  const look = () => {
    const image = panel.querySelector('img');
    const told = panel.innerText.match(/It returned ([0-9]+[.][0-9]+)/);
    if (!image || image.src === source || !image.complete || !told) {
      requestAnimationFrame(look);
      return;
    }
    requestAnimationFrame(() => done(Date.now() - 1000 * told[1]));
  };
  look();
})"""


def figures() -> Iterator[Figure]:
    """Measure on one server, which has shown the notebook once before.

    Raises:
        NotMeasured: there is no browser, or nothing to drive it.
    """
    with window({"explore.ipynb": _CODE}) as (page, lab):
        address = lab.address_of("explore.ipynb")
        _open(page, address)
        yield figure(
            "from opening a notebook to a live explorer, warm server",
            lambda: _open(page, address),
            bound=5,
            unit="s",
            times=3,
        )
        for place in ("the loop", "a pool"):
            yield figure(
                f"from the end of the work to the picture, {place}",
                lambda place=place: _draw(page, place),  # type: ignore[misc]
                bound=0.7,
                unit="s",
                times=5,
            )


def _open(page: Page, address: str) -> float:
    """Open the notebook anew, run its one cell, and return the seconds until one can press Run."""
    begun = perf_counter()
    goto(page, address)
    page.locator(".jp-Cell .cm-content").first.click()
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return perf_counter() - begun


def _draw(page: Page, place: str) -> float:
    """Press Run and return the seconds from the end of the work to its picture in the page."""
    from tests.browser.explorers import Panel

    panel = Panel(page)
    panel.choose("place", place)
    before = panel.picture.get_attribute("src") if panel.picture.count() else ""
    panel.press("Run")
    waited_ms: float = page.evaluate(_DRAWN, [panel.root.element_handle(), before])
    panel.wait_for_another(before)
    return waited_ms / 1000
