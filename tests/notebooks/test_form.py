"""The notebooks' house rules: short cells, plain prose, no answer given away."""

from __future__ import annotations

import ast
import itertools
import re
import statistics
import subprocess
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

from hybrid_demo.teaching.data import claims, questions
from tests.around import notebook_name
from tools.normalise_notebooks import slides
from tools.write_glossary import written

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted(path for path in (ROOT / "notebooks").rglob("*.ipynb") if path.parent.name[0] != ".")
# The lecture's own figures; every other number with a unit would be a measurement.
NOMINAL = {"10 ms", "200 ms"}
MEASURED = re.compile(r"\d[\d.,]*\s?(?:(?:ms|s|seconds?|milliseconds?|percent|MB|times)\b|%)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
OPTION = re.compile(r"^- \*\*([A-Z])\*\* (.+)$", re.MULTILINE)
FOLDED = re.compile(r"^<details><summary>Answers</summary>\n\n(.+?)\n\n</details>$", re.M | re.S)
STEP = re.compile(r"^\d\. ", re.MULTILINE)
POOLS = {"open_pool", "ProcessPoolExecutor", "ThreadPoolExecutor"}
EXPLORED = {"01", "02", "03", "04", "05", "06", "08"}
# Set on a cell whose subject is what a pool costs that is made while the clock runs.
COLD = "cold-pool"

each_notebook = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path: Path) -> NotebookNode:
    """Return the notebook.

    A cell without an id, or with that of another, is for one test to tell, not for all of them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", nbformat.warnings.MissingIDFieldWarning)
        warnings.simplefilter("ignore", nbformat.warnings.DuplicateCellId)
        return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[NotebookNode]:
    """Return the code cells in their order."""
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def prose(path: Path) -> str:
    """Return all Markdown."""
    return "\n\n".join(c.source for c in read(path).cells if c.cell_type == "markdown")


def plain(text: str) -> str:
    """Return a text as it is read, without the addresses that its words lead to."""
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)


def parsed(cell: NotebookNode) -> ast.Module:
    """Return a cell's Python; of a `%%writefile` cell, that of the file."""
    return ast.parse(re.sub(r"\A%%writefile .+$", "", cell.source, flags=re.MULTILINE))


def calls(cells: list[NotebookNode], *names: str) -> Iterator[ast.Call]:
    """Yield every call of the named functions."""
    for cell in cells:
        for node in ast.walk(parsed(cell)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names:
                yield node


def keys(cells: list[NotebookNode], name: str) -> list[str]:
    """Return the first argument of every call of the named function."""
    return [ast.literal_eval(call.args[0]) for call in calls(cells, name)]


def is_exploring(cell: NotebookNode) -> bool:
    """Whether the cell makes an explorer."""
    return cell.cell_type == "code" and any(calls([cell], "explore"))


def is_shown(cell: NotebookNode) -> bool:
    """Whether a reader sees the cell's code without opening it."""
    return not cell.metadata.get("jupyter", {}).get("source_hidden", False)


def lines(cell: NotebookNode) -> int:
    """Return the number of lines that are not blank."""
    return sum(bool(line.strip()) for line in cell.source.splitlines())


def test_there_are_notebooks() -> None:
    """The suite begins with 00, and every notebook's number is its own."""
    assert PATHS[0].stem == "00-start-here"
    numbers = [path.stem[:2] for path in PATHS]
    assert len(set(numbers)) == len(numbers)


def test_every_notebook_is_in_its_stored_form() -> None:
    """No outputs, no counts, stable ids, one kernel: what the tool would leave."""
    command = [sys.executable, "-m", "tools.normalise_notebooks", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run python -m tools\n{done.stdout}{done.stderr}"


@each_notebook
def test_ids_are_words(path: Path) -> None:
    """A cell's id is a name somebody gave it, so that it stays when the cell is moved."""
    unnamed = {
        cell.id: cell.source.partition("\n")[0]
        for cell in read(path).cells
        if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", cell.id)
    }
    assert not unnamed, (
        f"{path.name}: give each of these cells an id of two words or more with hyphens, such as "
        f"gather-setup, in the file itself (JupyterLab makes random ones): {unnamed}"
    )


@each_notebook
def test_it_opens_with_title_badge_minutes_and_slides(path: Path) -> None:
    """The first cell says what it is for whom, how long, and what is needed."""
    first = read(path).cells[0].source
    title = r"# \w[^\n]+\n\n`(core|home|beyond)` · \d+ minutes · [^\n]*(slide|lecture)"
    assert re.match(title, first), (
        f"{path.name} has to open with '# Title', a blank line, and "
        "'`core` (or home, beyond) · 8 minutes · slide 5', or what of the lecture it is about"
    )
    for part in ("**You will**", "**You will learn**", "**You need**"):
        assert f"- {part} " in first, f"{path.name}: no line in the first cell begins '- {part} '"


@each_notebook
def test_it_closes_with_takeaways_recall_and_what_next(path: Path) -> None:
    """The last cell ties the takeaways to a layer, asks, and leads on."""
    last = plain(read(path).cells[-1].source)
    for part in ("## Take away", "(layer ", "**Recall.**", "**What next.**"):
        assert part in last, f"{path.name}: no {part!r} in the last cell"
    ways = r"^Previous: .+ · .*Contents.* · Next: .+$"
    assert re.search(ways, last, re.MULTILINE), (
        f"{path.name}: no 'Previous: … · Contents · Next: …'"
    )


@each_notebook
def test_every_recall_question_has_a_folded_answer(path: Path) -> None:
    """Whoever tried may look: one answer for each question, out of sight until it is asked for."""
    _, asks, recall = read(path).cells[-1].source.partition("**Recall.**")
    assert asks, f"{path.name}: no '**Recall.**' in the last cell"
    folded = "".join(FOLDED.findall(recall))
    asked, answered = len(STEP.findall(FOLDED.sub("", recall))), len(STEP.findall(folded))
    assert asked == answered > 1, (
        f"{path.name} recalls {asked} numbered questions and has {answered} numbered answers, in "
        "<details><summary>Answers</summary>; expected two or more, and one answer each"
    )


@each_notebook
def test_its_first_code_says_what_machine_this_is(path: Path) -> None:
    """Imports and the environment line come first."""
    first = code_cells(path)[0].source
    assert "from hybrid_demo import" in first
    assert "print(describe_machine())" in first


@each_notebook
def test_a_core_notebook_is_short(path: Path) -> None:
    """At most 14 code cells, 2 predictions, 3 claims in sight, 3 pools.

    An explorer's own pool does not count: it is made when somebody presses Run.
    """
    if "`core`" not in read(path).cells[0].source:
        pytest.skip("not a core notebook")
    cells = code_cells(path)
    run = [cell for cell in cells if not list(calls([cell], "explore"))]
    counts = {
        "code cells": (len(cells), 14),
        "predictions": (len(keys(cells, "predict")), 2),
        "claims in sight": (len(keys([cell for cell in cells if is_shown(cell)], "claim")), 3),
        "pools": (len(list(calls(run, *POOLS))), 3),
    }
    over = [
        f"{count} {what}, at most {most}" for what, (count, most) in counts.items() if count > most
    ]
    assert not over, (
        f"{path.name} is full: {'; '.join(over)}. Put what is new into notebooks/beyond/, or take "
        "something out"
    )


@each_notebook
def test_an_explorer_has_a_target_with_a_folded_answer(path: Path) -> None:
    """One in each lesson, and for the service: a goal above the controls, and its answer."""
    cells = read(path).cells
    exploring = [at for at, cell in enumerate(cells) if is_exploring(cell)]
    assert len(exploring) <= 1
    if path.stem[:2] in EXPLORED:
        assert exploring, "no explorer"
    for at in exploring:
        (call,) = calls([cells[at]], "explore")
        assert [keyword.arg for keyword in call.keywords] == ["goal"]
        assert "**Your target.**" in cells[at - 1].source
        assert len(FOLDED.findall(cells[at - 1].source)) == 1


@each_notebook
def test_a_code_cell_holds_one_idea(path: Path) -> None:
    """15 lines at most, and no line runs out of the window.

    The median is 5; in a core notebook, which must do with few cells, 11.
    """
    cells = code_cells(path)
    median = 11 if "`core`" in read(path).cells[0].source else 5
    long = [cell.id for cell in cells if len(cell.source.splitlines()) > 15]
    wide = [c.id for c in cells if any(len(line) > 100 for line in c.source.splitlines())]
    assert not long, f"cells of more than 15 lines: {long}"
    assert not wide, f"cells with a line of more than 100 characters: {wide}"
    lengths = {cell.id: lines(cell) for cell in cells}
    found = statistics.median(lengths.values())
    longest = sorted(lengths, key=lengths.__getitem__, reverse=True)[:5]
    assert found <= median, (
        f"{path.name}: half of the code cells have {found:g} lines or more, expected {median}; the "
        f"longest are {longest}"
    )


@each_notebook
def test_prose_and_code_keep_a_balance(path: Path) -> None:
    """50 to 110 words a code cell; headings, tables and folded answers are not read as prose."""
    text = re.sub(r"^[|#].*$", "", FOLDED.sub("", plain(prose(path))), flags=re.MULTILINE)
    words = len(re.findall(r"\w[\w'-]*", text))
    each = words / len(code_cells(path))
    assert 50 <= each <= 110, f"{path.name} has {each:.0f} words a code cell; expected 50 to 110"


@each_notebook
def test_no_measurement_is_typed_in_prose(path: Path) -> None:
    """A figure that a machine gives is printed by its cell, never written beside it."""
    text = re.sub(r"`[^`]*`", "", prose(path))
    typed = set(MEASURED.findall(text)) - NOMINAL
    assert not typed, f"{path.name}: let a cell print {sorted(typed)}, and take it out of the prose"


@each_notebook
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link is a file of the repository: what is not written yet has none."""
    for target in LINK.findall(prose(path)):
        assert (path.parent / target).is_file(), f"{path.name} links {target}, which is no file"


@each_notebook
def test_a_picture_of_pools_is_made_of_warm_ones(path: Path) -> None:
    """A process pool is opened before the watch that times it, never inside.

    Unless the cell says that a cold pool is what it shows.
    """
    for cell in code_cells(path):
        if COLD in cell.metadata.get("tags", []):
            continue
        for node in ast.walk(parsed(cell)):
            opened = [
                item.context_expr.func.id
                for item in getattr(node, "items", [])
                if isinstance(item.context_expr, ast.Call)
                and isinstance(item.context_expr.func, ast.Name)
            ]
            if "watch" in opened:
                assert not {n.func.id for n in calls_in(node)} & POOLS, (
                    f"{cell.id}: open the pool before the watch, or give the cell the tag {COLD}"
                )


def calls_in(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls of plain names inside a `with` block's body."""
    for statement in getattr(node, "body", []):
        for each in ast.walk(statement):
            if isinstance(each, ast.Call) and isinstance(each.func, ast.Name):
                yield each


@each_notebook
def test_a_prediction_offers_what_the_prose_offers(path: Path) -> None:
    """Letters and words of the options above a control are those of the data file."""
    cells = read(path).cells
    for before, cell in itertools.pairwise(cells):
        for key in keys([cell], "predict") if cell.cell_type == "code" else []:
            assert key in questions(), f"no row in teaching/misconceptions.toml: {key}"
            offered = dict(OPTION.findall(before.source))
            options = questions()[key].options
            assert list(offered) == list(options), (
                f"letters of {key}, in {before.id} and in the row"
            )
            for letter, option in options.items():
                assert offered[letter].startswith(option.words), (
                    f"{key}, {letter}: {before.id} offers {offered[letter]!r}, which does not "
                    f"begin with the row's words {option.words!r}"
                )


@each_notebook
def test_a_guess_is_drawn(path: Path) -> None:
    """Every prediction is handed to a picture, or to the mistake whose outcome it guesses."""
    cells = code_cells(path)
    given = [k for call in calls(cells, "timeline", "compare", "mistake") for k in call.keywords]
    drawn, made = len([k for k in given if k.arg == "guess"]), keys(cells, "predict")
    assert drawn == len(made), (
        f"{path.name} makes the predictions {made}, and hands {drawn} on: give each as guess= to "
        "timeline, compare or mistake"
    )


def test_the_lecture_has_thirty_live_cells_at_most() -> None:
    """What is run before the hall fits into fifty minutes, and the table names real cells only."""
    live = 0
    for name, plan in slides().items():
        cells = {cell.id: cell for cell in read(ROOT / "notebooks" / f"{name}.ipynb").cells}
        assert set(plan) == {"live", "home"}
        gone = {*plan["live"], *plan["home"]} - set(cells)
        assert not gone, f"tools/slides.toml names cells that {name} does not have: {gone}"
        assert {cells[each].cell_type for each in plan["live"]} == {"code"}
        assert {cells[each].cell_type for each in plan["home"]} == {"markdown"}
        told = {key: cell.metadata.get("slideshow", {}) for key, cell in cells.items()}
        shown = {key for key, slide in told.items() if slide.get("slide_type") != "skip"}
        ran = {key for key in shown if cells[key].cell_type == "code"}
        assert ran == set(plan["live"]), f"{name} and tools/slides.toml: run python -m tools"
        live += len(plan["live"])
    core = {path.stem for path in PATHS if "`core`" in read(path).cells[0].source}
    assert set(slides()) == core, "tools/slides.toml has one entry for each core notebook"
    assert live <= 30, f"tools/slides.toml has {live} live cells; the lecture has time for 30"


def test_the_first_use_of_every_term_leads_to_the_glossary() -> None:
    """And no later one does; the glossary says what the data file says."""
    assert [path.name for path, text in written() if path.read_text("utf-8") != text] == [], (
        "run python -m tools"
    )


def test_every_notebook_is_in_the_contents_and_between_its_neighbours() -> None:
    """00 links each other one, and whoever reads on or back meets them all, in their order."""
    contents = prose(PATHS[0])
    for path in PATHS[1:]:
        link = f"({path.relative_to(PATHS[0].parent).as_posix()})"
        assert link in contents, f"no row in the contents of {PATHS[0].name}: {link}"
    ordered = sorted(PATHS, key=lambda path: path.stem)
    for before, after in itertools.pairwise(ordered):
        onward = read(before).cells[-1].source.rsplit("Next: ", 1)[-1]
        back = read(after).cells[-1].source.rsplit("Previous: ", 1)[-1].partition(" · ")[0]
        assert f"{after.name})" in onward, f"{before.name} ends without 'Next: ' to {after.name}"
        assert f"{before.name})" in back, f"{after.name} ends without 'Previous: ' to {before.name}"


def test_every_prediction_is_made() -> None:
    """No prediction of the data file is left unasked."""
    asked = [key for path in PATHS for key in keys(code_cells(path), "predict")]
    assert_once_each(asked, questions(), call="predict()", file="teaching/misconceptions.toml")


def test_every_claim_is_run_by_the_notebook_that_the_ledger_names() -> None:
    """Each row is judged once, in its own notebook, and nothing else is claimed."""
    run = [(key, notebook_name(path)) for path in PATHS for key in keys(code_cells(path), "claim")]
    rows = [(key, row.notebook) for key, row in claims().items()]
    assert_once_each(run, rows, call="claim()", file="teaching/claims.toml")


def assert_once_each(called: list[Any], rows: Iterable[Any], *, call: str, file: str) -> None:
    """Fail with what is missing where, if not each row has one call, and each call a row."""
    wrong = {
        f"rows of {file} with no {call} in a notebook": {*rows} - {*called},
        f"{call} with no row in {file}": {*called} - {*rows},
        f"more than one {call}": {each for each in called if called.count(each) > 1},
    }
    told = [f"{words}: {sorted(found)}" for words, found in wrong.items() if found]
    assert not told, "; ".join(told)
