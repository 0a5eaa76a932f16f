"""reveal.js as an installed package carries it: no network, and no copy in this project.

It imports nothing of this package but how pip is called here.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from ..machine import PIP

_PACKAGE = "sphinx_revealjs"  # for its files only; importing it would load Sphinx
_INSTALL = f"{PIP} install -r docs/requirements.txt"


def style() -> str:
    """Return what reveal.js itself needs of style; the look is the deck's own.

    Raises:
        FileNotFoundError: reveal.js is not installed.
    """
    return _read("dist/reset.css") + _read("dist/reveal.css")


def scripts() -> tuple[str, str]:
    """Return reveal.js and its speaker's view, each for a ``<script>`` of its own.

    Raises:
        FileNotFoundError: reveal.js is not installed.
    """
    return _read("dist/reveal.js"), _read("plugin/notes/notes.js")


def _read(name: str) -> str:
    spec = find_spec(_PACKAGE)
    places = (spec.submodule_search_locations or []) if spec else []
    for place in places:
        file = Path(place, "_static", "revealjs", *name.split("/"))
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise FileNotFoundError(
        f"reveal.js, which shows the slides, is not installed (its {name} was looked for in the "
        f"package sphinx-revealjs); install it, once: {_INSTALL}"
    )
