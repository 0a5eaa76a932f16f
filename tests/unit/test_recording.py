"""A recording's questions, asked of recordings made by hand."""

import copy
import itertools
import json
import math
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from hybrid_demo import Recording
from hybrid_demo.recording import StillOpenError
from hybrid_demo.spans import (
    Hold,
    JobSpan,
    Lag,
    LagSample,
    Pool,
    StepSeries,
    in_flight_of,
    steps_of,
)


def job(submitted_s: float, *stamps: float | None, **more: object) -> JobSpan:
    """Return a job of "process pool 1" with its stamps in order."""
    started_s, finished_s, delivered_s = (*stamps, None, None, None)[:3]
    given = {"name": "work", "by": "main 0", "executor": "process", "pool": "process pool 1"}
    given |= {"worker": "7"} if started_s is not None else {}
    return JobSpan(
        submitted_s=submitted_s,
        started_s=started_s,
        finished_s=finished_s,
        delivered_s=delivered_s,
        **{**given, **more},
    )


def recorded(**more: object) -> Recording:
    """Return a recording with two jobs, a hold, a queue and a note."""
    jobs = (job(0.0, 0.01, 0.2, 0.21), job(0.1, outcome="pending"))
    pools = (Pool(name="process pool 1", kind="process", workers=2, start_method="spawn"),)
    content = {
        "label": "by hand",
        "duration_s": 0.5,
        "cpus": 2,
        "jobs": jobs,
        "holds": (Hold(name="main 0", start_s=0.3, stop_s=0.4, cause="computing"),),
        "lag": Lag((LagSample(0.0, 0.001), LagSample(0.3, 0.1))),
        "queues": (StepSeries(name="queue 1", times_s=(0.0, 0.1), depths=(0, 3), maxsize=3),),
        "in_flight": in_flight_of(jobs, pools),
        "pools": pools,
        "notes": ("a note",),
    }
    return Recording(**{**content, **more})


def test_an_open_recording_says_when_to_ask() -> None:
    """Each question asked too early raises an error that says what to do; the label is known."""
    recording = Recording.opened("early")
    assert recording.label == "early"
    for name in ("duration_s", "jobs", "holds", "lag", "queues", "in_flight", "pools", "notes"):
        with pytest.raises(StillOpenError, match=r"'early'.*async with watch"):
            getattr(recording, name)
    with pytest.raises(StillOpenError):
        recording.makespan_s  # noqa: B018
    assert "still being made" in repr(recording)
    assert "still being made" in recording._repr_mimebundle_()["text/plain"]
    with pytest.raises(AttributeError, match="nonsense"):
        recording.nonsense  # noqa: B018


def test_a_recording_is_frozen_and_closed_only_once() -> None:
    """Nothing changes it once it has its answers."""
    recording = Recording.opened("once")
    recording.close(duration_s=1.0, cpus=2)
    with pytest.raises(RuntimeError, match="never changes"):
        recording.close(duration_s=2.0, cpus=2)
    with pytest.raises(AttributeError):
        recording.label = "other"  # type: ignore[misc]
    assert copy.deepcopy(recording) == recording


def test_the_repr_reads_aloud() -> None:
    """One line, with what matters in words."""
    told = repr(recorded())
    assert told == (
        "<Recording 'by hand': 500 ms long; worst wait 100 ms; 2 jobs on 1 worker; 1 pending; "
        "at most 2 in flight; deepest queue 3; loop held 1 time, 100 ms in all>"
    )


def test_percentiles_are_nearest_rank() -> None:
    """Each percentile is a lateness that occurred, the smallest that covers its share."""
    lag = Lag(tuple(LagSample(n * 0.01, n / 1000) for n in range(1, 101)))
    assert (lag.p50_s, lag.p99_s, lag.max_s) == (0.050, 0.099, 0.100)
    assert lag.percentile(0) == 0.001
    assert Lag().p99_s == Lag().max_s == 0.0
    with pytest.raises(ValueError, match=r"101.*0 to 100"):
        lag.percentile(101)


def test_in_flight_is_counted_from_submission_to_delivery() -> None:
    """A pending job stays in flight to the end; pools are counted apart too."""
    recording = recorded()
    assert recording.in_flight.times_s == (0.0, 0.1, 0.21)
    assert recording.in_flight.depths == (1, 2, 1)
    assert recording.in_flight.peak == 2
    assert recording.in_flight.by_pool["process pool 1"].depths == (1, 2, 1)
    assert [recording.in_flight.at(t) for t in (0.0, 0.15, 0.5)] == [1, 2, 1]
    assert recording.in_flight.mean(0.42) == pytest.approx((0.1 + 2 * 0.11 + 0.21) / 0.42)


@given(
    st.lists(st.tuples(st.floats(0, 10), st.floats(0, 10)).map(sorted), max_size=30),
    st.floats(0, 10),
)
def test_steps_agree_with_a_direct_count(spans: list[list[float]], moment: float) -> None:
    """At any moment the series says how many spans contain it."""
    changes = [(start, 1) for start, _ in spans] + [(stop, -1) for _, stop in spans]
    times, depths = steps_of(changes)
    series = StepSeries(name="spans", times_s=times, depths=depths)
    assert series.at(moment) == sum(start <= moment < stop for start, stop in spans)
    assert depths[-1] == 0
    assert all(a < b for a, b in itertools.pairwise(times))


def test_workers_are_told_by_their_first_start() -> None:
    """Workers are numbered as a reader meets them, for one pool or for all."""
    jobs = (
        job(0.0, 0.3, 0.4, 0.4, worker="b"),
        job(0.0, 0.1, 0.2, 0.2, worker="c"),
        job(0.0, 0.2, 0.3, 0.3, worker="a", pool="thread pool 1", executor="thread"),
    )
    recording = recorded(jobs=jobs)
    assert recording.workers() == ("c", "a", "b")
    assert recording.workers("process pool 1") == ("c", "b")
    assert recording.makespan_s == pytest.approx(0.4)


def test_json_brings_back_the_same_recording(tmp_path: Path) -> None:
    """Save and load are inverse, for a str path too, and nothing else is left in the folder."""
    recording = recorded()
    path = recording.save(str(tmp_path / "run.json"))
    assert Recording.load(path) == recording
    assert [each.name for each in tmp_path.iterdir()] == ["run.json"]


def test_a_loaded_recording_says_that_it_is_no_run_of_this_session(tmp_path: Path) -> None:
    """The day it was saved stays with it, also when it is saved again; older files name none."""
    path = recorded().save(tmp_path / "run.json")
    content = json.loads(path.read_text())
    content["recorded"] = "2026-11-24"
    path.write_text(json.dumps(content))
    loaded = Recording.load(path)
    assert recorded().recorded == ""
    assert loaded.recorded == "2026-11-24"
    assert Recording.load(loaded.save(path)).recorded == "2026-11-24"
    assert "recorded 2026-11-24" in repr(loaded)
    del content["recorded"]
    path.write_text(json.dumps(content))
    assert Recording.load(path).recorded == "earlier"


def test_a_failed_save_keeps_the_older_file(tmp_path: Path) -> None:
    """What cannot be written as JSON leaves the file that was there."""
    path = recorded().save(tmp_path / "run.json")
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"."):
        recorded(lag=Lag((LagSample(0.0, math.nan),))).save(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda text: text[: len(text) // 2], "cut short"),
        (lambda text: "[]", "not a recording"),
        (lambda text: '{"kind": "something else"}', "not a recording"),
        (lambda text: text.replace('"format":1', '"format":2'), "update hybrid_demo"),
        (lambda text: text.replace('"format":1', '"format":"x"'), "format 'x'"),
        (lambda text: text.replace('"jobs"', '"jbos"'), "damaged"),
        (lambda text: text.replace('"submitted_s"', '"submited_s"', 1), "damaged"),
        (lambda text: text.replace('"depths":[0,3]', '"depths":[0]'), "damaged"),
        (lambda text: text.replace('"duration_s":0.5', '"duration_s":null'), "damaged"),
    ],
)
def test_a_bad_file_is_told_with_what_to_do(tmp_path: Path, change, told: str) -> None:
    """A damaged, foreign or newer file raises ValueError that names the file and the mend."""
    path = recorded().save(tmp_path / "run.json")
    path.write_text(change(path.read_text()))
    with pytest.raises(ValueError, match=told) as caught:
        Recording.load(path)
    assert "run.json" in str(caught.value)


def test_the_chrome_trace_has_a_track_for_the_loop_and_each_worker(tmp_path: Path) -> None:
    """Perfetto's format: slices for holds and jobs, counters for lag and depths."""
    path = recorded().to_chrome_trace(tmp_path / "trace.json")
    events = json.loads(path.read_text())["traceEvents"]
    tracks = {event["args"]["name"] for event in events if event["name"] == "thread_name"}
    assert tracks == {"event loop", "process pool 1: worker 7"}
    slices = [event for event in events if event["ph"] == "X"]
    assert [(s["name"], round(s["ts"]), round(s["dur"])) for s in slices] == [
        ("main 0", 300_000, 100_000),
        ("main 0: work", 10_000, 190_000),
    ]
    assert {e["name"] for e in events if e["ph"] == "C"} == {
        "lag (ms)",
        "queue 1",
        "jobs in flight",
    }
    begun = sorted(e["id"] for e in events if e["ph"] == "b")
    assert begun == sorted(e["id"] for e in events if e["ph"] == "e") == [0, 1]
