"""From opening a notebook to its first picture, on a server that has shown it once before.

In a real browser: it opens the page, chooses Run All as soon as the kernel is
ready, and looks at each frame it draws.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING

from .browser import goto, window
from .figures import Figure

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTEBOOKS = ("00-start-here", "03-gather-dispatch")
TIMES = 3
SLOW_S = 10
_PICTURE = ".jp-OutputArea-output figure img"


def _opened(page: Page, address: str) -> tuple[float, float]:
    """Return the seconds from opening to a ready kernel, and to the first picture."""
    begun = perf_counter()
    goto(page, address)
    ready = perf_counter()
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.wait_for_function(
        "which => document.querySelector(which)?.complete", arg=_PICTURE, timeout=120_000
    )
    return ready - begun, perf_counter() - begun


def figures() -> Iterator[Figure]:
    """Measure notebooks whose first picture comes early, and the kernel's part in it.

    Raises:
        NotMeasured: there is no browser, or nothing to drive it.
    """
    with window({}) as (page, lab):
        for name in NOTEBOOKS:
            address = lab.address_of(f"{name}.ipynb")
            _opened(page, address)
            ready, drawn = zip(*(_opened(page, address) for _ in range(TIMES)), strict=True)
            yield Figure.of(
                f"from opening {name} to its first picture",
                drawn,
                unit="s",
                bound=SLOW_S,
                row="opening",
                who=name[:2],
            )
            yield Figure.of("  of it until its kernel is ready", ready, unit="s")
