"""The student as the client: visits in a recording, in its file and in its picture."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from hybrid_demo import Recording, compare, plot_visits, timeline
from hybrid_demo.pictures.palette import YOU
from hybrid_demo.recording import Visit
from tests.unit import recordings
from tests.unit.picture_reading import collisions, colour_of, outside, panels, texts


def came(recording: Recording, *moments: float, answered_s: float | None = None) -> Recording:
    """Return the recording with a click at each moment, answered then or 4 ms later."""
    return recording.with_visits(
        Visit(arrived_s=at, answered_s=answered_s or at + 0.004) for at in moments
    )


def both() -> tuple[Recording, Recording]:
    """Return the loop, held until 1.2 s and visited six times, and the pool, visited twice."""
    held = came(recordings.six_inline(), 0.9, 0.3, 0.31, 0.32, 0.33, 0.34, answered_s=1.21)
    return held, came(recordings.six_in_pool(), 0.1, 0.4)


def test_visits_stand_by_their_arrival_and_change_nothing_else() -> None:
    """A recording with visits is the recording without them, and says how often somebody came."""
    held, _ = both()
    assert [visit.arrived_s for visit in held.visits] == [0.3, 0.31, 0.32, 0.33, 0.34, 0.9]
    assert held.visits[0].waited_s == pytest.approx(0.91)
    assert replace(held, visits=()) == recordings.six_inline()
    assert "you came 6 times, longest wait 910 ms" in repr(held)
    assert "you came" not in repr(recordings.six_inline())


def test_a_file_keeps_visits_and_an_older_file_has_none(tmp_path: Path) -> None:
    """The format is the same: earlier readers pass over the visits."""
    held, _ = both()
    path = held.save(tmp_path / "run.json")
    assert Recording.load(path) == held
    content = json.loads(path.read_text())
    del content["visits"]
    path.write_text(json.dumps(content))
    assert Recording.load(path) == recordings.six_inline()
    trace = json.loads(held.to_chrome_trace(tmp_path / "trace.json").read_text())
    begun = [event["ts"] for event in trace["traceEvents"] if event.get("cat") == "visit"]
    assert begun[:2] == [300_000, 1_210_000]


def test_each_visit_is_drawn_from_the_click_to_the_answer() -> None:
    """A line for each, in the student's colour; the longest wait stands behind the end."""
    ax = plot_visits(both()[0])
    lines = [line for line in ax.lines if line.get_gid() == "visit"]
    assert [tuple(line.get_xdata()) for line in lines] == [
        (visit.arrived_s, visit.answered_s) for visit in both()[0].visits
    ]
    assert all(line.get_color() == YOU for line in lines)
    assert texts(ax, "visits") == ["you clicked 6 times:\nwaited up to 910 ms"]
    assert {colour_of(text) for text in ax.texts if text.get_gid() == "visits"} == {YOU}
    once = plot_visits(came(recordings.six_in_pool(), 0.1))
    assert texts(once, "visits") == ["you clicked once:\nwaited 4 ms"]


def test_the_lane_is_there_only_for_whoever_clicked() -> None:
    """No click, no lane, no key and no word; one recording's clicks give it alone a lane."""
    held, pooled = both()
    plain = compare(recordings.six_inline(), recordings.six_in_pool())
    assert panels(plain, "you") == []
    assert "You clicked" not in plain.alt_text
    assert len(panels(compare(held, recordings.six_in_pool()), "you")) == 1
    picture = compare(held, pooled)
    assert len(panels(picture, "you")) == 2
    assert "you: from your click to its answer" in texts(picture)
    assert "You clicked 6 times, the first time at 300 ms, and waited up to 910 ms" in (
        picture.alt_text
    )


def test_words_stand_apart_and_inside() -> None:
    """However many came at a time, and in three recordings at once."""
    held, pooled = both()
    crowd = came(recordings.six_inline(), *[0.1 + n / 100 for n in range(60)], answered_s=1.21)
    for picture in (timeline(pooled), compare(held, pooled), compare(crowd, held, pooled)):
        assert collisions(picture) == []
        assert outside(picture) == []
