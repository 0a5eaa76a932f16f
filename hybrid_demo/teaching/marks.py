"""What a guess amounts to on a given recording: one figure, to be drawn beside what was measured.

A leaf over the recording. A guess is relative ("as long as one request"), so
its figure is computed from what was measured, by the formula that
``misconceptions.toml`` names for the chosen option. Each formula is given the
recording and `alone_s`: how long the same work took one after another on the
loop, if the picture shows that too; else None.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..recording import Recording
from .data import Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A guess as a picture draws it.

    Attributes:
        value_s: the guessed figure in seconds; for ``"peak"`` a count.
        words: the guess in words, ``"your guess: as long as one request"``.
        measure: what is guessed: ``"wait"`` (lag), ``"end"`` (when the last
            job is delivered, from the recording's start) or ``"peak"`` (the most jobs
            in flight).
    """

    value_s: float
    words: str
    measure: Measure


def nothing(recording: Recording, alone_s: float | None = None) -> float:
    """Return no time at all."""
    return 0.0


def one_slice(recording: Recording, alone_s: float | None = None) -> float:
    """Return the interpreter's switch interval: the wait if the loop shared itself out."""
    return sys.getswitchinterval()


def longest_hold(recording: Recording, alone_s: float | None = None) -> float:
    """Return the length of the longest hold: one request that computes on the loop."""
    return max((hold.duration_s for hold in recording.holds), default=0.0)


def typical_hold(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return the median length of the holds that compute; None without one.

    In a service that computes on its loop, one inference: short holds by all
    else that a loop does are left out, and so are neighbours' rare long ones.
    """
    computing = sorted(h.duration_s for h in recording.holds if h.cause == "computing")
    long = [each for each in computing if each > computing[-1] / 4]
    return long[len(long) // 2] if long else None


def all_holds(recording: Recording, alone_s: float | None = None) -> float:
    """Return the length of all holds together: every request that computes on the loop."""
    return recording.held_s


def waited_for(recording: Recording, alone_s: float | None = None) -> float:
    """Return the length of the holds in the way of whoever waited longest, each in full.

    One inference for one that computes on the loop, two for two in a row.
    """
    worst = max(recording.lag.samples, key=lambda sample: sample.late_s, default=None)
    if worst is None:
        return longest_hold(recording)
    answered_s = worst.deadline_s + worst.late_s
    return math.fsum(
        hold.duration_s
        for hold in recording.holds
        if hold.start_s < answered_s and hold.stop_s > worst.deadline_s
    )


def last_delivery(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last answer was back; None without one."""
    delivered = [job.delivered_s for job in recording.jobs if job.delivered_s is not None]
    return max(delivered, default=None)


def first_round(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last of the jobs that needed no queueing was done; None without one."""
    ran = sorted(
        (job.started_s, job.finished_s)
        for job in recording.jobs
        if job.started_s is not None and job.finished_s is not None
    )
    at_once = [finished_s for started_s, finished_s in ran if started_s < _first_finish(ran)]
    return max(at_once, default=None)


def shared_out(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last answer would be back if every worker took an equal part of the work."""
    end_s = one_by_one(recording, alone_s)
    if end_s is None:
        return None
    start_s = recording.jobs[0].submitted_s
    return start_s + (end_s - start_s) / max(1, len(recording.workers()))


def one_by_one(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last answer would be back if the jobs ran one after another.

    That is what the loop did, if it was recorded. Otherwise the jobs' own spans
    tell, roughly: jobs that share a CPU stretch each other, so they are not
    summed up. At each moment no more than `cpus` of them advance, and only one
    if they are threads, which share the GIL.
    """
    ran = [j for j in recording.jobs if j.started_s is not None and j.finished_s is not None]
    if not ran:
        return None
    if alone_s is not None:
        return ran[0].submitted_s + alone_s
    edges = sorted(
        edge for j in ran for edge in ((j.started_s or 0.0, +1), (j.finished_s or 0.0, -1))
    )
    lanes = 1 if all(j.executor == "thread" for j in ran) else max(1, recording.cpus)
    work_s, running, since_s = 0.0, 0, 0.0
    for time_s, change in edges:
        work_s += min(running, lanes) * (time_s - since_s)
        running, since_s = running + change, time_s
    return ran[0].submitted_s + work_s


def worst_wait(recording: Recording, alone_s: float | None = None) -> float:
    """Return the longest wait that was measured."""
    return recording.lag.max_s


def longest_stretch(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return the longest time for which some worker was at work; None without a finished job.

    The wait for the loop, if it could not go on before they are all done.
    """
    ran = sorted(
        (j.started_s, j.finished_s)
        for j in recording.jobs
        if j.started_s is not None and j.finished_s is not None
    )
    longest_s, begun_s, until_s = 0.0, 0.0, 0.0
    for started_s, finished_s in ran:
        if started_s > until_s:
            begun_s = started_s
        until_s = max(until_s, finished_s)
        longest_s = max(longest_s, until_s - begun_s)
    return longest_s if ran else None


def split_up(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last job would be back if all workers of its pool had shared it.

    None without a delivered job, and where its pool does not tell its workers.
    """
    done = [(j.delivered_s, j) for j in recording.jobs if j.delivered_s is not None]
    if not done:
        return None
    delivered_s, last = max(done, key=lambda each: each[0])
    shared_by = next((p.workers for p in recording.pools if p.name == last.pool), None)
    if not shared_by or last.running_s is None:
        return None
    return delivered_s - last.running_s * (1 - 1 / shared_by)


def third_of_a_hold(recording: Recording, alone_s: float | None = None) -> float:
    """Return a third of the longest hold: one of three equal computations in one piece."""
    return longest_hold(recording) / 3


def one_job(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the longest job would have ended, had it begun when the first was submitted."""
    ran = _running_s(recording)
    return recording.jobs[0].submitted_s + max(ran) if ran else None


def shared_by_the_pool(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last answer would be back if all workers of the pool shared the work."""
    end_s, count = one_by_one(recording, alone_s), workers(recording)
    if end_s is None or count is None:
        return None
    start_s = recording.jobs[0].submitted_s
    return start_s + (end_s - start_s) / count


def last_alone(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last job to be submitted would have ended in a pool with nothing to do."""
    last = recording.jobs[-1] if recording.jobs else None
    return None if last is None or last.running_s is None else last.submitted_s + last.running_s


def behind_the_first(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the last job would have ended if only the first had been in its way."""
    ends = [job.finished_s for job in recording.jobs[:1] if job.finished_s is not None]
    ran = recording.jobs[-1].running_s if recording.jobs else None
    return ends[0] + ran if ends and ran is not None else None


def behind_all(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when one worker would be through with every job, the cancelled ones included."""
    ran = _running_s(recording)
    if not ran:
        return None
    return recording.jobs[0].submitted_s + len(recording.jobs) * math.fsum(ran) / len(ran)


def one_start_more(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return when the jobs would have ended one by one if only the first had queued.

    It queued because its worker had to start.
    """
    end_s = one_by_one(recording, alone_s)
    queued_s = recording.jobs[0].queued_s if recording.jobs else None
    return None if end_s is None or queued_s is None else end_s + queued_s


def _running_s(recording: Recording) -> list[float]:
    return [job.running_s for job in recording.jobs if job.running_s is not None]


def queue_bound(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return the bound of the first bounded queue; None without one."""
    return next((float(queue.maxsize) for queue in recording.queues if queue.maxsize > 0), None)


def workers(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return how many jobs the first pool runs at once; None without a pool that tells."""
    return next((float(pool.workers) for pool in recording.pools if pool.workers), None)


def most_in_flight(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return the most jobs that were in flight at once; None without a job."""
    return float(recording.in_flight.peak) if recording.jobs else None


def every_job(recording: Recording, alone_s: float | None = None) -> float | None:
    """Return the number of all jobs, as if none had been done before the last was submitted."""
    return float(len(recording.jobs)) or None


def _first_finish(ran: list[tuple[float, float]]) -> float:
    return min((finished_s for _, finished_s in ran), default=0.0)


FORMULAS: Mapping[str, Callable[[Recording, float | None], float | None]] = {
    "nothing": nothing,
    "one slice": one_slice,
    "longest hold": longest_hold,
    "typical hold": typical_hold,
    "all holds": all_holds,
    "waited for": waited_for,
    "last delivery": last_delivery,
    "first round": first_round,
    "shared out": shared_out,
    "one by one": one_by_one,
    "worst wait": worst_wait,
    "longest stretch": longest_stretch,
    "split up": split_up,
    "third of a hold": third_of_a_hold,
    "one job": one_job,
    "shared by the pool": shared_by_the_pool,
    "last alone": last_alone,
    "behind the first": behind_the_first,
    "behind all": behind_all,
    "one start more": one_start_more,
    "queue bound": queue_bound,
    "workers": workers,
    "most in flight": most_in_flight,
    "every job": every_job,
}
