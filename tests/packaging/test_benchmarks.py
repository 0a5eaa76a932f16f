"""The figures that a reader sees are those of one run of the command, and of all its parts."""

from __future__ import annotations

import importlib.util
import re
import subprocess

import pytest
from PIL import Image

from benchmarks.alone import alone
from benchmarks.figures import Figure
from benchmarks.tables import PARTS, ROWS, kept
from benchmarks.ways import PEERS
from hybrid_demo.pictures.paying import crossing_s
from tests.around import NOTEBOOKS, ROOT

pytestmark = pytest.mark.once
RUN = kept()
README = (ROOT / "README.md").read_text(encoding="utf-8")
TABLE = re.search(r"<!-- figures: begin -->\n(.*)<!-- figures: end -->", README, re.DOTALL)


def test_the_run_has_every_part_and_every_row() -> None:
    """Nothing was left out, as where a peer or a browser is missing."""
    assert list(RUN.parts) == list(PARTS)
    assert all(RUN.parts.values())
    assert all(RUN.row(key) for key in ROWS)


def test_the_table_says_of_which_day_and_machine_it_is() -> None:
    """Above a row for each question. That its cells are the run's, test_readme.py holds."""
    assert TABLE is not None
    first, *rows = TABLE[1].strip().splitlines()
    assert re.match(r"Measured on 20\d\d-\d\d-\d\d\. CPython 3\.\d+\.\d+ on \w+ .*CPUs", first)
    assert [row.split(" | ")[0] for row in rows[3:]] == [f"| {words}" for words in ROWS.values()]


def test_peers_stand_beside_ours() -> None:
    """The same five ways in every row about a trip; and others where a figure has peers."""
    for row in ("trip", "trip_p90", "rate", "pays"):
        assert [each.who for each in RUN.row(row)] == list(PEERS)
    assert {"VizTracer", "asyncio's debug mode"} <= {each.who for each in RUN.row("turn")}
    starts = {each.who for each in RUN.row("start")}
    assert {*PEERS} - {"ProcessPoolExecutor"} <= starts
    assert {"fork", "forkserver", "spawn"} <= starts


def test_every_notebook_was_run() -> None:
    """Run All of each of them is in the row, their sum last."""
    numbers = [path.name[:2] for path in NOTEBOOKS]
    assert [each.who for each in RUN.row("run_all")] == ["all", *sorted(numbers)], (
        "the notebooks are not those that were measured: run `python -m benchmarks --write` once, "
        "on a machine that does nothing else"
    )


@pytest.mark.parametrize("figure", list(RUN.figures), ids=lambda figure: figure.what)
def test_a_figure_is_a_median_of_what_was_measured(figure: Figure) -> None:
    """It lies in its own range, and what it was computed from gives it again."""
    assert figure.low <= figure.value <= figure.high
    if figure.points:
        job_s, loop_s, pooled_s = zip(*figure.points, strict=True)
        pays_s = crossing_s(job_s, loop_s=loop_s, pooled_s=pooled_s)
        expected = float("inf") if pays_s is None else 1_000 * pays_s
        assert figure.value == pytest.approx(expected)


def test_the_picture_is_of_the_same_run() -> None:
    """The file bears the run's date."""
    with Image.open(ROOT / "docs" / "peers.png") as picture:
        assert picture.info["Description"] == RUN.date


@pytest.mark.parametrize("name", PEERS)
def test_each_way_to_a_worker_still_works(name: str) -> None:
    """Opened, given two jobs, closed, in an interpreter that ends by itself."""
    if importlib.util.find_spec(PEERS[name].module.partition(".")[0]) is None:
        pytest.skip(f"{name} is not installed: benchmarks/requirements.txt has it")
    assert alone("starting.first_results", name) > 0


def test_who_takes_too_long_is_ended_with_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer that hangs does not hang the command. The guard of all tests looks for workers."""
    monkeypatch.setattr("benchmarks.alone.WITHIN_S", 0.5)
    with pytest.raises(subprocess.TimeoutExpired):
        alone("peers.measured", "dask")


def test_a_failure_there_says_what_failed() -> None:
    """With the last words of the interpreter in which it was measured."""
    with pytest.raises(RuntimeError, match=r"starting.first_results\('nobody',\) failed:[^$]*KeyE"):
        alone("starting.first_results", "nobody")
