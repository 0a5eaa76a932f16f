"""The notebooks' house rules: short cells, plain prose, no answer given away."""

from __future__ import annotations

import ast
import itertools
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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
    """Return the notebook."""
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
    ids = [cell.id for cell in read(path).cells]
    assert all(re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", each) for each in ids), ids


@each_notebook
def test_it_opens_with_title_badge_minutes_and_slides(path: Path) -> None:
    """The first cell says what it is for whom, how long, and what is needed."""
    first = read(path).cells[0].source
    title = r"# \w[^\n]+\n\n`(core|home|beyond)` · \d+ minutes · [^\n]*(slide|lecture)"
    assert re.match(title, first)
    for part in ("**You will**", "**You will learn**", "**You need**"):
        assert f"- {part} " in first


@each_notebook
def test_it_closes_with_takeaways_recall_and_what_next(path: Path) -> None:
    """The last cell ties the takeaways to a layer, asks, and leads on."""
    last = plain(read(path).cells[-1].source)
    for part in ("## Take away", "(layer ", "**Recall.**", "**What next.**"):
        assert part in last
    assert re.search(r"^Previous: .+ · .*Contents.* · Next: .+$", last, re.MULTILINE)


@each_notebook
def test_every_recall_question_has_a_folded_answer(path: Path) -> None:
    """Whoever tried may look: one answer for each question, out of sight until it is asked for."""
    _, recall = read(path).cells[-1].source.split("**Recall.**")
    (answers,) = FOLDED.findall(recall)
    questions_asked = FOLDED.sub("", recall)
    assert len(STEP.findall(questions_asked)) == len(STEP.findall(answers)) > 1


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
    assert len(cells) <= 14
    assert len(keys(cells, "predict")) <= 2
    assert len(keys([cell for cell in cells if is_shown(cell)], "claim")) <= 3
    run = [cell for cell in cells if not list(calls([cell], "explore"))]
    assert len(list(calls(run, *POOLS))) <= 3


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
    assert max(len(cell.source.splitlines()) for cell in cells) <= 15
    assert statistics.median(lines(cell) for cell in cells) <= median
    assert max(len(line) for cell in cells for line in cell.source.splitlines()) <= 100


@each_notebook
def test_prose_and_code_keep_a_balance(path: Path) -> None:
    """50 to 110 words a code cell; headings, tables and folded answers are not read as prose."""
    text = re.sub(r"^[|#].*$", "", FOLDED.sub("", plain(prose(path))), flags=re.MULTILINE)
    words = len(re.findall(r"\w[\w'-]*", text))
    assert 50 <= words / len(code_cells(path)) <= 110


@each_notebook
def test_no_measurement_is_typed_in_prose(path: Path) -> None:
    """A figure that a machine gives is printed by its cell, never written beside it."""
    text = re.sub(r"`[^`]*`", "", prose(path))
    assert set(MEASURED.findall(text)) <= NOMINAL


@each_notebook
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link is a file of the repository: what is not written yet has none."""
    for target in LINK.findall(prose(path)):
        assert (path.parent / target).is_file(), target


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
                assert not {n.func.id for n in calls_in(node)} & POOLS


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
            offered = dict(OPTION.findall(before.source))
            options = questions()[key].options
            assert list(offered) == list(options)
            for letter, option in options.items():
                assert offered[letter].startswith(option.words)


@each_notebook
def test_a_guess_is_drawn(path: Path) -> None:
    """Every prediction is handed to a picture, or to the mistake whose outcome it guesses."""
    cells = code_cells(path)
    given = [k for call in calls(cells, "timeline", "compare", "mistake") for k in call.keywords]
    assert len([k for k in given if k.arg == "guess"]) == len(keys(cells, "predict"))


def test_the_lecture_has_thirty_live_cells_at_most() -> None:
    """What is run before the hall fits into fifty minutes, and the table names real cells only."""
    live = 0
    for name, plan in slides().items():
        cells = {cell.id: cell for cell in read(ROOT / "notebooks" / f"{name}.ipynb").cells}
        assert set(plan) == {"live", "home"}
        assert {cells[each].cell_type for each in plan["live"]} == {"code"}
        assert {cells[each].cell_type for each in plan["home"]} == {"markdown"}
        shown = [each for each in cells.values() if each.metadata.slideshow.slide_type != "skip"]
        assert {each.id for each in shown if each.cell_type == "code"} == set(plan["live"])
        live += len(plan["live"])
    core = {path.stem for path in PATHS if "`core`" in read(path).cells[0].source}
    assert set(slides()) == core
    assert live <= 30


def test_the_first_use_of_every_term_leads_to_the_glossary() -> None:
    """And no later one does; the glossary says what the data file says."""
    assert [path.name for path, text in written() if path.read_text("utf-8") != text] == [], (
        "run python -m tools"
    )


def test_every_prediction_is_made() -> None:
    """No prediction of the data file is left unasked."""
    asked = [key for path in PATHS for key in keys(code_cells(path), "predict")]
    assert sorted(asked) == sorted(questions())


def test_every_claim_is_run_by_the_notebook_that_the_ledger_names() -> None:
    """Each row is judged once, in its own notebook, and nothing else is claimed."""
    run = {key: notebook_name(path) for path in PATHS for key in keys(code_cells(path), "claim")}
    assert run == {key: row.notebook for key, row in claims().items()}
