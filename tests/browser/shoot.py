"""Take a picture of a whole notebook after Run All, for people to look at.

python -m tests.browser.shoot notebooks/00-start-here.ipynb --out test-results
python -m tests.browser.shoot notebooks/01-two-kinds-of-work.ipynb --explore --zoom 1.5
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

from tests.around import ROOT
from tests.browser.chromium import (
    chromium,
    make_tall,
    run_all,
    screenshots,
    shut_kernel_down,
    wait_until_ready,
)
from tests.browser.explorers import Panel
from tests.browser.lab import jupyter_lab


def main() -> None:
    """Open each notebook, run it, and write a PNG of it; several of one that is too tall."""
    parser = argparse.ArgumentParser(description="Take a picture of a whole notebook after Run All")
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("test-results"), metavar="DIR")
    parser.add_argument("--width", type=int, default=1280, metavar="PIXELS")
    parser.add_argument("--zoom", type=float, default=1.0, help="as a browser's: 1.5 is 150 %%")
    parser.add_argument(
        "--explore", action="store_true", help="of the explorer only, run, stopped and compared"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_lab(Path(folder)) as lab,
        chromium() as browser,
    ):
        for notebook in options.notebooks:
            page = browser.new_page(
                viewport={"width": round(options.width / options.zoom), "height": 900},
                device_scale_factor=options.zoom,
            )
            inside = notebook.resolve().relative_to(ROOT / "notebooks")
            page.goto(lab.address_of(inside.as_posix()))
            wait_until_ready(page)
            run_all(page)
            make_tall(page)
            shots = _exploring(page) if options.explore else _whole(page)
            for part, data in shots:
                picture = options.out / f"{notebook.stem}{part}.png"
                picture.write_bytes(data)
                print(picture)
            shut_kernel_down(page)
            page.close()


def _whole(page: Page) -> Iterator[tuple[str, bytes]]:
    """Yield the parts of the notebook, each with what its file's name ends in."""
    for number, data in enumerate(screenshots(page)):
        yield (f"-part{number + 1}" if number else ""), data


def _exploring(page: Page) -> Iterator[tuple[str, bytes]]:
    """Yield the notebook's explorer before and after a run, stopped, and comparing."""
    panel = Panel(page)
    panel.root.wait_for()
    for part, act in (
        ("fresh", None),
        ("run", panel.run),
        ("stopped", panel.stop),
        ("compared", panel.compare),
    ):
        if act is not None:
            act()
        yield f"-explorer-{part}", panel.root.screenshot()


if __name__ == "__main__":
    main()
