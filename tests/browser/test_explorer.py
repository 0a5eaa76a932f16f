"""An explorer as a student uses it: knobs, Run, Stop, compare, and a pulse that tells the truth."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator

import pytest
from nbformat.v4 import new_code_cell, new_notebook, writes
from playwright.sync_api import Page

from tests.around import ROOT
from tests.browser.chromium import missing, run_all, wait_until_ready
from tests.browser.lab import Lab, jupyter_lab
from tools.normalise_notebooks import normalised

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
CODE = """
import asyncio
from hybrid_demo import calibrate, cpu_intensive_analysis, explore, open_pool

SIZE = calibrate(0.5)

async def serve(place, seconds):
    if place == "the loop":
        for _ in range(4):
            cpu_intensive_analysis(SIZE)
    elif place == "nowhere":
        await asyncio.sleep(seconds)
    else:
        loop = asyncio.get_running_loop()
        async with open_pool(2) as executor:
            await asyncio.gather(*[
                loop.run_in_executor(executor, cpu_intensive_analysis, SIZE) for _ in range(4)
            ])
""".strip()
EXPLORE = (
    'explore(serve, {"place": ["a pool", "the loop", "nowhere"], "seconds": (1, 60)}, '
    'goal="Keep the pulse beating.")'
)
WAIT_MS = 60_000
# Notes when the pulse's number changes, from before the click to the end of the run.
LISTEN = """() => {
  window.beats = [];
  const pulse = () => document.querySelector('.hybrid-pulse span')?.textContent ?? '';
  let last = pulse();
  const look = () => {
    const now = pulse();
    if (now !== last && /^\\d+ beats$/.test(now)) window.beats.push(performance.now());
    last = now;
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true});
}"""
LONGEST_GAP = """() => {
  const gaps = window.beats.slice(1).map((at, index) => at - window.beats[index]);
  return Math.max(...gaps);
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Run JupyterLab with one notebook that explores."""
    notebooks = tmp_path_factory.mktemp("notebooks")
    shutil.copy(ROOT / "notebooks" / "00-start-here.ipynb", notebooks)
    cells = [new_code_cell(CODE), new_code_cell(EXPLORE)]
    (notebooks / "explore.ipynb").write_text(normalised(writes(new_notebook(cells=cells))))
    with jupyter_lab(tmp_path_factory.mktemp("lab"), notebooks=notebooks) as running:
        yield running


@pytest.fixture
def panel(lab: Lab, page: Page) -> Page:
    """Open the notebook and run it; nothing is explored yet."""
    page.goto(lab.address_of("explore.ipynb"))
    wait_until_ready(page)
    run_all(page)
    page.get_by_role("button", name="Run", exact=True).wait_for()
    return page


def press(panel: Page, name: str) -> None:
    """Press a button of the panel."""
    panel.get_by_role("button", name=name, exact=True).click()


def choose(panel: Page, place: str) -> None:
    """Choose where it computes."""
    panel.get_by_label("place").select_option(place)


def slide(panel: Page, name: str, key: str) -> None:
    """Press a key on a slider, as one does without a mouse."""
    panel.locator(".widget-slider", has_text=name).locator(".noUi-handle").press(key)


def run_to_its_end(panel: Page) -> str:
    """Press Run, wait until it can be pressed again, and return the picture's words."""
    press(panel, "Run")
    panel.wait_for_function(
        "() => document.querySelector('.hybrid-pulse').innerText.match(/^1? ?/)"
    )
    panel.wait_for_function(
        "() => /in the last run/.test(document.querySelector('.hybrid-pulse').innerText)",
        timeout=WAIT_MS,
    )
    picture = panel.locator(".widget-html img")
    picture.wait_for(timeout=WAIT_MS)
    return picture.get_attribute("alt") or ""


def test_a_run_shows_its_picture_and_a_changed_knob_another(panel: Page) -> None:
    """First the pool, then the loop; one click compares the two."""
    pooled = run_to_its_end(panel)
    assert "place='a pool'" in pooled
    choose(panel, "the loop")
    press(panel, "Run")
    held = panel.locator(".widget-html img[alt*=\"place='the loop'\"]")
    held.wait_for(timeout=WAIT_MS)
    assert "The event loop was held" in (held.get_attribute("alt") or "")
    press(panel, "Compare with the last")
    both = panel.locator(".widget-html img[alt*='Two recordings']")
    both.wait_for(timeout=WAIT_MS)


def test_the_pulse_stands_still_while_the_loop_is_held(panel: Page) -> None:
    """As long as the work on the loop no beat comes; while a pool works, they come all along."""
    run_to_its_end(panel)
    panel.evaluate(LISTEN)
    press(panel, "Run")
    panel.wait_for_function("() => window.beats.length > 20", timeout=WAIT_MS)
    panel.get_by_role("button", name="Run", exact=True, disabled=False).wait_for(timeout=WAIT_MS)
    pooled_ms = panel.evaluate(LONGEST_GAP)
    choose(panel, "the loop")
    panel.evaluate("() => { window.beats = []; }")
    begun = panel.evaluate("() => performance.now()")
    press(panel, "Run")
    panel.locator(".widget-html img[alt*=\"place='the loop'\"]").wait_for(timeout=WAIT_MS)
    ended = panel.evaluate("() => performance.now()")
    edges = [begun, *panel.evaluate("() => window.beats"), ended]
    held_ms = max(late - early for early, late in itertools.pairwise(edges))
    assert pooled_ms < held_ms / 2


def test_stop_ends_a_run_that_waits(panel: Page) -> None:
    """It says so, and the next run works."""
    choose(panel, "nowhere")
    slide(panel, "seconds", "End")
    press(panel, "Run")
    panel.get_by_role("button", name="Stop", exact=True, disabled=False).wait_for(timeout=WAIT_MS)
    press(panel, "Stop")
    panel.get_by_text("Stopped after").wait_for(timeout=WAIT_MS)
    choose(panel, "a pool")
    press(panel, "Run")
    panel.locator(".widget-html img[alt*=\"place='a pool'\"]").wait_for(timeout=WAIT_MS)


def test_the_model_is_drawn_at_once_and_labelled(panel: Page) -> None:
    """Another number of CPUs: a second part of the picture, computed and not measured."""
    run_to_its_end(panel)
    slide(panel, "Computed", "End")
    computed = panel.locator(".widget-html img[alt*='computed for 16 CPUs']")
    computed.wait_for(timeout=WAIT_MS)
    assert "not measured" in (computed.get_attribute("alt") or "")
