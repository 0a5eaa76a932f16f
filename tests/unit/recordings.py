"""Recordings made by hand, for tests that must not depend on a clock.

Each function's name says what happened in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hybrid_demo.recording import (
    Hold,
    JobSpan,
    Lag,
    LagSample,
    Pool,
    Recording,
    StepSeries,
    in_flight_of,
)
from hybrid_demo.spans import steps_of

PERIOD_S = 0.005


def lag_of(
    duration_s: float,
    holds: Iterable[Hold] = (),
    *,
    idle_s: float = 0.0004,
    starved: Iterable[tuple[float, float]] = (),
) -> Lag:
    """Return the lag of a loop held by `holds` and starved over (start, stop) stretches."""
    blocks = sorted([*((h.start_s, h.stop_s) for h in holds), *starved])
    runs: list[list[float]] = []
    for start, stop in blocks:
        if runs and start - runs[-1][1] < 1e-4:
            runs[-1][1] = stop
        else:
            runs.append([start, stop])
    samples, at = [], 0
    for index in range(int(duration_s / PERIOD_S) + 1):
        deadline = index * PERIOD_S
        while at < len(runs) and runs[at][1] <= deadline:
            at += 1
        inside = at < len(runs) and runs[at][0] <= deadline
        late = runs[at][1] - deadline if inside else idle_s * (1 + index % 3)
        samples.append(LagSample(deadline, late))
    return Lag(tuple(samples))


def made(
    label: str,
    duration_s: float,
    *,
    cpus: int = 2,
    jobs: Sequence[JobSpan] = (),
    holds: Sequence[Hold] = (),
    pools: Sequence[Pool] = (),
    queues: Sequence[StepSeries] = (),
    notes: Sequence[str] = (),
    lag: Lag | None = None,
    starved: Iterable[tuple[float, float]] = (),
) -> Recording:
    """Return a recording in which all that follows from the rest is filled in."""
    jobs = tuple(sorted(jobs, key=lambda job: job.submitted_s))
    return Recording(
        label=label,
        duration_s=duration_s,
        cpus=cpus,
        jobs=jobs,
        holds=tuple(holds),
        lag=lag if lag is not None else lag_of(duration_s, holds, starved=starved),
        queues=tuple(queues),
        in_flight=in_flight_of(jobs, pools),
        pools=tuple(pools),
        notes=tuple(notes),
    )


def process_pool(workers: int = 4, name: str = "process pool 1") -> Pool:
    """Return a pool of processes."""
    return Pool(name=name, kind="process", workers=workers, start_method="forkserver")


def job(
    number: int, submitted: float, started: float | None, finished: float | None, **more: object
) -> JobSpan:
    """Return a job of request `number`; what is not given is as for a job that went well."""
    answers: dict[str, object] = {
        "name": "cpu_intensive_analysis",
        "by": f"handle_request {number}",
        "executor": "process",
        "pool": "process pool 1",
        "worker": "",
        "submitted_s": submitted,
        "started_s": started,
        "finished_s": finished,
        "delivered_s": None if finished is None else finished + 0.001,
    }
    return JobSpan(**{**answers, **more})  # type: ignore[arg-type]


def six_inline(cpus: int = 2) -> Recording:
    """Six requests of 0.2 s that never gave way: one cliff of 1.2 s."""
    holds = [
        Hold(
            name=f"handle_request_inline {at}",
            start_s=0.0021 + at * 0.2,
            stop_s=0.0021 + (at + 1) * 0.2,
            cause="computing",
        )
        for at in range(6)
    ]
    return made("on the event loop", 1.2061, cpus=cpus, holds=holds)


def six_in_pool(cpus: int = 2) -> Recording:
    """Put the same six on four workers and two CPUs: two wait, nobody at the door does."""
    ends = [0.412, 0.398, 0.421, 0.433]
    jobs = [
        job(at, 0.003 + at * 0.0004, 0.005 + at * 0.001, ends[at], worker=str(4001 + at))
        for at in range(4)
    ]
    jobs.append(job(4, 0.0047, 0.4, 0.655, worker="4002"))
    jobs.append(job(5, 0.0051, 0.414, 0.664, worker="4001"))
    lag = lag_of(0.6691)
    samples = list(lag.samples)
    samples[7] = LagSample(samples[7].deadline_s, 0.0048)
    return made(
        "in a process pool",
        0.6691,
        cpus=cpus,
        jobs=jobs,
        pools=[process_pool()],
        lag=Lag(tuple(samples)),
    )


def six_in_threads() -> Recording:
    """Put the same six into four threads: nobody holds the loop, and it is starved all the same."""
    ends = [0.83, 0.78, 0.86, 0.81]
    threads = [f"ThreadPoolExecutor-0_{at}" for at in range(4)]
    common = {"executor": "thread", "pool": "thread pool 1"}
    jobs = [
        job(at, 0.003 + at * 0.0004, 0.0035 + at * 0.006, ends[at], worker=threads[at], **common)
        for at in range(4)
    ]
    jobs.append(job(4, 0.0047, 0.781, 1.19, worker=threads[1], **common))
    jobs.append(job(5, 0.0051, 0.811, 1.213, worker=threads[3], **common))
    starved = [(at / 1000, at / 1000 + 0.012 + (at * 37 % 60) / 1000) for at in range(6, 1150, 74)]
    starved[9] = (starved[9][0], starved[9][0] + 0.0731)
    return made(
        "in threads",
        1.2212,
        jobs=jobs,
        starved=starved,
        pools=[Pool(name="thread pool 1", kind="thread", workers=4)],
    )


def backlog(jobs: int = 60, *, bounded: bool = False) -> Recording:
    """Run a producer, a queue of 10 and two workers, with or without a bound in flight."""
    spans, queue_changes = [], []
    free = [0.0, 0.0]
    delivered: list[float] = []
    for at in range(jobs):
        made_s = 0.01 * at + 0.002
        taken = made_s + 0.0003
        if bounded and at >= 4:
            taken = max(taken, sorted(delivered)[at - 4])
            if at >= 14:
                made_s = max(made_s, delivered[at - 14])
        worker = free.index(min(free))
        start = max(taken + 0.001, free[worker])
        stop = start + 0.05
        free[worker] = stop
        spans.append(
            job(at, taken, start, stop, worker=str(4001 + worker), by="async_job_submitter")
        )
        delivered.append(stop + 0.001)
        queue_changes += [(min(made_s, taken), 1), (taken, -1)]
    times, depths = steps_of(queue_changes)
    if not bounded:
        depths = tuple(max(1, depth) if at % 2 else depth for at, depth in enumerate(depths))
    queue = StepSeries(name="job_queue", times_s=times, depths=depths, maxsize=10)
    label = "with a semaphore of 4" if bounded else "as on the slide"
    return made(label, max(delivered) + 0.002, jobs=spans, queues=[queue], pools=[process_pool(2)])


def mixed_outcomes() -> Recording:
    """Meet each fate: error, abandoned, lost, pending, cancelled while queued, delivered late."""
    jobs = [
        job(0, 0.01, 0.012, 0.25, worker="1", outcome="error"),
        job(1, 0.01, 0.013, 0.6, worker="2", abandoned=True, outcome="cancelled"),
        job(2, 0.01, 0.014, None, worker="3", outcome="pending"),
        job(3, 0.01, 0.015, 0.3, worker="4", delivered_s=0.7),
        job(4, 0.02, None, None, outcome="cancelled", delivered_s=0.22),
        job(5, 0.02, 0.252, None, worker="1", outcome="lost", delivered_s=0.75),
        job(6, 0.02, 0.61, None, worker="2", outcome="pending"),
    ]
    holds = [
        Hold(name="this cell", start_s=0.35, stop_s=0.55, cause="not running"),
        Hold(name="read_results", start_s=0.55, stop_s=0.7, cause="computing"),
    ]
    return made(
        "what can become of a job",
        0.9,
        jobs=jobs,
        holds=holds,
        pools=[process_pool()],
        notes=["two jobs were still running"],
    )


def throttled() -> Recording:
    """Four workers under a quota of one CPU: the kernel stopped everybody, the loop too."""
    jobs = [
        job(at, 0.004, 0.006 + at * 0.001, 1.16 + 0.02 * at, worker=str(at + 1)) for at in range(4)
    ]
    starved = [(0.05 + at * 0.1, 0.1 + at * 0.1 + 0.012) for at in range(11)]
    return made(
        "in a process pool",
        1.25,
        cpus=1,
        jobs=jobs,
        pools=[process_pool()],
        starved=starved,
        notes=["the CPU quota throttled this process for 680 ms"],
    )


def unseen_executor() -> Recording:
    """Jobs of an executor that tells nothing of its workers."""
    jobs = [
        job(
            at,
            0.01 + at * 0.02,
            None,
            None,
            executor="other",
            pool="other pool 1",
            delivered_s=0.3 + at * 0.1,
        )
        for at in range(5)
    ]
    return made(
        "with dask",
        0.8,
        jobs=jobs,
        pools=[Pool(name="other pool 1", kind="other")],
        notes=["this executor tells nothing of its workers"],
    )


def crowd(jobs: int = 10_000, *, workers: int = 4, samples: int = 100_000) -> Recording:
    """Very many jobs and samples, all submitted at once."""
    each = samples * PERIOD_S * 0.98 / jobs * workers
    spans = [
        job(
            at,
            0.01 + at * 1e-5,
            0.02 + (at // workers) * each,
            0.02 + (at // workers) * each + each * 0.95,
            worker=str(at % workers),
        )
        for at in range(jobs)
    ]
    return made("a crowd", samples * PERIOD_S, jobs=spans, pools=[process_pool(workers)])


def many_workers(workers: int = 64) -> Recording:
    """One job each for very many workers, and half of them a second one."""
    jobs = [
        job(
            at,
            0.002,
            0.004 + (at % workers) * 0.001 + (at // workers) * 0.4,
            0.38 + (at * 7 % 20) / 1000 + (at // workers) * 0.4,
            worker=str(at % workers),
        )
        for at in range(workers + workers // 2)
    ]
    return made("many workers", 0.85, cpus=64, jobs=jobs, pools=[process_pool(workers)])


def nothing() -> Recording:
    """Watch nothing at all."""
    return made("", 0.0, lag=Lag(()))
