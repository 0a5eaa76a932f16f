"""Take a picture of a whole notebook after Run All, for people to look at.

python -m tests.browser.shoot notebooks/00-start-here.ipynb --out test-results
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.browser.chromium import chromium, make_tall, run_all, shut_kernel_down, wait_until_ready
from tests.browser.lab import jupyter_lab


def main() -> None:
    """Open each notebook, run it, and write one PNG for it."""
    parser = argparse.ArgumentParser(description="Take a picture of a whole notebook after Run All")
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=Path("test-results"), metavar="DIR")
    parser.add_argument("--width", type=int, default=1280, metavar="PIXELS")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_lab(Path(folder)) as lab,
        chromium() as browser,
    ):
        for notebook in options.notebooks:
            page = browser.new_page(viewport={"width": options.width, "height": 900})
            page.goto(lab.address_of(notebook.name))
            wait_until_ready(page)
            run_all(page)
            make_tall(page)
            picture = options.out / f"{notebook.stem}.png"
            page.screenshot(path=picture)
            shut_kernel_down(page)
            page.close()
            print(picture)


if __name__ == "__main__":
    main()
