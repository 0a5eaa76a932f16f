"""What is drawn is what was recorded: bars read back from the axes."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from hybrid_demo import plot_depths, plot_lag, plot_loop, plot_workers, timeline
from hybrid_demo.pictures.lanes import arrange
from hybrid_demo.pictures.palette import LOOKS
from hybrid_demo.pictures.thin import COLUMNS, envelope, spaced
from hybrid_demo.pictures.waits import starved_at
from hybrid_demo.recording import Hold, Lag, LagSample
from tests.unit import recordings
from tests.unit.picture_reading import panel, spans, texts


def test_holds_are_drawn_where_they_were() -> None:
    """Each hold is a bar from its start to its stop, in the look of its cause."""
    mixed = recordings.mixed_outcomes()
    ax = plot_loop(mixed)
    for cause in ("computing", "not running"):
        expected = [(h.start_s, h.stop_s) for h in mixed.holds if h.cause == cause]
        assert np.allclose(spans(ax, cause), expected)
    assert {"this cell", "read_results"} <= set(texts(ax, "name"))


def test_running_jobs_are_drawn_from_start_to_finish() -> None:
    """A job is solid while its worker ran it, and pale before, in a row of its own."""
    pooled = recordings.six_in_pool()
    ax = plot_workers(pooled)
    ran = sorted((job.started_s, job.finished_s) for job in pooled.jobs)
    assert np.allclose(spans(ax, "process"), ran)
    waited = sorted((job.submitted_s, job.started_s) for job in pooled.jobs[4:])
    assert np.allclose(spans(ax, "process queued"), waited)
    assert [name for name in texts(ax, "lane")] == [
        "waiting\nfor a worker",
        *(f"worker {n}" for n in range(1, 5)),
    ]


def test_each_fate_has_a_look_and_words_of_its_own() -> None:
    """Error, lost, pending, abandoned and cancelled jobs differ by kind and say what they are."""
    ax = plot_workers(recordings.mixed_outcomes())
    for kind in ("error", "lost", "process pending", "abandoned", "cancelled", "process queued"):
        assert spans(ax, kind), kind
    said = " | ".join(texts(ax, "name"))
    for word in ("error", "lost", "still running", "nobody waits", "cancelled"):
        assert word in said


def test_a_pending_job_reaches_to_the_end() -> None:
    """What was not finished when the block was left is drawn until then."""
    mixed = recordings.mixed_outcomes()
    stops = [stop for _, stop in spans(plot_workers(mixed), "process pending")]
    assert stops == pytest.approx([mixed.duration_s] * 2)


def test_a_result_that_waited_for_the_loop_is_marked_where_it_was_taken() -> None:
    """A delivery notably later than the end of the work has its line and its mark."""
    ax = plot_workers(recordings.mixed_outcomes())
    late = [c for c in ax.collections if c.get_gid() == "late"]
    assert isinstance(late[0], LineCollection)
    assert np.allclose(late[0].get_segments()[0][:, 0], (0.3, 0.7))
    marks = [line for line in ax.lines if line.get_gid() == "delivered"]
    assert list(marks[0].get_xdata()) == [0.7]


def test_jobs_whose_workers_are_unknown_reach_from_submission_to_delivery() -> None:
    """An executor that tells nothing of its workers gets pale bars in one lane, elsewhere."""
    unseen = recordings.unseen_executor()
    ax = plot_workers(unseen)
    expected = [(job.submitted_s, job.delivered_s) for job in unseen.jobs]
    assert np.allclose(spans(ax, "unseen"), expected)
    assert texts(ax, "lane") == ["elsewhere"]


def test_the_saw_tooth_passes_through_every_sample() -> None:
    """The lag's outline holds each (deadline, lateness), while there are few."""
    inline = recordings.six_inline()
    ax = plot_lag(inline)
    fill = next(c for c in ax.collections if c.get_gid() == "lag")
    outline = {(round(x, 6), round(y, 6)) for x, y in fill.get_paths()[0].vertices}
    assert {(round(x, 6), round(y, 6)) for x, y in inline.lag.samples} <= outline


def test_a_sliver_of_a_job_shows_its_colour() -> None:
    """A light edge parts long neighbours; a bar as thin as its edge has the bar's own colour."""
    jobs = [
        recordings.job(0, 0.0, 0.001, 0.501, worker="1"),
        recordings.job(1, 0.0, 0.6, 0.6001, worker="1"),
    ]
    recording = recordings.made("slivers", 1.0, jobs=jobs, pools=[recordings.process_pool()])
    bars = next(c for c in plot_workers(recording).collections if c.get_gid() == "process")
    look = LOOKS["process"]
    assert [to_hex(colour).upper() for colour in bars.get_edgecolor()] == [look.edge, look.fill]


def test_one_client_is_drawn_from_arrival_to_answer() -> None:
    """The distance drawn starts at the worst deadline and is as long as the wait."""
    inline = recordings.six_inline()
    ax = plot_lag(inline)
    worst = max(inline.lag.samples, key=lambda sample: sample.late_s)
    arrow = next(each for each in ax.texts if each.get_gid() == "client")
    assert arrow.xyann[0] == pytest.approx(worst.deadline_s)
    assert arrow.xy[0] == pytest.approx(worst.deadline_s + worst.late_s)
    assert texts(ax, "wait") == ["a new client arrives", "waits 1.20 s", "is answered here"]


def test_a_free_loop_shows_its_heartbeats() -> None:
    """Heartbeats fill the lane of a free loop, and a held loop has none while it is held."""

    def beats(recording: recordings.Recording) -> np.ndarray:
        lines = next(c for c in plot_loop(recording).collections if c.get_gid() == "beat")
        return np.array([segment[0][0] for segment in lines.get_segments()])

    assert len(beats(recordings.six_in_pool())) > 30
    held = beats(recordings.six_inline())
    assert not ((held > 0.01) & (held < 1.2)).any()


def test_lag_without_a_hold_reads_as_starvation() -> None:
    """The worst wait that no hold explains is found, and said in the panel."""
    threads = recordings.six_in_threads()
    found = starved_at(threads)
    assert found is not None
    assert found.late_s == threads.lag.max_s
    assert "nobody held the loop: it got no GIL or no CPU" in texts(plot_lag(threads), "wait")
    assert starved_at(recordings.six_inline()) is None


def test_starvation_is_found_beside_a_longer_hold() -> None:
    """A hold elsewhere neither hides starvation nor is taken for it."""
    hold = Hold(name="parse", start_s=0.1, stop_s=0.6, cause="computing")
    recording = recordings.made("both", 1.5, holds=[hold], starved=[(0.9, 0.98)])
    found = starved_at(recording)
    assert found is not None
    assert found.deadline_s == pytest.approx(0.9)


def test_a_quota_is_blamed_where_it_froze_the_loop() -> None:
    """Under a throttling note the picture says: your quota, not your code."""
    picture = timeline(recordings.throttled())
    assert "your quota, not your code" in picture.alt_text
    assert any("your quota, not your code" in text for text in texts(picture))
    assert "nobody held the loop: the quota stopped it" in texts(picture)


def test_depths_are_steps_with_their_peaks_and_the_bound() -> None:
    """Queue and jobs in flight are drawn as counted, each peak written, the bound a line."""
    backlog = recordings.backlog()
    ax = plot_depths(backlog)
    lines = {line.get_gid(): line for line in ax.lines}
    assert max(lines["jobs in flight"].get_ydata()) == backlog.in_flight.peak
    assert list(lines["jobs in flight"].get_xdata()[:-1]) == list(backlog.in_flight.times_s)
    assert set(lines["bound"].get_ydata()) == {10}
    assert {str(backlog.in_flight.peak), "1"} <= set(texts(ax, "peak"))
    assert f"at most {backlog.in_flight.peak} in flight" in texts(ax, "named")


def test_very_many_waiting_jobs_become_one_area() -> None:
    """More than sixteen rows of waiting jobs are drawn as their count, the peak written."""
    crowd = recordings.crowd(200, samples=1000)
    ax = plot_workers(crowd)
    assert not spans(ax, "process queued")
    assert "200 waiting" in texts(ax, "peak")
    assert arrange(crowd, until_s=5.0).waiting is not None


def test_thinning_keeps_every_extreme() -> None:
    """A single late sample among 100,000 survives at its place."""
    xs = np.arange(100_000) * 0.005
    ys = np.full(len(xs), 0.001)
    ys[54_321] = 0.9
    kept_xs, kept_ys = envelope(xs, ys, float(xs[-1]))
    assert len(kept_xs) <= 4 * (COLUMNS + 1)
    assert (kept_xs[kept_ys == 0.9] == xs[54_321]).all()
    assert kept_ys.max() == 0.9
    assert (np.diff(kept_xs) >= 0).all()


def test_spaced_keeps_the_first_and_the_distance() -> None:
    """Ticks closer than the gap are left out, the first never."""
    assert list(spaced([0.0, 0.1, 0.2, 0.35, 0.36], 0.2)) == [0.0, 0.2]


def test_pieces_draw_into_given_axes_and_return_them() -> None:
    """Each piece takes axes of any figure and gives them back; without, it makes its own."""
    pooled = recordings.six_in_pool()
    for plot in (plot_lag, plot_loop, plot_workers, plot_depths):
        ax = Figure().add_subplot()
        assert plot(pooled, ax=ax) is ax
        assert plot(pooled).get_figure() is not ax.get_figure()


def test_a_recording_without_samples_draws() -> None:
    """Nothing measured, nothing run: each piece still gives axes."""
    for plot in (plot_lag, plot_loop, plot_workers, plot_depths):
        assert plot(recordings.nothing()).get_xlim()[1] > 0
    single = recordings.made("one beat", 0.004, lag=Lag((LagSample(0.0, 0.0),)))
    assert panel(timeline(single), "event loop").get_xlim()[1] > 0.004
