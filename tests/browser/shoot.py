"""Take a picture of a whole notebook after Run All, for people to look at.

python -m tests.browser.shoot notebooks/00-start-here.ipynb --out test-results
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.around import ROOT
from tests.browser.chromium import (
    chromium,
    make_tall,
    run_all,
    screenshots,
    shut_kernel_down,
    wait_until_ready,
)
from tests.browser.lab import jupyter_lab


def main() -> None:
    """Open each notebook, run it, and write a PNG of it; several of one that is too tall."""
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
            inside = notebook.resolve().relative_to(ROOT / "notebooks")
            page.goto(lab.address_of(inside.as_posix()))
            wait_until_ready(page)
            run_all(page)
            make_tall(page)
            for number, data in enumerate(screenshots(page)):
                part = f"-part{number + 1}" if number else ""
                picture = options.out / f"{notebook.stem}{part}.png"
                picture.write_bytes(data)
                print(picture)
            shut_kernel_down(page)
            page.close()


if __name__ == "__main__":
    main()
