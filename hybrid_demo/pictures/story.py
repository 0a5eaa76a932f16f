"""What a picture says in words on its face: the headline, and remarks.

Pure text, computed from recordings; it knows nothing of axes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ..recording import JobSpan, Recording, StepSeries, counted, in_words
from .naming import label_of, units_of
from .waits import STARVED_S, quota_froze
from .words import end_words_of, listed, say, spelled

MESSAGES = 2  # of a library to itself: one to start, one to end
LONG_HOLD_S = 0.1  # a hold this long is the story, whatever the queues did


def _placed(figure: str, label: str) -> str:
    """Return "5 ms in a process pool", or "5 ms (inline)" if the label does not follow on."""
    first = label.split(maxsplit=1)[0].lower() if label else ""
    key = "headline.wait_at" if first in listed("labels.prepositions") else "headline.wait_of"
    return say(key, wait=figure, label=label)


def headline(recordings: Sequence[Recording]) -> str:
    """Return the one large sentence: what was run, and what it cost a client or a queue."""
    units = [units_of(recording) for recording in recordings]
    count, noun = units[0]
    parts = []
    if count and all(unit == (count, noun) for unit in units):
        many = noun if count == 1 else f"{noun}s"
        if len(recordings) > 1:
            parts.append(say("headline.same", count=spelled(count), noun=many))
        else:
            number = spelled(count)
            parts.append(say("headline.some", count=number[0].upper() + number[1:], noun=many))
    parts.append(_depths(recordings) if about_depth(recordings) else _waits(recordings))
    return " ".join(parts)


def about_depth(recordings: Sequence[Recording]) -> bool:
    """Whether the story is where items piled up, and not who held the loop."""
    held = any(hold.duration_s >= LONG_HOLD_S for r in recordings for hold in r.holds)
    return not held and any(map(shows_depths, recordings))


def shows_depths(recording: Recording) -> bool:
    """Whether queue or in-flight depth has something to say that the lanes do not.

    A queue without a bound has not, if it did no more than pass on a message or two:
    a web server's, when it starts and when it ends.
    """
    return any(
        queue.maxsize or queue.peak > 1 or _passed_on(queue) > MESSAGES
        for queue in recording.queues
    )


def _passed_on(queue: StepSeries) -> int:
    """Return how many items a queue was given."""
    return sum(after > before for before, after in itertools.pairwise((0, *queue.depths)))


def about_time(recordings: Sequence[Recording]) -> bool:
    """Whether what is compared leaves the loop free, so that the time it took is the story."""
    if len(recordings) < 2 or about_depth(recordings) or not all(r.jobs for r in recordings):
        return False
    return not any(is_blocked(recording) for recording in recordings)


def is_blocked(recording: Recording) -> bool:
    """Whether a client at the door had reason to complain.

    Somebody computed on the loop for 50 ms, or kept it otherwise for 100 ms (a
    busy machine alone can stretch a step that long), or the longest wait is at
    least half of the recording.
    """
    least_s = {"computing": LONG_HOLD_S / 2, "not running": LONG_HOLD_S}
    held = any(hold.duration_s >= least_s[hold.cause] for hold in recording.holds)
    return held or recording.lag.max_s >= max(recording.duration_s / 2, STARVED_S)


def free_remark(recording: Recording) -> str:
    """Return what stands in for a lag panel that has nothing to show."""
    if not recording.lag.samples:
        return ""
    return say("remark.free", wait=in_words(recording.lag.max_s))


def _waits(recordings: Sequence[Recording]) -> str:
    measured = any(recording.lag.samples for recording in recordings)
    if not measured and not any(r.jobs or r.holds for r in recordings):
        return say("headline.nothing")
    measured = measured and not about_time(recordings)
    waits = [
        in_words(recording.lag.max_s) if measured else end_words_of(recording.duration_s)
        for recording in recordings
    ]
    key = "headline.wait" if measured else "headline.done"
    if len(recordings) == 1:
        return say(key, wait=waits[0], time=waits[0])
    labels = [label_of(r, at, len(recordings)) for at, r in enumerate(recordings)]
    placed = [_placed(wait, label) for wait, label in zip(waits, labels, strict=True)]
    return say(f"{key}s", waits=", ".join(placed), times=", ".join(placed))


def figures_of(recordings: Sequence[Recording]) -> list[tuple[str, str]]:
    """Return the headline's measured figures in their order, each with what it measures."""
    if not about_depth(recordings):
        measured = any(recording.lag.samples for recording in recordings)
        told = measured and not about_time(recordings)
        return [(in_words(r.lag.max_s), "wait") for r in recordings] if told else []
    queues = [(str(_deepest(recording)), "queue") for recording in recordings]
    flights = [(str(recording.in_flight.peak), "flight") for recording in recordings]
    if len(recordings) > 1:
        return queues if _queues_differ(recordings) else flights
    return [*queues, *flights]


def _depths(recordings: Sequence[Recording]) -> str:
    if len(recordings) == 1:
        recording = recordings[0]
        queue, flight = _deepest(recording), recording.in_flight.peak
        key = "headline.depths" if flight > 2 * queue else "headline.depths_bounded"
        return say(key, queue=queue, flight=flight)
    labels = [label_of(r, at, len(recordings)) for at, r in enumerate(recordings)]
    placed = [
        _placed(figure, label)
        for (figure, _), label in zip(figures_of(recordings), labels, strict=True)
    ]
    key = "headline.queues_compared" if _queues_differ(recordings) else "headline.depths_compared"
    return say(key, peaks=", ".join(placed))


def _deepest(recording: Recording) -> int:
    return max((queue.peak for queue in recording.queues), default=0)


def _queues_differ(recordings: Sequence[Recording]) -> bool:
    """Whether it is only the queues that tell these recordings apart."""
    if not all(recording.queues for recording in recordings):
        return False
    flights = {recording.in_flight.peak for recording in recordings}
    return len(flights) == 1 and len({_deepest(recording) for recording in recordings}) > 1


def most_running(jobs: Sequence[JobSpan], executor: str = "process") -> int:
    """Return how many jobs of a kind of executor ran at one moment, at most."""
    changes: list[tuple[float, int]] = []
    for job in jobs:
        if job.executor == executor and job.started_s is not None and job.finished_s is not None:
            changes += [(job.started_s, 1), (job.finished_s, -1)]
    running = peak = 0
    for _, change in sorted(changes):
        running += change
        peak = max(peak, running)
    return peak


def remarks(recording: Recording) -> list[str]:
    """Return what the picture must say beside the recording's label."""
    found = []
    if recording.recorded:
        cpus = counted(recording.cpus, "CPU")
        found.append(say("remark.recorded", when=recording.recorded, cpus=cpus))
    if quota_froze(recording):
        found.append(say("remark.quota"))
    sharing = most_running(recording.jobs)
    if sharing > recording.cpus:
        found.append(
            say(
                "remark.shared",
                workers=counted(sharing, "worker"),
                cpus=counted(recording.cpus, "CPU"),
            )
        )
    return found


def remark_on_all(recordings: Sequence[Recording]) -> str:
    """Return what only the comparison shows: on one CPU, time saved or not and the open door."""
    if len(recordings) < 2 or any(recording.cpus != 1 for recording in recordings):
        return ""
    first, *rest = recordings
    best = min(recording.duration_s for recording in rest)
    if best < 0.9 * first.duration_s:
        return ""
    opened = min(r.lag.max_s for r in rest) < first.lag.max_s / 3
    return say("remark.one_cpu" if opened else "remark.one_cpu_busy")
