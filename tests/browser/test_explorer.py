"""An explorer as a student uses it: knobs, Run, Stop, compare, and a pulse that tells the truth.

One window for all tests, opened once: opening takes longer than most of them.
"""

from __future__ import annotations

import itertools
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes
from playwright.sync_api import Browser

from tests.around import ROOT
from tests.browser.chromium import missing, run_all, shut_kernel_down, wait_until_ready
from tests.browser.explorers import WAIT_MS, Panel
from tests.browser.lab import jupyter_lab
from tools.normalise_notebooks import normalised

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
CODE = """
import asyncio
import time
from pathlib import Path
from hybrid_demo import calibrate, cpu_intensive_analysis, explore, open_pool

SIZE = calibrate(0.3)

async def serve(place, seconds):
    if place == "the loop":
        await asyncio.sleep(0.3)
        for _ in range(5):
            cpu_intensive_analysis(SIZE)
    elif place == "nowhere":
        await asyncio.sleep(seconds)
    elif place == "for ever on the loop":
        Path({begun!r}).touch()
        time.sleep(100_000)  # a call that does not come back, as a student's may not
    else:
        loop = asyncio.get_running_loop()
        async with open_pool(2) as executor:
            await asyncio.gather(*[
                loop.run_in_executor(executor, cpu_intensive_analysis, SIZE) for _ in range(5)
            ])
""".strip()
EXPLORE = (
    'explore(serve, {"place": ["a pool", "the loop", "nowhere", "for ever on the loop"], '
    '"seconds": (1, 60)}, goal="Keep the pulse beating.")'
)
# Notes when the pulse's number changes, from before the click to the end of the run.
LISTEN = """() => {
  window.beats = [];
  const pulse = () => document.querySelector('.hybrid-pulse span')?.textContent ?? '';
  let last = pulse();
  const look = () => {
    const now = pulse();
    if (now !== last && /^\\d+ beats?$/.test(now)) window.beats.push(performance.now());
    last = now;
  };
  window.listening?.disconnect();
  window.listening = new MutationObserver(look);
  window.listening.observe(document.body, {subtree: true, childList: true});
}"""
# Waits for so many beats of a run, so that what comes next happens in its middle.
BEATEN = "least => window.beats.length >= least"
VISITS = re.compile(r"You clicked (once|\d+ times), .*?waited (?:up to )?([\d.]+) (ms|s) for")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file that a run makes when it begins to hold the loop for ever."""
    return tmp_path_factory.mktemp("runs") / "begun"


@pytest.fixture(scope="module")
def panel(
    browser: Browser, begun: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Panel]:
    """Open a notebook that explores, and run it; nothing is explored yet."""
    notebooks = tmp_path_factory.mktemp("notebooks")
    shutil.copy(ROOT / "notebooks" / "00-start-here.ipynb", notebooks)
    cells = [new_code_cell(CODE.format(begun=str(begun))), new_code_cell(EXPLORE)]
    text = normalised(writes(new_notebook(cells=cells)))
    (notebooks / "explore.ipynb").write_text(text, encoding="utf-8")
    with (
        jupyter_lab(tmp_path_factory.mktemp("lab"), notebooks=notebooks) as lab,
        browser.new_context(viewport={"width": 1280, "height": 1400}) as context,
    ):
        page = context.new_page()
        page.goto(lab.address_of("explore.ipynb"))
        wait_until_ready(page)
        run_all(page)
        opened = Panel(page)
        opened.button("Run").wait_for()
        yield opened
        shut_kernel_down(page)


def visits(words: str) -> tuple[int, float]:
    """Return how often a picture says that the student clicked, and the longest wait in seconds."""
    found = VISITS.search(words)
    assert found is not None, words
    times = 1 if found[1] == "once" else int(found[1].split()[0])
    return times, float(found[2]) / (1000 if found[3] == "ms" else 1)


def test_a_run_shows_its_picture_and_a_changed_knob_another(panel: Panel) -> None:
    """First the pool, then the loop; one click compares the two."""
    panel.choose("place", "a pool")
    assert "place='a pool'" in panel.run()
    panel.choose("place", "the loop")
    held = panel.run()
    assert "place='the loop'" in held
    assert "The event loop was held" in held
    assert "Two recordings" in panel.compare()


def test_the_pulse_and_the_client_wait_for_a_held_loop_and_not_for_a_pool(panel: Panel) -> None:
    """No beat and no answer while the loop is held; beside a pool both come all along.

    A click waits no longer than the longest pause of the pulse that the page saw, with what
    the message needs on its way; in a held loop it waits for most of the work.
    """
    gaps, waits = {}, {}
    for place, least in (("a pool", 4), ("the loop", 3)):
        panel.choose("place", place)
        panel.page.evaluate(LISTEN)
        begun = panel.page.evaluate("performance.now()")
        before = panel.picture.get_attribute("src") if panel.picture.count() else None
        panel.press("Run")
        panel.page.wait_for_function(BEATEN, arg=least, timeout=WAIT_MS)
        for _ in range(3):
            panel.page.wait_for_timeout(100)
            panel.press("Be a client")
        panel.wait_for_another(before)
        ended = panel.page.evaluate("performance.now()")
        edges = [begun, *panel.page.evaluate("window.beats"), ended]
        gaps[place] = max(late - early for early, late in itertools.pairwise(edges)) / 1000
        times, waits[place] = visits(panel.words())
        assert times == 3
        assert "3 requests answered" in panel.status()
    assert gaps["a pool"] < gaps["the loop"] / 2
    assert waits["a pool"] < gaps["a pool"] + 0.1
    assert waits["the loop"] > gaps["the loop"] / 4
    assert waits["a pool"] < waits["the loop"] / 2


def test_stop_ends_a_run_that_waits(panel: Panel) -> None:
    """It says so, and the next run works."""
    panel.choose("place", "nowhere")
    panel.slide("seconds", "End")
    panel.stop()
    assert "Stopped after" in panel.status()
    panel.choose("place", "a pool")
    assert "place='a pool'" in panel.run()


def test_jupyters_interrupt_ends_a_run_that_holds_the_loop(panel: Panel, begun: Path) -> None:
    """Stop cannot: the loop that would have to hear of it is held. The next run works."""
    panel.choose("place", "for ever on the loop")
    before = panel.picture.get_attribute("src") if panel.picture.count() else None
    panel.press("Run")
    latest = time.monotonic() + WAIT_MS / 1_000
    while not begun.exists():
        assert time.monotonic() < latest, "the run was not begun"
        panel.page.wait_for_timeout(50)
    panel.page.locator('[data-command="notebook:interrupt-kernel"]').first.click()
    panel.wait_for_another(before)
    assert "Stopped after" in panel.status()
    panel.choose("place", "a pool")
    assert "place='a pool'" in panel.run()


def test_the_model_is_drawn_at_once_and_labelled(panel: Panel) -> None:
    """Another number of CPUs: a second part of the picture, computed and not measured."""
    panel.choose("place", "a pool")
    panel.run()
    panel.slide("Computed", "End")
    computed = panel.root.locator("img[alt*='computed for 16 CPUs']")
    computed.wait_for(timeout=WAIT_MS)
    assert "not measured" in (computed.get_attribute("alt") or "")
