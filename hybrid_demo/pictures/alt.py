"""The picture for those who do not see it: its alternative text, and one sentence.

Pure text, computed from recordings; it knows nothing of axes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ..recording import Recording, counted, in_words
from .naming import callable_names, label_of
from .story import headline, remark_on_all, remarks
from .waits import is_throttled, starved_at, worst_of
from .words import end_words_of, say, sentence, series, spelled


def summary(recordings: Sequence[Recording]) -> str:
    """Return the picture in one sentence."""
    parts = []
    for at, recording in enumerate(recordings):
        label = label_of(recording, at, len(recordings))
        part = say(
            "summary.part",
            label=f"“{label}”",
            duration=end_words_of(recording.duration_s),
            wait=in_words(recording.lag.max_s),
        )
        if recording.jobs:
            part += say("summary.jobs", jobs=counted(len(recording.jobs), "job"))
        if recording.recorded:
            part += say("summary.recorded", when=recording.recorded)
        parts.append(part)
    return sentence(say("summary.join").join(parts))


def alt_text(recordings: Sequence[Recording], guesses: Sequence[str] = ()) -> str:
    """Return a description of the picture for those who do not see it."""
    several = len(recordings) > 1
    parts = [headline(recordings)]
    if several:
        parts.append(say("alt.many", count=spelled(len(recordings)).capitalize()))
    for at, recording in enumerate(recordings):
        label = f"“{label_of(recording, at, len(recordings))}”"
        key = "alt.part" if several else "alt.one"
        parts.append(sentence(say(key, label=label, duration=end_words_of(recording.duration_s))))
        parts += _told(recording)
        parts += remarks(recording)
        parts += [sentence(note) for note in recording.notes]
    parts += [remark_on_all(recordings)]
    parts += [say("alt.guess", words=words) for words in guesses]
    return " ".join(part for part in parts if part)


def _told(recording: Recording) -> list[str]:
    return [*_told_of_loop(recording), *_told_of_jobs(recording)]


def _told_of_loop(recording: Recording) -> list[str]:
    parts = [say("alt.free")]
    if recording.holds:
        longest = max(recording.holds, key=lambda hold: hold.duration_s)
        forms = callable_names(hold.name for hold in recording.holds)
        parts = [
            say(
                "alt.held",
                times=counted(len(recording.holds), "time"),
                total=in_words(recording.held_s),
                name=forms[longest.name][0],
                longest=in_words(longest.duration_s),
            )
        ]
    parts += _told_of_visits(recording)
    worst = worst_of(recording)
    if worst is None:
        return [*parts, say("alt.unmeasured")]
    client = say(
        "alt.client",
        at=in_words(worst.deadline_s),
        wait=in_words(worst.late_s),
        median=in_words(recording.lag.p50_s),
    )
    starved = starved_at(recording)
    if starved is None:
        return [*parts, client]
    reason = say("lag.throttled" if is_throttled(recording) else "lag.starved")
    key = "alt.starved_then" if starved == worst else "alt.starved"
    at, wait = in_words(starved.deadline_s), in_words(starved.late_s)
    return [*parts, client, say(key, reason=reason, at=at, wait=wait)]


def _told_of_visits(recording: Recording) -> list[str]:
    if not recording.visits:
        return []
    key = "alt.visit" if len(recording.visits) == 1 else "alt.visits"
    told = {
        "times": counted(len(recording.visits), "time"),
        "first": in_words(recording.visits[0].arrived_s),
        "wait": in_words(max(visit.waited_s for visit in recording.visits)),
    }
    return [say(key, **told)]


def _told_of_jobs(recording: Recording) -> list[str]:
    if not recording.jobs:
        return [say("alt.no_jobs"), *_told_of_queues(recording)]
    parts = []
    seen = [job for job in recording.jobs if job.started_s is not None]
    if seen:
        workers = counted(len(recording.workers()), "worker")
        parts.append(say("alt.jobs", jobs=counted(len(seen), "job"), workers=workers))
    unseen = sum(job.started_s is None and job.executor == "other" for job in recording.jobs)
    if unseen:
        parts.append(say("alt.unseen_jobs", jobs=counted(unseen, "job")))
    waits = [job.queued_s for job in seen if job.queued_s is not None and job.queued_s > 0.01]
    if waits:
        longest = in_words(max(waits))
        parts.append(say("alt.queued", jobs=counted(len(waits), "job"), longest=longest))
    outcomes = Counter(str(job.outcome) for job in recording.jobs)
    outcomes["abandoned"] = sum(job.abandoned for job in recording.jobs)
    told = [
        f"{number} {outcome}" for outcome, number in outcomes.items() if number and outcome != "ok"
    ]
    if told:
        parts.append(say("alt.outcomes", outcomes=series(told)))
    parts.append(say("alt.flight", peak=recording.in_flight.peak))
    return parts + _told_of_queues(recording)


def _told_of_queues(recording: Recording) -> list[str]:
    return [
        sentence(
            say(
                "alt.queue",
                name=queue.name,
                peak=queue.peak,
                bound=say("alt.bound", maxsize=queue.maxsize) if queue.maxsize else "",
            )
        )
        for queue in recording.queues
    ]
