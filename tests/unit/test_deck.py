"""Slides of executed notebooks: what a hall reads, in which order, and what the speaker has."""

from __future__ import annotations

import base64
import re
import struct
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from hybrid_demo.__main__ import main
from hybrid_demo.presenting import reveal
from hybrid_demo.presenting.page import WIDTH, code_size, page_of
from hybrid_demo.presenting.reading import first_sentence, parts_of
from hybrid_demo.presenting.sheets import MOST_BELOW, Sheet, notes_on, sheets_of
from hybrid_demo.rehearsal.running import Run
from hybrid_demo.teaching.data import questions
from tests.around import ROOT
from tools.normalise_notebooks import slides

WIDGET = "application/vnd.jupyter.widget-view+json"
VOTE = """**Predict.** How long?

- **A** hardly at all: it is asynchronous
- **B** for ever

Run the next cell, click a letter, and only then go on."""


def picture(width: int = 2000, height: int = 800) -> dict[str, str]:
    """Return what a picture shows itself as: a PNG of which only the head is real."""
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height)
    data = base64.b64encode(head + bytes(20)).decode("ascii")
    return {"text/html": f'<figure><img src="data:image/png;base64,{data}" alt="bars"></figure>'}


def markdown(source: str, kind: str = "slide") -> Any:
    """Return a Markdown cell of a slide type."""
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind}})


def code(source: str, *shown: dict[str, Any] | str, kind: str = "subslide", **more: Any) -> Any:
    """Return a code cell with what it printed (text) or displayed (MIME bundles)."""
    outputs = [
        new_output("stream", text=each)
        if isinstance(each, str)
        else new_output("display_data", data=each)
        for each in shown
    ]
    metadata = {"slideshow": {"slide_type": kind}, **more}
    return new_code_cell(source, outputs=outputs, metadata=metadata)


def sheets(*cells: Any) -> list[Sheet]:
    """Return the slides of a notebook of these cells."""
    return sheets_of(new_notebook(cells=list(cells)))


def told(sheet: Sheet) -> str:
    """Return what a slide shows at once: its Markdown and code, and [what code showed]."""
    return "\n".join(cell.source or f"[{cell.metadata.tags[0]}]" for cell in sheet.cells)


def later(sheet: Sheet) -> list[str]:
    """Return what a slide shows key by key."""
    return [cell.source or f"[{cell.metadata.tags[0]}]" for cell in sheet.fragments]


def page(*cells: Any) -> BeautifulSoup:
    """Return the deck of a notebook of these cells."""
    notebook = new_notebook(cells=list(cells))
    path = Path("03-gather.ipynb")
    run = Run(name="x", path=path, notebook=notebook, took_s=1.0, verdicts=(), failure=None)
    return BeautifulSoup(page_of([run]), features="html.parser")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One thread. It waits.", "One thread."),
        ("Slide 3 has it: `await f(x)`. Take it apart.", "Slide 3 has it: `await f(x)`."),
        ("Is it done? (No.)", "Is it done?"),
        ("*This* is it. `f` too.", "*This* is it."),
        ("no end", "no end"),
        ("About 0.5 of it, e.g. half. Yes.", "About 0.5 of it, e.g. half."),
        ("Two\nlines. And more.", "Two lines."),
    ],
)
def test_a_paragraph_is_told_by_its_first_sentence(text: str, first: str) -> None:
    """Code, figures and abbreviations do not end one."""
    assert first_sentence(text) == first


def test_the_whole_text_is_the_speakers() -> None:
    """Whatever a slide leaves out stands in its notes, folded answers as well."""
    text = (
        "**What you see.** A cliff. It is high.\n\nMore.\n\n## Next thing\n\nWhy? Because.\n\n"
        "<details><summary>Answers</summary>\n\n1. One.\n\n2. Two.\n\n</details>"
    )
    back, on = parts_of(text)
    assert back.captions == ["**What you see.** A cliff.", "More."]
    assert (on.heading, on.leads) == ("## Next thing", ["Why?"])
    assert back.notes == ["**What you see.** A cliff. It is high.", "More."]
    assert on.notes[0] == "Why? Because."
    assert "1. One.\n\n2. Two." in on.notes[1]
    assert "details" not in on.notes[1]


def test_recall_has_a_slide_of_its_own_without_the_answers() -> None:
    """The hall answers first."""
    text = (
        "## Take away\n\n- **Loop**: it waits.\n\n**Recall.** Without looking:\n1. Which?\n2. Why?"
        "\n\n<details><summary>Answers</summary>\n\n1. This.\n\n</details>"
    )
    takeaway, recall = sheets(markdown(text))
    assert told(takeaway) == "## Take away\n\n- **Loop**: it waits."
    assert told(recall) == "## Recall\n\nWithout looking:\n\n1. Which?\n2. Why?"
    assert "1. This." in "".join(recall.notes)


def test_the_vote_stands_before_the_run_and_its_answer_after() -> None:
    """Question and letters alone on a slide; the control for the guess on none."""
    asking = code('guess = predict("5-worst-wait")', {WIDGET: {}, "text/plain": "<P>"}, kind="skip")
    vote, run, shown = sheets(
        markdown(VOTE), asking, markdown("Now run.", "subslide"), code("run()", picture())
    )
    assert told(vote) == VOTE.rpartition("\n\n")[0]
    assert told(run) == "Now run.\nrun()"
    assert told(shown) == "[picture]"


def test_a_vote_about_code_stands_between_the_code_and_what_it_showed() -> None:
    """Also where it printed two words that would have fitted beside the code."""
    program, vote, shown = sheets(markdown(f"## 1. Do\n\n{VOTE}"), code("run()", "42\n"))
    assert told(program) == "## 1. Do\nrun()"
    assert told(vote).startswith("**Predict.**")
    assert (told(shown), later(program)) == ("[printed]", [])


def test_a_cell_that_asks_shows_what_it_printed_before_the_vote() -> None:
    """It is not the answer; the control for the guess, and the line that makes it, are left out."""
    asking = code('print(1)\n\nguess = predict("5-worst-wait")', "1\n", {WIDGET: {}})
    program, vote = sheets(markdown(f"## 1. Do\n\n{VOTE}"), asking)
    assert (told(program), later(program)) == ("## 1. Do\nprint(1)", ["[printed]"])
    assert told(vote).startswith("**Predict.**")
    assert any(note.startswith("**Right: C**") for note in vote.notes)


def test_words_look_back_at_a_picture_past_what_was_printed_after_it() -> None:
    """A cell may show a picture and then verdicts: in this order, with the words at the picture."""
    verdict = {"text/html": "<div>true here</div>"}
    shown = sheets(
        code("draw()", picture(), verdict), markdown("**What you see.** A cliff.", "subslide")
    )
    assert [told(each) for each in shown] == ["draw()", "[picture]", "[printed]"]
    assert [later(each) for each in shown] == [[], ["**What you see.** A cliff."], []]


def test_the_target_of_an_explorer_stands_above_its_code() -> None:
    """Whether or not a heading stands above it; it is nothing that was seen."""
    text = "**Why.** It waits.\n\n**Your target.** No wait. Why?"
    explored = sheets(code("draw()", picture()), markdown(text, "subslide"), code("explore(f)"))
    assert later(explored[1]) == ["**Why.** It waits."]
    assert told(explored[2]) == "**Your target.** No wait.\nexplore(f)"


def test_the_speaker_knows_who_believes_what() -> None:
    """At a vote, the notes have the right letter, and the belief behind each of the others."""
    asking = code('guess = predict("5-worst-wait")', kind="skip")
    (vote,) = sheets(markdown(VOTE), asking)
    question = questions()["5-worst-wait"]
    (known,) = (note for note in vote.notes if note.startswith("**Right: C**"))
    assert known == notes_on(question)
    for option in question.options.values():
        assert option.belief in known
        assert option.answer in known


def test_what_was_seen_is_said_below_the_picture_key_by_key() -> None:
    """At most two sentences, or the picture would be too small; more beside a tall one."""
    text = "\n\n".join(f"**What {word}.** A {word}. More." for word in ("one", "two", "three"))
    wide, tall = (
        sheets(code("draw()", picture(2000, height)), markdown(text, "subslide"))[1]
        for height in (800, 1600)
    )
    assert later(wide) == ["**What one.** A one.", "**What two.** A two."]
    assert len(later(wide)) == MOST_BELOW
    assert len(later(tall)) == 3
    assert "A three. More." in "".join(wide.notes)


def test_printed_lines_come_at_a_key_where_they_fit() -> None:
    """Below short code; else on the next slide."""
    (short,) = sheets(code("print(1)", "1\n"))
    assert (told(short), later(short)) == ("print(1)", ["[printed]"])
    program, printed = sheets(code("\n".join(["print(1)"] * 12), "1\n" * 12))
    assert (later(program), told(printed)) == ([], "[printed]")


def test_a_cell_left_out_takes_its_introduction_along() -> None:
    """What leads to code that nobody sees is for the speaker; no sentence hangs in the air."""
    title = markdown("# Do it\n\n`core`")
    intro = markdown("## Count\n\nHere are the runs.", "slide")
    first, run = sheets(title, code("import x", kind="skip"), code("run()"), intro)[:2]
    assert told(first) == "# Do it\n\n`core`"
    assert told(run) == "run()"
    hidden = code("secret()", kind="subslide", jupyter={"source_hidden": True})
    assert [told(each) for each in sheets(title, intro, hidden)] == ["# Do it\n\n`core`"]


def test_sections_stand_side_by_side_and_their_slides_below() -> None:
    """So that the overview shows the lecture's structure."""
    made = sheets(markdown("# A\n\nWords."), markdown("## B\n\nWords."), code("1"), code("2"))
    assert [each.begins_section for each in made] == [True, True, False]
    stacks = page(markdown("# A\n\nWords."), markdown("## B\n\nWords."), code("1"), code("2"))
    assert [
        len(each.select(":scope > section")) for each in stacks.select(".slides > section")
    ] == [
        1,
        2,
    ]


def test_a_page_asks_no_server_for_anything() -> None:
    """reveal.js, styles and pictures are within; nothing that a cell showed fetches."""
    found = page(
        markdown("# A\n\n![a cat](https://example.org/cat.png) words"),
        code("1", {"text/html": "<script src='https://e.org/x.js'></script><b>2</b>"}),
    )
    assert found.find_all(["link", "iframe", "object"]) == []
    assert found.find_all(src=re.compile("^(?!data:)")) == []
    assert all(not script.get("src") for script in found.find_all("script"))
    assert "https://e.org" not in str(found)
    styles = " ".join(each.get_text() for each in found.find_all("style"))
    assert re.findall(r"@import|url\(\s*['\"]?(?!data:|#)[^)]{0,40}", styles) == []


def test_a_slide_has_notes_that_are_not_on_it() -> None:
    """reveal.js takes them from an aside at the slide's end, outside of what appears by key."""
    found = page(markdown("# A\n\nWords. More words."), code("print(1)", "1\n"))
    for slide in found.select("section section"):
        notes = slide.find_all("aside", class_="notes", recursive=False)
        assert len(slide.find_all("aside")) == len(notes) <= 1
    assert "More words." in found.select("aside.notes")[0].get_text()
    assert "Made on" in found.select("aside.notes")[0].get_text()


def test_code_is_as_large_as_its_lines_allow() -> None:
    """A line as long as a cell may have still fits the slide's width."""
    for text in ("x", "x" * 60, "x" * 100, "x\n" * 14 + "x" * 100):
        size = code_size(text)
        assert 18 <= size <= 30
        assert size * 0.602 * max(map(len, text.split("\n"))) < WIDTH - 72 - 30
    assert code_size("x") > code_size("x" * 80) > code_size("x" * 100)


def test_every_cell_of_the_core_notebooks_has_a_slide_type() -> None:
    """A deck of the stored notebooks has each of their live cells, in their order."""
    for name in slides():
        notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        live = [
            cell
            for cell in notebook.cells
            if cell.cell_type == "code" and cell.metadata.slideshow.slide_type != "skip"
        ]
        shown = [
            cell.source
            for sheet in sheets_of(notebook)
            for cell in sheet.cells
            if cell.metadata.tags == ["code"]
        ]
        assert len(shown) == len(live)
        for cell, source in zip(live, shown, strict=True):
            assert cell.source.startswith(source)


def test_without_revealjs_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Before any notebook is run, and with nothing written."""
    monkeypatch.setattr(reveal, "find_spec", lambda name: None)
    assert main(["deck", "03", "--out", str(tmp_path / "deck")]) == 2
    assert "pip install -r docs/requirements.txt" in capsys.readouterr().err
    assert not (tmp_path / "deck").exists()
