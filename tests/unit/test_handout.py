"""The handout: what pages are made of executed notebooks, and what the report says of them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from rich.console import Console

from hybrid_demo.rehearsal import report
from hybrid_demo.rehearsal.handout import pages_of, write_pages
from hybrid_demo.rehearsal.running import Failure, Judged, Run
from hybrid_demo.rehearsal.showing import progress
from hybrid_demo.teaching import claims as verdicts
from hybrid_demo.teaching.data import claims
from tests.around import ROOT

WIDGET = "application/vnd.jupyter.widget-view+json"
PNG = b"\x89PNG\r\n\x1a\n"


def markdown(source: str) -> Any:
    """Return a Markdown cell."""
    return new_markdown_cell(source)


def code(source: str, *outputs: Mapping[str, Any], hidden: bool = False) -> Any:
    """Return a code cell with what it showed."""
    shown = [new_output("display_data", data=dict(each)) for each in outputs]
    metadata = {"jupyter": {"source_hidden": True}} if hidden else {}
    return new_code_cell(source, outputs=shown, metadata=metadata)


def run(*cells: Any, path: Path = Path("00-start-here.ipynb"), **different: Any) -> Run:
    """Return a notebook as if it had been run."""
    given: dict[str, Any] = {"took_s": 1.0, "verdicts": (), "failure": None, **different}
    return Run(name=path.stem, path=path, notebook=new_notebook(cells=list(cells)), **given)


def soup_of(*cells: Any, path: Path = Path("00-start-here.ipynb")) -> BeautifulSoup:
    """Return the page of one notebook."""
    pages = pages_of([run(*cells, path=path)])
    return BeautifulSoup(pages[f"{path.stem}.html"], features="html.parser")


def test_a_page_asks_no_server_for_anything() -> None:
    """No script, no style sheet, font or picture from elsewhere, whatever a cell showed."""
    page = soup_of(
        markdown(
            "![a cat](https://example.org/cat.png)\n\n$x^2$ <script src='https://e.org'>1</script>"
        ),
        code(
            "1",
            {"text/html": "<link rel=stylesheet href='//e.org/x.css'><img src='/a.png' alt='a'>"},
        ),
        code("2", {"application/javascript": "fetch('https://example.org')"}),
        code(
            "3", {"text/html": "<iframe src='https://e.org'></iframe><svg><script>1</script></svg>"}
        ),
    )
    assert page.find_all(["script", "link", "iframe", "object", "embed", "base"]) == []
    assert all(str(each["src"]).startswith("data:") for each in page.find_all(src=True))
    assert "a cat" in page.get_text()
    styles = " ".join(each.get_text() for each in page.find_all("style"))
    assert re.findall(r"@import|url\(\s*['\"]?(?!data:|#)[^)]{0,40}", styles) == []


def test_a_page_says_its_language_title_and_origin() -> None:
    """A reader, and a screen reader, know what it is and on what machine it was made."""
    page = soup_of(markdown("# Start `here`: see\n\nWords."))
    assert page.html is not None
    assert page.html["lang"] == "en"
    assert page.title is not None
    assert page.title.get_text().startswith("Start here: see · Async + Multiprocessing")
    foot = page.find(class_="handout-foot")
    assert foot is not None
    assert "running 00-start-here.ipynb" in foot.get_text()
    assert "Python" in foot.get_text()


def test_links_lead_from_page_to_page_or_are_only_words() -> None:
    """Also from the folder beyond and back; outside addresses and anchors stay as they are."""
    first = run(
        markdown(
            "# A\n[one](01-b.ipynb) [part](beyond/07-c.ipynb#part-2) [not here](02-d.ipynb) "
            "[read](../README.md) [out](https://docs.python.org/3/) [here](#A)"
        )
    )
    beyond = run(markdown("[back](../00-start-here.ipynb)"), path=Path("beyond/07-c.ipynb"))
    pages = pages_of([first, run(path=Path("01-b.ipynb")), beyond])
    assert list(pages) == ["00-start-here.html", "01-b.html", "07-c.html", "index.html"]
    assert pages["index.html"] == pages["00-start-here.html"]
    links = BeautifulSoup(pages["index.html"], features="html.parser").find_all("a", href=True)
    assert [link["href"] for link in links] == [
        "01-b.html",
        "07-c.html#part-2",
        "https://docs.python.org/3/",
        "#A",
    ]
    assert 'href="00-start-here.html"' in pages["07-c.html"]


def test_words_lead_to_the_glossary_that_lies_beside_the_notebooks(tmp_path: Path) -> None:
    """Also from the folder beyond; a heading goes by its text with hyphens, as in JupyterLab."""
    (tmp_path / "glossary.md").write_text("# Glossary\n\n## event loop\n\nIt [runs](#event-loop).")
    first = run(
        markdown("An [event loop](glossary.md#event-loop)."), path=tmp_path / "00-start-here.ipynb"
    )
    beyond = run(
        markdown("An [event loop](../glossary.md#event-loop)."),
        path=tmp_path / "beyond" / "07-c.ipynb",
    )
    pages = pages_of([first, beyond])
    assert list(pages) == ["00-start-here.html", "07-c.html", "glossary.html", "index.html"]
    for name in ("00-start-here.html", "07-c.html"):
        assert 'href="glossary.html#event-loop"' in pages[name]
    glossary = BeautifulSoup(pages["glossary.html"], features="html.parser")
    assert [heading.get_text() for heading in glossary.select("#event-loop")] == ["event loop"]
    assert glossary.find(class_="handout-foot") is None  # nothing was run


def test_pictures_are_in_the_page_with_their_words(tmp_path: Path) -> None:
    """Those that cells drew, and those in files beside the notebook."""
    (tmp_path / "a b.png").write_bytes(PNG)
    drawn = '<figure><img src="data:image/png;base64,AA==" alt="six bars"></figure>'
    page = soup_of(
        markdown("![a sketch](a%20b.png)"),
        code("1", {"text/html": drawn, "text/plain": "x"}),
        path=tmp_path / "01-b.ipynb",
    )
    images = page.find_all("img")
    assert [image["alt"] for image in images] == ["a sketch", "six bars"]
    assert str(images[0]["src"]).startswith("data:image/png;base64,iVBOR")


def test_folded_answers_stay_folded() -> None:
    """What the author put between the tags of a fold stays between them."""
    page = soup_of(markdown("<details><summary>Answers</summary>\n\n1. Two\n\n</details>\n\nNext"))
    fold = page.find("details")
    assert fold is not None
    assert "Two" in fold.get_text()
    assert "Next" not in fold.get_text()


def test_hidden_code_is_folded_and_its_outputs_are_not() -> None:
    """A cell whose code the notebook hides shows what it showed."""
    page = soup_of(code("secret = 1", {"text/plain": "the verdict"}, hidden=True), code("open = 2"))
    (fold,) = page.find_all("details", class_="handout-code")
    assert "secret" in fold.get_text()
    for words in ("the verdict", "open"):
        assert words in page.get_text()
        assert words not in fold.get_text()


def test_a_guess_is_replaced_by_the_folded_answer_and_other_controls_by_a_sentence() -> None:
    """Nobody can click on a page; the right letter is behind a fold."""
    page = soup_of(
        code("p", {WIDGET: {"model_id": "1"}, "text/plain": "<Prediction '5-worst-wait': choose>"}),
        code("e", {WIDGET: {"model_id": "2"}, "text/plain": "VBox()"}),
        code("old", {WIDGET: {"model_id": "3"}, "text/plain": "<Prediction 'gone': choose>"}),
    )
    guess, other, old = page.find_all(class_="handout-control")
    assert guess.p is not None
    assert guess.p.get_text() == "In the notebook, you choose here."
    assert guess.details is not None
    assert "C: as long as all six" in guess.details.get_text()
    assert other.get_text() == old.get_text() == "In the notebook, there are controls here."
    assert "model_id" not in str(page)


def test_the_run_itself_is_not_changed_by_the_page() -> None:
    """The pages are made of a copy."""
    one = run(code("p", {WIDGET: {}, "text/plain": "x"}))
    before = str(one.notebook)
    pages_of([one])
    assert str(one.notebook) == before


def test_pages_are_written_all_and_leave_other_files_alone(tmp_path: Path) -> None:
    """Into a folder that is new, or has something in it."""
    folder = tmp_path / "deep" / "handout"
    write_pages({"a.html": "1", "index.html": "1"}, folder)
    (folder / "own.txt").write_text("mine")
    write_pages({"a.html": "2"}, folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {
        "a.html": "2",
        "index.html": "1",
        "own.txt": "mine",
    }


def test_pages_that_cannot_all_be_written_are_not_written_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves what was there, and no new folder."""
    there = tmp_path / "there"
    write_pages({"a.html": "old"}, there)
    real = Path.write_text

    def write(self: Path, *given: Any, **named: Any) -> int:
        if "b.html" in self.name:
            raise OSError(28, "No space left on device")
        return real(self, *given, **named)

    monkeypatch.setattr(Path, "write_text", write)
    for folder in (there, tmp_path / "new" / "folder"):
        with pytest.raises(OSError, match="No space left"):
            write_pages({"a.html": "new", "b.html": "new"}, folder)
    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert [path.read_text() for path in there.iterdir()] == ["old"]


def judged(key: str, status: str, **different: str) -> Judged:
    """Return a verdict."""
    given = {"figures": "1 < 2", "reason": "", "notebook": "03-gather-dispatch", **different}
    return Judged(key=key, status=status, **given)


def reported(*runs: Run, complete: bool = False) -> str:
    """Return what is printed of runs."""
    console = Console(file=io.StringIO(), width=120)
    report.report(console, runs, claims(), complete=complete)
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


def test_the_ledger_is_printed_by_slide_with_words_verdict_and_figures() -> None:
    """Whatever the order of the notebooks; a corrected sentence with what is true instead."""
    path = Path("03-gather-dispatch.ipynb")
    given = (judged("5.5", "held", figures="5 ms [red]< 9 ms"), judged("2.1", "held"))
    told = reported(run(path=path, verdicts=given))
    lines = [" ".join(line.split()) for line in told.splitlines()]
    keys = [line.split()[0] for line in lines if re.match(r"(slide )?\d", line)]
    assert keys[:4] == ["slide", "2.1", "slide", "5.5"]
    assert "✓ true here" in told
    assert "5 ms [red]< 9 ms" in told
    assert "More exactly:" in told
    assert lines[-1] == "2 claims true here."


def test_what_does_not_show_is_told_with_its_reason_once() -> None:
    """Claims with one reason share a line; what nobody judged is named with who owes it."""
    path = Path("03-gather-dispatch.ipynb")
    given = (
        judged("5.1", "held"),
        judged("5.2", "not showable here", reason="It takes 2 CPUs."),
        judged("5.3", "not showable here", reason="It takes 2 CPUs."),
        judged("5.4", "did not hold", reason="Say why."),
    )
    told = reported(run(path=path, verdicts=given))
    assert "- 5.2, 5.3 (03-gather-dispatch) It takes 2 CPUs." in told
    assert "- 5.4 (03-gather-dispatch): Four workers run the first four requests" in told
    assert "- 5.5 (03-gather-dispatch: no cell claims them)" in told
    assert "00-start-here" not in told
    assert "1 claim true here, 1 claim not true here, 2 claims cannot be shown here." in told
    assert "2.7 (00-start-here: there is no such notebook here)" in reported(complete=True)


def test_a_notebook_that_stopped_is_told_with_cell_and_last_line() -> None:
    """And how many cells were not run."""
    failure = Failure(cell="gather-setup", line="NameError: name 'x' is not defined", not_run=11)
    told = reported(run(path=Path("03-gather-dispatch.ipynb"), failure=failure))
    assert "03-gather-dispatch, cell gather-setup: NameError: name 'x' is not defined" in told
    assert "(11 cells after it not run)" in told
    assert "it stopped before them" in told
    assert "1 notebook stopped" in told


def test_all_is_well_if_all_ran_and_nothing_failed_to_hold() -> None:
    """What cannot be shown on a machine is no failure."""
    for status, well in (("held", True), ("not showable here", True), ("did not hold", False)):
        assert report.is_well([run(verdicts=(judged("5.1", status),))]) is well
    assert not report.is_well([run(failure=Failure(cell="a", line="b", not_run=0))])


def test_verdicts_are_told_in_the_notebooks_words() -> None:
    """The same signs and words in the terminal as under a cell."""
    assert {status: shown[:2] for status, shown in report.SHOWN.items()} == {
        status: shown[:2] for status, shown in verdicts._SHOWN.items()
    }


@pytest.mark.parametrize("terminal", [True, False])
def test_progress_names_notebook_and_cells(terminal: bool) -> None:
    """As a bar in a terminal, as lines elsewhere; where it stopped is said."""
    console = Console(file=io.StringIO(), width=120, force_terminal=terminal)
    failure = Failure(cell="second", line="E", not_run=1)
    with progress(console) as watcher:
        for end in (None, failure):
            watcher.begins("1/1 00-start-here", 3)
            for cell in ("first", "second", "third"):
                watcher.at(cell)
            watcher.ends(run(failure=end))
    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert "00-start-here" in told
    assert "stopped at second" in told
    assert ("3/3" in told) is terminal
    assert ("\x1b" in told) is terminal


def test_the_workflow_publishes_what_the_command_writes() -> None:
    """The same command as an instructor's, with no more rights than publishing needs."""
    workflow = (ROOT / ".github" / "workflows" / "handout.yml").read_text(encoding="utf-8")
    assert "-m hybrid_demo rehearse --html handout\n" in workflow
    assert "path: handout\n" in workflow
    assert re.findall(r"(\S+): write", workflow) == ["pages", "id-token"]
