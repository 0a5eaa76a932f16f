"""The schedule that a model gives for any number of CPUs: computed from a measured run.

A leaf over the recording, pure: what eight CPUs would do can be asked on one.
It leaves a recording like any other, drawn by the same pictures, and says in
its label and its notes that nobody measured it.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from .given import shown
from .recording import Recording, counted
from .spans import JobSpan, Pool, in_flight_of

_MOST_CPUS = 1024
_DONE = 1e-12  # seconds of work below which a job is done


def schedule(recording: Recording, *, cpus: int, workers: int | None = None) -> Recording:
    """Return how long the jobs of a run would take on `cpus` CPUs: computed, not measured.

    List scheduling (R. L. Graham, 1966): a job that comes takes a free worker,
    else it queues, first come, first served. Jobs that share CPUs share them
    equally (processor sharing), so that four on two CPUs advance at half speed.
    What each job has to compute is taken from the run in the same way: its time
    in the worker, less what it lost to others on the CPUs of that machine.

    Hidden: the trip to the worker and back, the loop's own time, and that jobs
    might come at other times if others were done sooner. Jobs in threads share
    one GIL: together they advance as one job does.

    Args:
        recording: a closed recording in which jobs of a process or thread pool ran.
        cpus: CPUs to compute it for, 1 to 1024.
        workers: workers of every process pool; as in the run if None.

    Raises:
        TypeError: `recording` is no Recording, or a count is no whole number.
        ValueError: no job of it ran to its end, or a count is out of range.
    """
    if not isinstance(recording, Recording):
        raise TypeError(f"{shown(recording)} is not a Recording; give what `watch` left")
    _check_count("cpus", cpus)
    if workers is not None:
        _check_count("workers", workers)
    ran = [job for job in recording.jobs if job.running_s is not None]
    if not ran:
        raise ValueError(
            f"no job of {recording!r} ran to its end; expected a run with jobs in a pool, "
            "for what they computed is what the model schedules"
        )
    seats = {pool.name: _seats(pool, recording, workers) for pool in recording.pools}
    spans = _simulated(ran, _works_of(ran, recording.cpus), seats, cpus)
    jobs = tuple(
        replace(
            job,
            worker=f"{job.pool} {span.seat}",
            started_s=span.start_s,
            finished_s=span.stop_s,
            delivered_s=span.stop_s,
        )
        for job, span in zip(ran, spans, strict=True)
    )
    pools = tuple(replace(pool, workers=seats[pool.name]) for pool in recording.pools)
    end_s = max(span.stop_s for span in spans)
    tail_s = recording.duration_s - max(job.finished_s or 0.0 for job in ran)
    return Recording(
        label=f"computed for {counted(cpus, 'CPU')}",
        duration_s=end_s + max(0.0, tail_s),
        cpus=cpus,
        jobs=jobs,
        in_flight=in_flight_of(jobs, pools),
        pools=pools,
        notes=(
            f"worked out from the run {recording.label!r}, not measured: its jobs come when they "
            "came there, and share the CPUs equally",
        ),
    )


def _check_count(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is {shown(value)}; expected a whole number, for example {name}=8")
    if not 1 <= value <= _MOST_CPUS:
        raise ValueError(
            f"{name} is {shown(value)}; expected 1 to {_MOST_CPUS}, for example {name}=8"
        )


def _seats(pool: Pool, recording: Recording, workers: int | None) -> int:
    if workers is not None and pool.kind == "process":
        return workers
    return pool.workers or max(1, len(recording.workers(pool.name)))


def _works_of(jobs: Sequence[JobSpan], cpus: int) -> list[float]:
    """Return what each job computed, in seconds on a CPU of its own.

    Between two events all running jobs advance at one speed: a CPU each, or as
    many as there are, shared. Threads share what one GIL allows.
    """
    begins = [(job.started_s or 0.0, False, at) for at, job in enumerate(jobs)]
    ends = [(max(job.finished_s or 0.0, begins[at][0]), True, at) for at, job in enumerate(jobs)]
    works = [0.0] * len(jobs)
    running: dict[int, JobSpan] = {}
    now_s = 0.0
    for time_s, is_over, at in sorted(begins + ends):
        for each, speed in zip(running, _speeds(running.values(), cpus), strict=True):
            works[each] += speed * (time_s - now_s)
        now_s = time_s
        if is_over:
            running.pop(at)
        else:
            running[at] = jobs[at]
    return works


def _speeds(running: Collection[JobSpan], cpus: int) -> list[float]:
    """Return how fast each running job advances, 1.0 being a CPU of its own."""
    threads = sum(job.executor == "thread" for job in running)
    takers = len(running) - threads + min(1, threads)  # all threads together take one turn
    share = min(1.0, cpus / takers) if takers else 0.0
    return [share / threads if job.executor == "thread" else share for job in running]


@dataclass(slots=True)
class _Span:
    start_s: float = 0.0
    stop_s: float = 0.0
    seat: int = 0


def _simulated(
    jobs: Sequence[JobSpan], works: Sequence[float], seats: Mapping[str, int], cpus: int
) -> list[_Span]:
    """Return when each job runs, and on which worker of its pool."""
    spans = [_Span() for _ in jobs]
    left = list(works)
    free = {pool: list(range(count)) for pool, count in seats.items()}
    queues: dict[str, deque[int]] = {pool: deque() for pool in seats}
    coming = deque(sorted(range(len(jobs)), key=lambda at: jobs[at].submitted_s))
    running: list[int] = []
    now_s = 0.0
    while coming or running:
        speeds = _speeds([jobs[at] for at in running], cpus)
        ends = [now_s + left[at] / speed for at, speed in zip(running, speeds, strict=True)]
        next_s = min([*ends, *(jobs[at].submitted_s for at in itertools.islice(coming, 1))])
        for at, speed in zip(running, speeds, strict=True):
            left[at] -= speed * (next_s - now_s)
        now_s = next_s
        # Far from zero, what is left of a job may be less than what its end can be told apart by.
        over = [at for at, end_s in zip(running, ends, strict=True) if end_s <= next_s]
        for at in [*over, *(at for at in running if left[at] <= _DONE and at not in over)]:
            running.remove(at)
            spans[at].stop_s = now_s
            heapq.heappush(free[jobs[at].pool], spans[at].seat)
        while coming and jobs[coming[0]].submitted_s <= now_s:
            at = coming.popleft()
            queues[jobs[at].pool].append(at)
        for pool, queue in queues.items():
            while queue and free[pool]:
                at = queue.popleft()
                spans[at] = _Span(start_s=now_s, seat=heapq.heappop(free[pool]))
                running.append(at)
    return spans
