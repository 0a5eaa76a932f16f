"""The student's guess in the picture, and words that keep clear of it and of each other."""

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch
from matplotlib.transforms import Bbox

from hybrid_demo import compare, timeline
from hybrid_demo.recording import Hold, Recording, StepSeries, in_words
from tests.unit import recordings
from tests.unit.picture_reading import Guess, boxes, collisions, outside, panel, panels, texts


@pytest.mark.parametrize("measure", ["wait", "end", "peak"])
def test_the_guess_is_drawn_beside_the_measurement(measure: str) -> None:
    """A guess is a dashed line at its value, with its words, in the picture and its alt text."""
    value = {"wait": 0.2, "end": 0.9, "peak": 10.0}[measure]
    picture = compare(recordings.six_inline(), recordings.backlog(), guess=Guess(value, measure))
    lines = [line for ax in picture.axes for line in ax.lines if line.get_gid() == "guess"]
    assert lines
    for line in lines:
        drawn = line.get_xdata() if measure == "end" else line.get_ydata()
        assert set(drawn) == {value}
        assert line.is_dashed()
    assert " ".join(texts(picture, "guess")[0].split()) == "your guess: about one request"
    assert "Drawn in: your guess: about one request." in picture.alt_text


def test_a_guessed_wait_beyond_what_was_measured_stays_in_sight() -> None:
    """The axis grows so that a wildly wrong guess is seen too."""
    wait = timeline(recordings.six_in_pool(), guess=Guess(1.2, "wait"))
    assert panels(wait, "a new client\nwaits")[0].get_ylim()[1] > 1.2


@pytest.mark.parametrize("value", [1.5, 3.0, 60.0])
def test_a_guessed_end_far_beyond_is_an_arrow_with_its_words_and_time(value: float) -> None:
    """A guess that would squeeze the measurement leaves the axis alone and points out of it."""
    words = "your guess: one by one, after six rounds"
    pooled = recordings.six_in_pool()
    picture = timeline(pooled, guess=Guess(value, "end", words))
    assert picture.axes[0].get_xlim() == timeline(pooled).axes[0].get_xlim()
    assert [p.get_gid() for p in picture.findobj(FancyArrowPatch)].count("guess beyond") == 1
    assert texts(picture, "guess") == [f"{words}, at {value:.2f} s"]
    assert not [line for ax in picture.axes for line in ax.lines if line.get_gid() == "guess"]
    assert collisions(picture) == []
    assert outside(picture) == []


def test_nothing_guessed_draws_nothing() -> None:
    """A prediction without a choice leaves the picture as it is."""

    class Nothing:
        def mark(self, recording: Recording) -> None:
            return None

    picture = timeline(recordings.six_inline(), guess=Nothing())
    assert texts(picture, "guess") == []


def test_a_guess_of_another_kind_is_refused() -> None:
    """A bare number is no guess; the message names predict."""
    with pytest.raises(TypeError, match="predict"):
        timeline(recordings.six_inline(), guess=0.2)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [2.0, 10.0])
def test_a_guessed_peak_is_written_where_no_count_runs_through_it(value: float) -> None:
    """The counts fall at the end, and a peak's figure stands at the beginning: between them."""
    jobs = [recordings.job(at, at / 100, at / 20, at / 20 + 0.04) for at in range(60)]
    queue = StepSeries(name="queue", times_s=(0.0, 0.6, 0.61), depths=(0, 2, 0), maxsize=10)
    backlog = recordings.made("as in the lecture", 3.0, jobs=jobs, queues=[queue])
    picture = timeline(backlog, guess=Guess(value, "peak", "your guess: a few"))
    (ax,) = panels(picture, "how\nmany")
    (written,) = [text for text in ax.texts if text.get_gid() == "guess"]
    box = written.get_window_extent().transformed(ax.transData.inverted())
    depths = [backlog.in_flight.at(box.x0 + box.width * share / 50) for share in range(51)]
    assert min(depths) > box.y1
    assert collisions(picture) == []


STARVED = ((0.14, 0.185), (0.3, 0.345), (0.86, 0.905))


def _stood_on(ax: Axes, box: Bbox) -> float:
    """Return how many pixels of the saw-tooth's height reach into a box."""
    fill = next(each for each in ax.collections if each.get_gid() == "lag")
    outline = ax.transData.transform(fill.get_paths()[0].vertices)
    within = outline[(outline[:, 0] >= box.x0) & (outline[:, 0] <= box.x1)]
    return float(within[:, 1].max(initial=box.y0) - box.y0)


@pytest.mark.parametrize("guess", [None, ("wait", 0.0), ("wait", 0.2), ("wait", 0.5), ("end", 0.1)])
@pytest.mark.parametrize("start", [0.0, 0.2, 0.5, 0.9])
@pytest.mark.parametrize("stop", [0.01, 0.06, 0.4])
def test_words_in_the_lag_panel_stand_clear(
    start: float, stop: float, guess: tuple[str, float] | None
) -> None:
    """Wherever wait, starvation and guess lie, words meet neither words nor data nor figures."""
    hold = Hold(name="parse", start_s=start, stop_s=min(1.0, start + stop), cause="computing")
    starved = [each for each in STARVED if not start < each[0] + 0.05 < start + 0.5]
    longest = (0.6, 0.6 + stop) if start < 0.5 else (0.1, 0.1 + stop)  # starved longest of all
    words = "your guess: in a quarter of the time"
    mark = Guess(guess[1], guess[0], words) if guess else None
    held = recordings.made("held", 1.0, holds=[hold], starved=starved)
    alone = recordings.made("starved", 1.0, starved=[longest])
    for shown in ((held,), (alone, recordings.made("longer", 1.6))):
        picture = compare(*shown, guess=mark)
        assert collisions(picture) == []
        assert outside(picture) == []
        ax = panel(picture, "a new client\nwaits")
        told = [(t, box) for t, box in boxes(picture) if t.get_gid() in ("wait", "guess")]
        for text, box in told:
            if text.axes is ax:
                assert _stood_on(ax, box) <= 1, text.get_text()
        assert any(in_words(shown[0].lag.max_s) in text.get_text() for text, _ in told)
        assert sum(text.get_gid() == "guess" for text, _ in told) == (mark is not None)
