"""A service under load: the lines are what was measured, and the headline says what they show."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hybrid_demo import under_load
from hybrid_demo.pictures import Picture
from tests.unit.picture_reading import assert_legible, texts

RATES = [12.0, 24.0, 40.0, 80.0]
P50_S = {
    "inline": [0.06, 0.3, 0.42, 0.42],
    "threads": [0.06, 0.12, 0.35, 0.36],
    "processes": [0.055, 0.06, 0.12, 0.21],
}
P99_S = {
    "inline": [0.16, 0.5, 0.45, 0.47],
    "threads": [0.12, 0.3, 0.45, 0.46],
    "processes": [0.08, 0.11, 0.21, 0.23],
}
HEALTH_S = {
    "inline": [0.1, 0.3, 0.45, 0.46],
    "threads": [0.04, 0.1, 0.2, 0.25],
    "processes": [0.004, 0.006, 0.01, 0.02],
}
SHED = {
    "inline": [0.0, 0.0, 0.55, 0.78],
    "threads": [0.0, 0.0, 0.4, 0.7],
    "processes": [0.0, 0.0, 0.0, 0.5],
}
LINE = ([2.0, 20.0, 38.0], [0.052, 0.1, 0.6])


def drawn(**changes: Any) -> Picture:
    """Return the picture of a machine with two CPUs, changed as told."""
    given: dict[str, Any] = {"p50_s": P50_S, "p99_s": P99_S, "health_s": HEALTH_S, "shed": SHED}
    given |= {"deadline_s": 1.0, "capacity": 40.0, "computed": LINE}
    return under_load(RATES, **(given | changes))


def all_of(share: float) -> dict[str, list[float]]:
    """Return the same share refused everywhere."""
    return {mode: [share] * len(RATES) for mode in SHED}


PICTURES = {
    "two CPUs": drawn,
    "nothing computed": lambda: drawn(computed=((), ())),
    "nothing accepted": lambda: drawn(
        p50_s=all_of(math.nan), p99_s=all_of(math.nan), shed=all_of(1.0)
    ),
    "a line that climbs through the deadline": lambda: drawn(computed=([2, 9, 11], [0.3, 1, 5])),
    "little room above": lambda: drawn(deadline_s=0.3, capacity=12.0),
}


@pytest.mark.parametrize(
    ("panel", "what", "measured"),
    [(0, "p50", P50_S), (0, "p99", P99_S), (1, "health", HEALTH_S), (2, "shed", SHED)],
)
def test_the_lines_are_what_was_measured(
    panel: int, what: str, measured: dict[str, list[float]]
) -> None:
    """Each design's figures against the loads, on axes that all panels share."""
    picture = drawn()
    lines = {str(line.get_gid()): line for line in picture.axes[panel].lines}
    for mode, values in measured.items():
        assert list(lines[f"{what} {mode}"].get_xdata()) == RATES
        assert list(lines[f"{what} {mode}"].get_ydata()) == values
    assert len({lines[f"{what} {mode}"].get_marker() for mode in measured}) == 3
    assert len({ax.get_xlim() for ax in picture.axes}) == 1


def test_limits_and_model_are_drawn_where_they_are() -> None:
    """The deadline across, the capacity down through all panels, the model over the points."""
    picture = drawn()
    lines = {str(line.get_gid()): line for line in picture.axes[0].lines}
    assert set(lines["deadline"].get_ydata()) == {1.0}
    assert (list(lines["computed"].get_xdata()), list(lines["computed"].get_ydata())) == LINE
    for ax in picture.axes:
        (capacity,) = [line for line in ax.lines if line.get_gid() == "capacity"]
        assert set(capacity.get_xdata()) == {40.0}
    assert "computed" not in {line.get_gid() for line in drawn(computed=((), ())).axes[0].lines}


def test_the_headline_is_about_the_largest_load_that_all_designs_bear() -> None:
    """Where none refuses more than one in a hundred; the smallest load if all do."""
    picture = drawn()
    assert picture.headline == (
        "At 24 requests a second, 99 of 100 /health calls are answered within 0.30 s inline, "
        "0.10 s in threads and 6 ms in processes."
    )
    assert drawn(shed=all_of(0.5)).headline.startswith("At 12 requests a second")
    assert drawn(shed=all_of(0.0)).headline.startswith("At 80 requests a second")


def test_the_words_say_where_each_breaks() -> None:
    """For whoever does not see it: beyond which load, at once, or not at all."""
    told = drawn().alt_text
    assert told.startswith(drawn().headline)
    assert "Beyond 24 a second, more than one in a hundred is refused or late inline." in told
    assert "Beyond 40 a second, more than one in a hundred is refused or late in processes" in told
    assert "Even at 12 a second" in drawn(shed=all_of(0.5)).alt_text
    assert "Nobody was refused or late in threads." in drawn(shed=all_of(0.0)).alt_text


def test_the_table_holds_every_point() -> None:
    """A row for each load and design; where nothing was accepted it says so."""
    (table,) = drawn().tables
    assert len(table.rows) == len(RATES) * 3
    assert ("24", "in processes", "60 ms", "0.11 s", "6 ms", "0%") in table.rows
    (empty,) = PICTURES["nothing accepted"]().tables
    assert {row[2:4] for row in empty.rows} == {("none", "none")}


@pytest.mark.parametrize("name", PICTURES)
def test_texts_stand_apart_inside_and_large(name: str) -> None:
    """As in every picture."""
    picture = PICTURES[name]()
    assert_legible(picture)
    assert texts(picture, "name")[:3] == ["inline", "in threads", "in processes"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shed": {**SHED, "inline": [0.0]}}, "has 1 figures; expected one for each of the 4"),
        ({"health_s": {}}, r"health_s is given for .*expected some of"),
        ({"p99_s": {"fibres": P99_S["inline"]}}, "expected some of inline, threads, processes"),
        ({"p99_s": {}}, "expected some of"),
    ],
)
def test_what_cannot_be_drawn_is_refused(changes: dict[str, Any], words: str) -> None:
    """With what was given, and what is expected."""
    with pytest.raises(ValueError, match=words):
        drawn(**changes)
    with pytest.raises(ValueError, match="two or more, ascending"):
        under_load([2, 1], p50_s={}, p99_s={}, health_s={}, shed={}, deadline_s=1.0, capacity=1.0)
