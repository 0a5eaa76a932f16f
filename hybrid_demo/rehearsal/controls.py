"""What stands on a page where a notebook has a control: nobody can click there.

A guess is replaced by the right answer, folded, from the lesson's data file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from nbformat import NotebookNode

from hybrid_demo.teaching.data import questions

_WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
_PREDICTION = re.compile(r"^<Prediction '([^']+)'")


def without_controls(notebook: NotebookNode) -> NotebookNode:
    """Replace the notebook's widgets by words, in place, and return it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if data.pop(_WIDGET_TYPE, None) is not None:
                data["text/html"] = _words(data)
    return notebook


def _words(data: Mapping[str, str]) -> str:
    found = _PREDICTION.match(data.get("text/plain", ""))
    question = questions().get(found[1]) if found else None
    if question is None:
        return '<p class="handout-control">In the notebook, there are controls here.</p>'
    option = question.options[question.right]
    return (
        '<div class="handout-control"><p>In the notebook, you choose here.</p>'
        f"<details><summary>The right letter</summary><p><b>{escape(question.right)}</b>: "
        f"{escape(option.words)}. {escape(option.answer)}</p></details></div>"
    )
