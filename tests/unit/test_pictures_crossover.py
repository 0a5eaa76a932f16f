"""The crossover: where the two lines cross, and a picture that says so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hybrid_demo import crossover, plot_crossover
from hybrid_demo.pictures import Picture
from hybrid_demo.pictures.paying import crossing_s
from tests.unit.picture_reading import assert_legible, boxes, texts

JOB_S = [1e-5, 1e-4, 1e-3, 1e-2]
TRIP_S = 3e-4


def pooled(job_s: Sequence[float], cpus: int) -> list[float]:
    """Return the time for each job: the trip, and its share of the computing."""
    return [max(TRIP_S, each / cpus) for each in job_s]


def drawn(cpus: int, *, trip_s: float = TRIP_S, one_by_one: bool = True) -> Picture:
    """Return the picture of a machine with so many CPUs."""
    times_s = [max(trip_s, each / cpus) for each in JOB_S]
    lone_s = [each + trip_s for each in JOB_S] if one_by_one else []
    return crossover(JOB_S, loop_s=JOB_S, pooled_s=times_s, one_by_one_s=lone_s, cpus=cpus)


PICTURES = {
    "two CPUs": lambda: drawn(2),
    "one CPU": lambda: drawn(1),
    "many CPUs, no trip": lambda: drawn(64, trip_s=1e-7),
    "a slow trip": lambda: drawn(2, trip_s=8e-3),
    "two lines": lambda: drawn(2, one_by_one=False),
}


def test_the_crossing_lies_between_the_lengths_around_it() -> None:
    """The pool saves a tenth where the trip is nine tenths of the job, found on log axes."""
    found = crossing_s(JOB_S, loop_s=JOB_S, pooled_s=pooled(JOB_S, 2))
    assert found is not None
    assert 1e-4 < found < 1e-3
    # A straight line on logarithmic axes is found exactly.
    straight = crossing_s([1e-4, 1e-3], loop_s=[1e-4, 1e-3], pooled_s=[TRIP_S, TRIP_S])
    assert straight == pytest.approx(TRIP_S / 0.9)


def test_one_cpu_has_no_crossing() -> None:
    """Nor has a pool that saves less than a tenth: that is within what runs differ by."""
    assert crossing_s(JOB_S, loop_s=JOB_S, pooled_s=pooled(JOB_S, 1)) is None
    assert crossing_s(JOB_S, loop_s=JOB_S, pooled_s=[0.95 * each for each in JOB_S]) is None


def test_a_lucky_run_among_the_short_ones_is_no_crossing() -> None:
    """What counts is the length from which the pool stays ahead."""
    found = crossing_s(JOB_S, loop_s=JOB_S, pooled_s=[5e-6, 3e-4, 3e-4, 5e-3])
    assert found is not None
    assert found > 1e-4


def test_a_pool_always_ahead_crosses_before_the_first_length() -> None:
    """Then the shortest measured length is all that can be said."""
    assert crossing_s(JOB_S, loop_s=JOB_S, pooled_s=[each / 2 for each in JOB_S]) == JOB_S[0]


def test_the_lines_are_what_was_measured() -> None:
    """Loop, together, one by one: each drawn with its own times against the lengths."""
    lone_s = [each + TRIP_S for each in JOB_S]
    ax = plot_crossover(
        JOB_S, loop_s=JOB_S, pooled_s=pooled(JOB_S, 2), one_by_one_s=lone_s, ax=None
    )
    found = {line.get_gid(): line for line in ax.lines}
    for key, times_s in (("loop", JOB_S), ("pooled", pooled(JOB_S, 2)), ("one_by_one", lone_s)):
        line = found[f"crossover.{key}"]
        assert list(line.get_xdata()) == JOB_S
        assert list(line.get_ydata()) == pytest.approx(times_s)
    looks = {(line.get_marker(), line.get_linestyle()) for line in found.values()}
    assert len(looks) >= 3  # never told by colour alone
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")


@pytest.mark.parametrize(
    ("name", "headline", "sides"),
    [
        ("two CPUs", "From about ", ["no sooner in the pool", "sooner in the pool"]),
        ("one CPU", "From 10 µs to 10 ms: no job", ["no sooner in the pool"]),
        ("many CPUs, no trip", "From 10 µs to 10 ms: a job is always", ["sooner in the pool"]),
    ],
)
def test_the_headline_says_where_it_pays(name: str, headline: str, sides: list[str]) -> None:
    """Headline, summary and alt text agree with what stands over the two sides."""
    picture = PICTURES[name]()
    assert picture.headline.startswith(headline)
    assert picture.alt_text.startswith(picture.headline)
    assert picture.summary == picture.headline
    assert texts(picture.axes[0], "side") == sides
    assert "10 µs" in picture.alt_text
    assert "On the loop: from 10 µs for the shortest to 10 ms" in picture.alt_text


def test_one_cpu_is_told_what_the_pool_is_for() -> None:
    """No time saved, the loop free: said in the picture and to who does not see it."""
    picture = PICTURES["one CPU"]()
    (remark,) = texts(picture, "remark")
    assert remark.startswith("One CPU:")
    assert remark in picture.alt_text
    assert texts(PICTURES["two CPUs"](), "remark") == []


@pytest.mark.parametrize("name", PICTURES)
def test_texts_stand_apart_inside_and_large(name: str) -> None:
    """As in every picture; and no line runs through a name."""
    picture = PICTURES[name]()
    assert_legible(picture)
    (ax,) = picture.axes
    names = [box for text, box in boxes(picture) if text.get_gid() in ("name", "side")]
    for line in ax.lines:
        if str(line.get_gid()).startswith("crossover."):
            path = line.get_transform().transform_path(line.get_path())
            assert not any(path.intersects_bbox(box, filled=False) for box in names)


@pytest.mark.parametrize(
    ("job_s", "loop_s", "message"),
    [
        ([1e-3], [1e-3], "two or more"),
        ([1e-3, 1e-2], [1e-3], "as many of the one"),
        ([1e-3, 1e-2], [1e-3, 0.0], "expected seconds above 0"),
        ([1e-2, 1e-3], [1e-2, 1e-3], "expected ascending lengths"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    job_s: list[float], loop_s: list[float], message: str
) -> None:
    """The message says what was given and what is expected."""
    with pytest.raises(ValueError, match=message):
        crossover(job_s, loop_s=loop_s, pooled_s=loop_s, cpus=2)
