"""What pictures say: headline, remarks, names, alternative text and summary."""

from dataclasses import replace

import pytest

from hybrid_demo import compare, timeline
from hybrid_demo.pictures.naming import callable_names, job_names, noun_of, units_of
from hybrid_demo.pictures.story import (
    about_time,
    headline,
    most_running,
    remark_on_all,
    remarks,
    shows_depths,
)
from hybrid_demo.pictures.words import headed, sentence, spelled
from hybrid_demo.recording import Hold, StepSeries, in_words
from tests.unit import recordings
from tests.unit.picture_reading import boxes, texts


def test_the_headline_is_computed_from_both_recordings() -> None:
    """Six holds and six jobs are the same six requests; the waits stand beside their labels."""
    said = headline([recordings.six_inline(), recordings.six_in_pool()])
    assert said == (
        "Same six requests. Longest wait: 1.20 s on the event loop, 5 ms in a process pool."
    )


def test_the_headline_is_generic_where_the_numbers_differ() -> None:
    """Six against four requests are not "the same"."""
    said = headline([recordings.six_inline(), recordings.throttled()])
    assert said == "Longest wait: 1.20 s on the event loop, 62 ms in a process pool."


def test_a_label_that_does_not_follow_on_is_set_apart() -> None:
    """A label without a preposition stands in brackets behind its figure."""
    said = headline([recordings.crowd(8, samples=100), recordings.many_workers(2)])
    assert said == "Done in 0.50 s (a crowd), 0.85 s (many workers)."


def test_two_pools_are_compared_by_their_time() -> None:
    """Where nobody waited in either recording, the headline tells how long each took."""
    said = headline([recordings.six_in_pool(), recordings.six_in_pool(4)])
    assert said == (
        "Same six requests. Done in 0.67 s in a process pool, 0.67 s in a process pool."
    )


def test_queues_make_the_story_one_of_depth() -> None:
    """With a queue and a free loop the headline is about where items piled up."""
    one, other = recordings.backlog(), recordings.backlog(bounded=True)
    assert headline([one]) == f"60 jobs. Deepest queue 1, but {one.in_flight.peak} in flight."
    assert headline([one, other]) == (
        f"Same 60 jobs. Most jobs in flight: {one.in_flight.peak} as on the slide, "
        f"{other.in_flight.peak} with a semaphore of 4."
    )


def test_a_library_that_passes_one_message_on_makes_no_story() -> None:
    """A web server's queue of one, without a bound: no panel of depths, no word of it on top."""
    queue = StepSeries(name="queue 1", times_s=(0.0, 0.1), depths=(1, 0))
    quiet = replace(recordings.six_in_pool(), queues=(queue,))
    assert headline([quiet]) == headline([recordings.six_in_pool()])
    assert not shows_depths(quiet)
    busy = StepSeries(name="queue 1", times_s=(0.0, 0.1, 0.2, 0.3, 0.4), depths=(1, 0, 1, 0, 1))
    for other in (replace(queue, maxsize=10), replace(queue, depths=(2, 0)), busy):
        assert shows_depths(replace(quiet, queues=(other,)))


def test_where_as_many_are_in_flight_the_queues_are_compared() -> None:
    """Two runs that differ only in where the rest stands are told apart by that."""
    full = recordings.backlog(bounded=True)
    (queue,) = full.queues
    deeper = replace(queue, depths=tuple(4 * depth for depth in queue.depths), maxsize=0)
    picture = compare(full, replace(full, label="without maxsize", queues=(deeper,)))
    assert picture.headline == (
        f"Same 60 jobs. Deepest queue: {queue.peak} with a semaphore of 4, "
        f"{deeper.peak} without maxsize."
    )
    assert {str(queue.peak), str(deeper.peak)} <= set(texts(picture, "headline"))


def test_nothing_else_is_as_large_as_the_headline() -> None:
    """Only the headline is set in its size, and its parts put together are the whole of it."""
    picture = compare(recordings.six_inline(), recordings.six_in_pool())
    written = [text for text in picture.findobj(type(picture.texts[0])) if text.get_text()]
    largest = max(text.get_fontsize() for text in written)
    assert {text.get_gid() for text in written if text.get_fontsize() == largest} == {"headline"}
    assert " ".join(texts(picture, "headline")).replace(" ,", ",") == picture.headline


def test_workers_that_share_cpus_are_told() -> None:
    """Four overlapping jobs on two CPUs are said to take longer; on four CPUs they are not."""
    assert remarks(recordings.six_in_pool()) == [
        "4 workers share 2 CPUs: each job takes longer for it."
    ]
    assert remarks(recordings.six_in_pool(cpus=4)) == []
    assert most_running(recordings.six_in_pool().jobs) == 4


def test_a_quota_is_not_blamed_for_what_the_code_did() -> None:
    """Throttled or not, a loop held by computing is not the quota's fault."""
    inline = recordings.six_inline()
    note = "the CPU quota throttled this process for 80 ms"
    both = recordings.made("inline", 1.2061, holds=inline.holds, notes=[note])
    assert remarks(both) == []
    assert remarks(recordings.throttled())[0] == "The freeze was your quota, not your code."


def test_one_cpu_is_told_apart() -> None:
    """On one CPU the comparison says that no time was saved and the door stayed open."""
    both = [recordings.six_inline(cpus=1), recordings.throttled()]
    assert remark_on_all(both) == ("One CPU: no time saved, but nobody had to wait at the door.")
    assert remark_on_all(both) in texts(compare(*both))
    assert remark_on_all([recordings.six_inline(), recordings.six_in_pool()]) == ""


def test_alt_text_holds_the_figures() -> None:
    """Who cannot see the picture reads every figure of it, and the notes."""
    alt = compare(recordings.six_inline(), recordings.six_in_pool()).alt_text
    for figure in ("1.20 s", "5 ms", "1.21 s", "0.67 s", "6 times", "4 workers", "409 ms"):
        assert figure in alt
    starved = "During that wait nobody held the loop: it got no GIL or no CPU."
    assert starved in timeline(recordings.six_in_threads()).alt_text
    mixed = timeline(recordings.mixed_outcomes()).alt_text
    for word in ("1 error", "2 cancelled", "2 pending", "1 lost", "1 abandoned"):
        assert word in mixed
    assert "Two jobs were still running." in mixed
    assert "at most 1 of 10" in timeline(recordings.backlog()).alt_text


def test_summary_is_one_sentence_with_each_recording() -> None:
    """The summary names each recording, its length and its longest wait."""
    summary = compare(recordings.six_inline(), recordings.six_in_pool()).summary
    assert summary == (
        "“on the event loop” took 1.21 s with a longest wait of 1.20 s; "
        "“in a process pool” took 0.67 s with a longest wait of 5 ms and 6 jobs."
    )


def test_every_recording_says_when_it_was_done() -> None:
    """The end carries "done in", or "left after" when a job was not done."""
    both = compare(recordings.six_inline(), recordings.six_in_pool())
    assert texts(both, "done") == ["done in 1.21 s", "done in 0.67 s"]
    assert texts(timeline(recordings.mixed_outcomes()), "done") == ["left after 0.90 s"]


def test_a_run_made_before_is_plainly_labelled() -> None:
    """Whoever sees, hears or reads the picture of a loaded recording learns that it is old."""
    picture = timeline(replace(recordings.six_in_pool(), recorded="2026-11-24"))
    said = "Recorded 2026-11-24 on 2 CPUs, not now."
    assert any(said in text for text in texts(picture))
    assert said in picture.alt_text
    assert "recorded 2026-11-24" in picture.summary
    assert "ecorded" not in timeline(recordings.six_in_pool()).alt_text


def test_notes_stand_under_the_picture() -> None:
    """Each note is shown as a sentence, with its recording's label where there are several."""
    alone = timeline(recordings.unseen_executor())
    assert texts(alone, "note") == ["This executor tells nothing of its workers."]
    both = compare(recordings.six_inline(), recordings.unseen_executor())
    assert texts(both, "note") == ["With dask: this executor tells nothing of its workers."]


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["handle_request 0", "handle_request 1"], ["request 0", "request 1"]),
        (["handle_request 0"], ["handle_request"]),
        (["this cell"], ["this cell"]),
        (["fetch 0", "fetch 1"], ["fetch 0", "fetch 1"]),
        (["get_item 0", "get_item 1", "put_item 0"], ["get_item 0", "get_item 1", "put_item"]),
    ],
)
def test_names_are_short_where_no_other_is_meant(names: list[str], shown: list[str]) -> None:
    """An order is dropped where there is only one; a noun stands in where it is unique."""
    assert [callable_names(names)[name][0] for name in names] == shown


def test_a_name_too_long_for_its_bar_is_cut_not_dropped() -> None:
    """Who held the loop is told, if only by the beginning of a name."""
    name = "handle_request_with_inference_and_more"
    hold = Hold(name=name, start_s=0.1, stop_s=0.35, cause="computing")
    shown = texts(timeline(recordings.made("long", 1.0, holds=[hold])), "name")
    assert len(shown) == 1
    assert shown[0].endswith("…")
    assert name.startswith(shown[0][:-1])


def test_units_are_counted_by_noun() -> None:
    """Requests are counted as requests; many jobs of one submitter are jobs."""
    assert units_of(recordings.six_inline()) == (6, "request")
    assert units_of(recordings.backlog()) == (60, "job")
    assert units_of(recordings.nothing()) == (0, "job")
    assert noun_of("handleRequest 3") == "request"


def test_small_words() -> None:
    """Numbers up to twelve are spelled, waits from 1 s on are in s, identifiers keep their case."""
    assert (spelled(6), spelled(10_000)) == ("six", "10,000")
    assert [in_words(s) for s in (0.0003, 0.005, 1.2, 12.0)] == [
        "0.3 ms",
        "5 ms",
        "1.20 s",
        "12.00 s",
    ]
    assert (headed("on the loop"), headed("job_queue x"), sentence("a b")) == (
        "On the loop",
        "job_queue x",
        "A b.",
    )


def _held(name: str, lengths: list[float]) -> recordings.Recording:
    """Return a recording of a second in which tasks of one coroutine computed in turn."""
    holds, at = [], 0.1
    for order, length in enumerate(lengths):
        holds.append(
            Hold(name=f"{name} {order}", start_s=at, stop_s=at + length, cause="computing")
        )
        at += length
    return recordings.made("held", 1.0, holds=holds)


@pytest.mark.parametrize(
    ("lengths", "count"),
    [
        ([0.15] * 4, 4),
        ([0.4, 0.15, 0.1], 3),
        ([0.6], 0),  # one alone is no number worth telling
        ([0.3, 0.02, 0.3], 0),  # who held so much less than another may not be the last
        ([0.011] * 6, 0),  # six of three thousand sleepers, late for a moment
        ([0.0012] * 300, 0),  # as short as what a watch leaves out
    ],
)
def test_a_number_of_requests_is_told_only_where_it_is_known(
    lengths: list[float], count: int
) -> None:
    """Tasks too short to be recorded must not make a wrong number of those that were."""
    recording = _held("waiting_client", lengths)
    assert units_of(recording)[0] == count
    assert headline([recording]).startswith("Longest wait") == (count == 0)


def test_a_busy_machine_neither_hides_a_number_nor_makes_one_up() -> None:
    """Holds stretched by other programs are counted with those that computed, not by themselves."""
    holds = _held("handle_request", [0.2] * 4).holds
    for still, count in ((1, 4), (3, 0)):
        slow = [replace(hold, cause="not running") for hold in holds[:still]]
        assert units_of(recordings.made("busy", 1.0, holds=[*slow, *holds[still:]]))[0] == count


def test_a_gap_among_the_orders_makes_the_number_unknown() -> None:
    """Task 1 held nothing that is known of, so nobody knows how many more did not."""
    holds = _held("handle_request", [0.2] * 4).holds
    assert units_of(recordings.made("a gap", 1.0, holds=[holds[0], *holds[2:]]))[0] == 0


def test_a_job_of_the_cell_itself_is_called_by_its_function() -> None:
    """Nobody learns anything from a bar that says "this cell"."""
    pool = recordings.process_pool()
    one = recordings.job(0, 0.01, 0.02, 0.4, worker="1", by="this cell")
    picture = timeline(recordings.made("bridge", 0.5, jobs=[one], pools=[pool]))
    assert texts(picture, "name") == ["cpu_intensive_analysis"]
    two = [
        recordings.job(at, 0.01, 0.02, 0.4, worker=str(at), by="this cell", name=name)
        for at, name in enumerate(("parse", "score"))
    ]
    assert job_names(two) == [("parse",), ("score",)]
    assert job_names([two[0], two[0]]) == [("job 0", "0"), ("job 1", "1")]
    assert units_of(recordings.made("two", 0.5, jobs=two, pools=[pool])) == (2, "job")


def test_a_request_that_goes_through_two_pools_keeps_its_name() -> None:
    """Two requests, each with a job in either pool: two requests, and four bars of theirs."""
    jobs = [
        recordings.job(at, 0.01, 0.02, 0.4, worker=str(at), by=f"handle_request {at}", name=name)
        for name in ("ask_library", "cpu_intensive_analysis")
        for at in range(2)
    ]
    assert job_names(jobs) == [("request 0", "0"), ("request 1", "1")] * 2
    recording = recordings.made("layers", 0.5, jobs=jobs, pools=[recordings.process_pool()])
    assert units_of(recording) == (2, "request")


def test_runs_that_leave_the_loop_free_are_compared_by_their_time() -> None:
    """Waits that differ are no story while nobody is blocked; one blocked recording makes them."""
    pooled, threads = recordings.six_in_pool(), recordings.six_in_threads()
    assert threads.lag.max_s > 10 * pooled.lag.max_s
    assert about_time([pooled, threads])
    jobs, pools = pooled.jobs, pooled.pools
    for cause, length, told in (
        ("computing", 0.06, False),
        ("not running", 0.06, True),
        ("not running", 0.2, False),
    ):
        hold = Hold(name="parse", start_s=0.1, stop_s=0.1 + length, cause=cause)  # type: ignore[arg-type]
        held = recordings.made("held", 0.67, jobs=jobs, pools=pools, holds=[hold])
        assert about_time([pooled, held]) == told
    starved = recordings.made("starved", 0.67, jobs=jobs, pools=pools, starved=[(0.1, 0.5)])
    assert not about_time([pooled, starved])


def test_one_wait_is_told_in_one_unit() -> None:
    """A wait of a second and more is in seconds, in headline, panel, axis and alternative text."""
    picture = timeline(recordings.six_inline())
    assert picture.headline == "Six requests. Longest wait: 1.20 s."
    written = [text.get_text() for text, _ in boxes(picture)]
    assert {"waits 1.20 s", "1 s"} <= set(written)
    assert not [text for text in written if text.endswith(" ms")]
    assert "1.20 s, the longest wait" in picture.alt_text
