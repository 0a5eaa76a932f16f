"""The model's schedule: list scheduling on shared CPUs, computed from spans made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hybrid_demo import compare
from hybrid_demo.recording import JobSpan, Pool, Recording
from hybrid_demo.schedule import schedule
from tests.unit import recordings


def pooled(
    spans: list[tuple[float, float, float]],
    *,
    cpus: int,
    workers: int = 4,
    executor: str = "process",
) -> Recording:
    """Return a run of jobs given as (submitted_s, started_s, finished_s)."""
    jobs = [
        JobSpan(
            name="cpu_intensive_analysis",
            by=f"handle_request {number}",
            executor=executor,  # type: ignore[arg-type]
            pool="pool",
            worker=f"{number % workers}",
            submitted_s=submitted_s,
            started_s=started_s,
            finished_s=finished_s,
            delivered_s=finished_s,
        )
        for number, (submitted_s, started_s, finished_s) in enumerate(spans)
    ]
    pool = Pool(name="pool", kind=executor, workers=workers)  # type: ignore[arg-type]
    return recordings.made(
        "measured", max(job.finished_s or 0 for job in jobs), cpus=cpus, jobs=jobs, pools=[pool]
    )


# Six jobs of 0.2 s of CPU each, four workers on two CPUs: two rounds, the first at half speed.
SIX = pooled([(0.0, 0.0, 0.4)] * 4 + [(0.0, 0.4, 0.6)] * 2, cpus=2)


@pytest.mark.parametrize(
    ("cpus", "workers", "end_s"),
    [
        (1, 4, 1.2),  # one CPU saves no time, whatever the workers
        (2, 4, 0.6),  # as it was measured
        (4, 4, 0.4),  # two rounds of 0.2 s
        (8, 4, 0.4),  # four workers use four CPUs
        (8, 6, 0.2),  # one round
        (8, 1, 1.2),  # one worker, one after another
        (2, 2, 0.6),
    ],
)
def test_six_equal_jobs(cpus: int, workers: int, end_s: float) -> None:
    """The last answer comes when arithmetic says it must."""
    assert schedule(SIX, cpus=cpus, workers=workers).makespan_s == pytest.approx(end_s)


def test_the_workers_are_those_of_the_run_unless_said_otherwise() -> None:
    """Without a number, the pool is as it was."""
    assert schedule(SIX, cpus=8).pools[0].workers == 4
    assert len(schedule(SIX, cpus=8).workers()) == 4
    assert len(schedule(SIX, cpus=8, workers=6).workers()) == 6


def test_jobs_queue_first_come_first_served() -> None:
    """Nobody starts before it came, and nobody overtakes."""
    run = pooled([(0.0, 0.0, 0.3), (0.1, 0.3, 0.4), (0.05, 0.4, 0.5)], cpus=4, workers=1)
    first, second, third = schedule(run, cpus=4).jobs
    assert (first.started_s, first.finished_s) == pytest.approx((0.0, 0.3))
    assert (second.submitted_s, second.started_s) == pytest.approx((0.05, 0.3))
    assert (third.submitted_s, third.started_s) == pytest.approx((0.1, 0.4))
    assert schedule(run, cpus=4, workers=3).jobs[2].started_s == pytest.approx(0.1)


def test_work_is_what_is_left_without_the_others() -> None:
    """A job that had its CPU to itself at the end did more than one that shared it all along."""
    run = pooled([(0.0, 0.0, 0.2), (0.0, 0.0, 0.3)], cpus=1, workers=2)
    alone = schedule(run, cpus=2, workers=2)
    assert [job.running_s for job in alone.jobs] == pytest.approx([0.1, 0.2])


def test_threads_share_one_turn_on_any_number_of_cpus() -> None:
    """Four threads on eight CPUs compute no faster than one."""
    run = pooled([(0.0, 0.0, 0.8)] * 4, cpus=2, executor="thread")
    assert schedule(run, cpus=8).makespan_s == pytest.approx(0.8)


def test_it_says_that_nobody_measured_it() -> None:
    """Label and note tell; the picture is one like any other, without a wait that was measured."""
    computed = schedule(SIX, cpus=8)
    assert computed.label == "computed for 8 CPUs"
    assert computed.notes[0].startswith("worked out from the run 'measured', not measured")
    assert (computed.lag.samples, computed.holds, computed.cpus) == ((), (), 8)
    assert "not measured" in compare(SIX, computed).alt_text


def test_as_many_jobs_in_flight_as_were_submitted() -> None:
    """In-flight depth follows from the computed spans."""
    assert schedule(SIX, cpus=8).in_flight.peak == 6


@pytest.mark.parametrize("how", [{"cpus": 0}, {"cpus": 2000}, {"cpus": 2, "workers": 0}])
def test_counts_are_in_range(how: dict[str, int]) -> None:
    """A machine has at least one CPU, a pool one worker."""
    with pytest.raises(ValueError, match=r"expected 1 to 1024, for example"):
        schedule(SIX, **how)


@pytest.mark.parametrize("cpus", [2.0, "2", None, True])
def test_counts_are_whole_numbers(cpus: object) -> None:
    """Anything else is refused by name."""
    with pytest.raises(TypeError, match=r"cpus is .*expected a whole number"):
        schedule(SIX, cpus=cpus)  # type: ignore[arg-type]


def test_without_a_job_there_is_nothing_to_schedule() -> None:
    """A run on the loop is told so, and so is what is no recording."""
    with pytest.raises(ValueError, match=r"no job of .* ran to its end; expected a run with jobs"):
        schedule(recordings.six_inline(), cpus=2)
    with pytest.raises(TypeError, match=r"'x' is not a Recording"):
        schedule("x", cpus=2)  # type: ignore[arg-type]


def test_a_job_far_from_zero_ends() -> None:
    """A work too short to be told apart from the moment it ends at does not go on for ever."""
    late_s = 1e12  # where a float's next neighbour is a tenth of a millisecond away
    end_s = late_s + 2e-3
    when = {"submitted_s": late_s, "started_s": late_s, "finished_s": end_s, "delivered_s": end_s}
    jobs = tuple(replace(job, **when) for job in SIX.jobs)
    short = Recording(label="late", duration_s=late_s + 1, cpus=2, jobs=jobs, pools=SIX.pools)
    assert 0 < schedule(short, cpus=3, workers=5).makespan_s < 0.1
