"""The glossary: words explained by one another, and linked where a reader first meets them."""

from __future__ import annotations

import re

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from hybrid_demo.teaching import data
from hybrid_demo.teaching.data import Term, glossary
from tests.around import NOTEBOOKS, ROOT
from tools.write_glossary import LINKED, PAGE, first_use, linked, page

WORKER = Term(name="worker", means="One.", forms=("worker",))
FUTURE = Term(name="future", means="A promise.", forms=("future", "`Future`"))


def used(source: str, term: Term = WORKER) -> str:
    """Return the text with the first use marked, as »worker«."""
    found = first_use(source, term)
    return (
        source if found is None else f"{source[: found.start()]}»{found[0]}«{source[found.end() :]}"
    )


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ("Two workers, one worker.", "Two »workers«, one worker."),
        ("## The worker\n\nA Worker.", "## The worker\n\nA »Worker«."),
        ("`worker` and worker", "`worker` and »worker«"),
        ("| worker |\n|---|\n\nworker", "| worker |\n|---|\n\n»worker«"),
        ("- **A** one worker\n- a worker", "- **A** one worker\n- a »worker«"),
        ("[a worker](x.md), a worker", "[a worker](x.md), a »worker«"),
        ("<details><summary>A</summary>\n\nworker\n\n</details>", None),
        ("coworkers and worker-side", None),
    ],
)
def test_the_first_use_in_prose_is_found(source: str, marked: str | None) -> None:
    """Not in a heading, code, a table, a vote's option, a link or a folded answer."""
    assert used(source) == (marked or source)


def test_a_piece_of_code_can_be_a_term() -> None:
    """If it is all of that piece."""
    assert used("`asyncio.Future` or `Future`", FUTURE) == "`asyncio.Future` or »`Future`«"


def test_links_are_made_anew_whenever_it_runs() -> None:
    """Twice the same; and a link that is no first use any more is taken back."""
    texts = ["# Do\n\nSome words.", "A worker waits. The worker runs."]
    notebook = new_notebook(cells=[*map(new_markdown_cell, texts), new_code_cell("worker")])
    once = linked(notebook, above="../")
    assert once.cells[1].source.startswith("A [worker](../glossary.md#worker) waits. The worker")
    before = [cell.source for cell in once.cells]
    assert [cell.source for cell in linked(once, above="../").cells] == before
    once.cells[0].source = "# Do\n\nA worker here."
    linked(once)
    assert once.cells[0].source == "# Do\n\nA [worker](glossary.md#worker) here."
    assert not LINKED.search(once.cells[1].source.replace("waits", ""))
    assert once.cells[2].source == "worker"


def test_explanations_are_short_and_refer_to_terms_that_exist() -> None:
    """At most three sentences; the page's own links lead to its own headings."""
    headings = set(re.findall(r"^## (.+)$", page(), re.MULTILINE))
    assert headings == set(glossary())
    for target in re.findall(r"\]\(#([^)]+)\)", page()):
        assert target.replace("-", " ") in headings
    for term in glossary().values():
        sentences = re.findall(r"[.?](?=\s|$)", term.means)
        assert 1 <= len(sentences) <= 3, term.name
        assert "_" not in re.sub(r"`[^`]*`", "", data.REFERENCE.sub("", term.means))


def test_every_term_is_met_in_a_notebook_or_a_picture() -> None:
    """A word that neither uses needs no explanation here."""
    words = ROOT / "hybrid_demo" / "pictures" / "words.toml"
    text = "\n".join(path.read_text(encoding="utf-8") for path in (*NOTEBOOKS, words)).lower()
    for term in glossary().values():
        assert any(form.lower() in text for form in term.forms), term.name


def test_a_reference_to_no_term_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By both words, with the nearest that exists."""
    rows = {"job": {"means": "For a _workr_."}, "worker": {"means": "One."}}
    monkeypatch.setattr(data, "rows_of", lambda name: rows)
    with pytest.raises(ValueError, match=r"'job'.*'workr'; did you mean 'worker'"):
        glossary.__wrapped__()


def test_the_page_is_the_data_files() -> None:
    """Whoever changes a term runs tools.write_glossary."""
    assert PAGE.read_text(encoding="utf-8") == page()
