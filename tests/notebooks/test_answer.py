"""A guess is answered where it was drawn, in a real kernel."""

from __future__ import annotations

from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

MAKE = """
from hybrid_demo import predict, timeline
from hybrid_demo.recording import Hold, Recording

hold = Hold(name="handle_request 0", start_s=0.1, stop_s=0.3, cause="computing")
blocked = Recording(label="on the event loop", duration_s=0.4, cpus=2, holds=(hold,))
guess = predict("5-worst-wait")
"""
DRAW = "print('drawn')\ntimeline(blocked, guess=guess)"


def shown(cell: NotebookNode) -> list[tuple[str, str]]:
    """Return the kinds of a cell's outputs, in their order, and the first words of each."""
    return [
        (each.output_type, (each.get("text") or each.data["text/plain"])[:12])
        for each in cell.outputs
    ]


def test_the_answer_stands_below_the_picture_once_and_only_if_there_is_a_guess() -> None:
    """No guess, no answer; with one, each run of the cell shows picture and answer, in this order.

    Another cell shows neither.
    """
    sources = [MAKE, DRAW, "guess.choice = 'A'", DRAW, "blocked.label", DRAW]
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    # On a busy machine a kernel may send what one print wrote in two pieces.
    NotebookClient(notebook, timeout=100, coalesce_streams=True).execute()
    _, without, _, first, other, again = [shown(cell) for cell in notebook.cells]
    assert [kind for kind, _ in without] == ["stream", "execute_result"]
    for drawn in (first, again):
        assert [kind for kind, _ in drawn] == ["stream", "execute_result", "display_data"]
        assert drawn[-1][1] == "You chose A:"
    assert [kind for kind, _ in other] == ["execute_result"]
