"""The tables and the picture of a run of the benchmarks, made of figures written by hand."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from matplotlib import image as png
from PIL import Image

from benchmarks.__main__ import main
from benchmarks.figures import Figure, number
from benchmarks.peers_picture import draw, picture_of
from benchmarks.tables import ROWS, Run, alt_text, headline, kept, short_table, whole_page
from tests.unit.picture_reading import assert_legible, texts

LENGTHS_S = [1e-5 * 3**step for step in range(9)]
TRIPS_S = {
    "ProcessPoolExecutor": 2e-4,
    "loky": 3e-4,
    "anyio": 1e-4,
    "aiomultiprocess": 1.1e-2,
    "dask": 6e-3,
}


def peers(*, pay: bool = True) -> list[Figure]:
    """Return figures of five pools, which save time or never do."""
    found = []
    for who, trip_s in TRIPS_S.items():
        points = [(each, each, max(each / 2, trip_s) if pay else 2 * each) for each in LENGTHS_S]
        pays = 1_000 * trip_s / 0.9 if pay else math.inf
        ms = {"unit": "ms", "who": who}
        found += [
            Figure.of("trip", [1_000 * trip_s], row="trip", **ms),
            Figure.of("p90", [2_000 * trip_s], row="trip_p90", **ms),
            Figure.of("pays", [pays], row="pays", points=points, **ms),
        ]
    return found


def whole_run() -> Run:
    """Return a run with a figure in every row."""
    others = [
        Figure.of(key, [1.0, 2.0, 4.0], row=key, who="ours", bound=3)
        for key in ROWS
        if key not in ("trip", "pays")
    ]
    return Run("2026-01-31", "CPython on two CPUs.", {"cost": others, "peers": peers()})


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.234, "0.23"), (1.08, "1.1"), (27.6, "28"), (100, "100"), (7384, "7,380"), (99.7, "100")],
)
def test_numbers_have_as_many_digits_as_they_are_worth(value: float, words: str) -> None:
    """Two digits, three from a hundred on."""
    assert number(value) == words


def test_a_figure_is_the_median_with_its_range_and_verdict() -> None:
    """The line that is printed holds all of it; a bound says which side it is on."""
    figure = Figure.of("a turn", [3.0, 1.0, 2.0], bound=2.5)
    assert (figure.value, figure.low, figure.high, figure.holds) == (2.0, 1.0, 3.0, True)
    assert re.search(r"a turn +2 times +1 to 3 +at most 2.5 +kept", str(figure))
    missed = Figure.of("gain", [3.0], bound=50, at_least=True)
    assert str(missed).endswith("at least 50    MISSED")
    assert Figure.of("a peer", [3.0]).holds is None


def test_the_short_table_has_every_row_ours_in_bold_the_others_beside() -> None:
    """In the order of the rows, under the day and the machine."""
    lines = short_table(whole_run()).splitlines()
    assert lines[0] == "Measured on 2026-01-31. CPython on two CPUs."
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[4:]] == list(ROWS.values())
    (trips,) = [line for line in lines if line.startswith(f"| {ROWS['trip']} |")]
    assert "| **ProcessPoolExecutor 0.2 ms** | loky 0.3 ms, anyio 0.1 ms," in trips


def test_the_page_has_every_figure_and_what_the_break_evens_come_from() -> None:
    """Each figure's row, a missed bound in bold, and a table of gains by length."""
    run = whole_run()
    page = whole_page(run._replace(parts={"cost": [Figure.of("slow", [9], bound=3)], **run.parts}))
    assert "| trip | 0.2 | ms |  |  |" in page
    slow = whole_page(Run("", "", {"cost": [Figure.of("slow", [9, 8, 10], bound=3)]}))
    assert "| slow | 9 | times | 8 to 10 | at most 3 **missed** |" in slow
    assert "| 0.01 ms | 0.05 | 0.03 | 0.10 | 0.00 | 0.00 |" in page


def test_a_kept_run_comes_back_as_it_was(tmp_path: Path) -> None:
    """Also a pool that never paid; and what was made of the run is made again."""
    run = whole_run()._replace(parts={**whole_run().parts, "peers": peers(pay=False)})
    run.save(tmp_path / "run.json")
    again = kept(tmp_path / "run.json")
    assert (short_table(again), whole_page(again)) == (short_table(run), whole_page(run))
    assert [each.value for each in again.row("pays")] == [math.inf] * 5


def test_a_run_with_an_empty_row_is_not_kept(tmp_path: Path) -> None:
    """A part that measured nothing cannot leave a hole in the README."""
    with pytest.raises(ValueError, match=r"nothing was measured for turn, watched"):
        Run("", "", {"peers": peers()}).save(tmp_path / "run.json")
    assert not (tmp_path / "run.json").exists()


def test_another_format_is_refused(tmp_path: Path) -> None:
    """And says which command makes one that fits."""
    (tmp_path / "run.json").write_text('{"format": 99}')
    with pytest.raises(ValueError, match=r"format 99; expected 1: run python -m benchmarks"):
        kept(tmp_path / "run.json")


def test_the_headline_names_the_earliest_and_the_latest() -> None:
    """Or says that none paid, and why."""
    said = "The trip pays for jobs from 0.11 ms on in anyio, from 12 ms on in aiomultiprocess."
    assert headline(peers()) == said
    assert headline(peers(pay=False)).startswith("In this run no pool saved time")
    (one,) = [each for each in peers() if each.row == "pays" and each.who == "dask"]
    assert headline([one]) == "The trip pays for jobs from 6.7 ms on in dask."
    assert "dask 6 ms for a trip, pays from 6.7 ms" in alt_text(peers())


def test_the_picture_draws_what_was_measured() -> None:
    """A mark for each trip and each break-even, and a curve of gains for each pool."""
    figures = peers()
    picture = picture_of(figures)
    above, below = picture.axes
    for gid, row in (("trip", "trip"), ("pays", "pays")):
        drawn = [float(line.get_xdata()[0]) for line in above.lines if line.get_gid() == gid]
        assert drawn == [each.value for each in figures if each.row == row]
    for who, trip_s in TRIPS_S.items():
        (curve,) = [line for line in below.lines if line.get_gid() == who]
        gains = [each / max(each / 2, trip_s) for each in LENGTHS_S]
        assert list(curve.get_ydata()) == pytest.approx(gains)
    assert len({line.get_marker() for line in below.lines}) == 5  # never told by colour alone
    assert above.get_xlim() == below.get_xlim()
    assert texts(picture, "headline") == [headline(figures)] or len(texts(picture, "headline")) > 1


@pytest.mark.parametrize("pay", [True, False])
def test_texts_stand_apart_inside_and_large(pay: bool) -> None:
    """As in every picture of the suite."""
    assert_legible(picture_of(peers(pay=pay)))


def test_the_file_says_of_which_run_it_is(tmp_path: Path) -> None:
    """So that a picture of another day beside the table is noticed."""
    draw(whole_run(), tmp_path / "peers.png")
    with Image.open(tmp_path / "peers.png") as picture:
        assert picture.info["Description"] == "2026-01-31"
    assert png.imread(tmp_path / "peers.png").size > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["speed"], "unknown part 'speed'; expected some of"),
        (["cost", "--write"], "takes no parts"),
    ],
)
def test_a_wrong_command_is_answered_before_anything_is_measured(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what is expected."""
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
