"""What bars and lanes are called, and what a recording is about: pure text."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..recording import JobSpan, Recording
from .words import listed, say

LONGEST = 60  # letters of a label in a picture
LEAST_UNIT_S = 0.01  # far above what a watch leaves out: tasks held this long were all seen

_ORDERED = re.compile(r"(?P<base>.+) (?P<order>\d{1,9})")


def base_of(name: str) -> str:
    """Return "handle_request" of "handle_request 3"."""
    matched = _ORDERED.fullmatch(name)
    return matched["base"] if matched else name


@lru_cache(maxsize=10_000)
def noun_of(name: str) -> str:
    """Return what a coroutine of this name is about: "request" of "handle_request 3"."""
    words = re.split(r"[^A-Za-z]+|(?<=[a-z])(?=[A-Z])", base_of(name))
    parts = {word.lower() for word in words}
    found = [noun for noun in listed("nouns.known") if noun in parts]
    return found[0] if found else say("nouns.fallback")


def callable_names(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return for each name how it may be written, the longest form first.

    "handle_request 3" is "request 3" where that is no other coroutine's too.
    The order is dropped where there is only one of a kind: "handle_request 0"
    alone is "handle_request", or "request" where that is too long.
    """
    names = list(dict.fromkeys(names))
    orders = Counter(base_of(name) for name in names)
    nouns = Counter(noun_of(base) for base in orders)
    forms: dict[str, tuple[str, ...]] = {}
    for name in names:
        matched = _ORDERED.fullmatch(name)
        if matched is None:
            forms[name] = (name,)
            continue
        noun = noun_of(name)
        told = noun in matched["base"].lower() and nouns[noun] == 1
        if orders[matched["base"]] == 1:
            forms[name] = (matched["base"], noun) if told else (matched["base"],)
        else:
            forms[name] = (f"{noun} {matched['order']}" if told else name, matched["order"])
    return forms


def job_names(jobs: Sequence[JobSpan]) -> list[tuple[str, ...]]:
    """Return for each job how it may be written.

    By who submitted it, where each job has a submitter of its own; by its
    function, where the submitter is the cell itself or each job has a function
    of its own; by its submitter again, where that submitted one job of each
    function, as a request does that goes through several pools; else by its number.
    """
    outer = listed("nouns.top_level")
    if len({job.by for job in jobs}) == len(jobs):
        forms = callable_names(job.by for job in jobs)
        return [(job.name,) if base_of(job.by) in outer else forms[job.by] for job in jobs]
    if len({job.name for job in jobs}) == len(jobs):
        return [(job.name,) for job in jobs]
    if _one_of_each(jobs) and not any(base_of(job.by) in outer for job in jobs):
        forms = callable_names(job.by for job in jobs)
        return [forms[job.by] for job in jobs]
    return [(say("lane.job", number=at), str(at)) for at in range(len(jobs))]


def _one_of_each(jobs: Sequence[JobSpan]) -> bool:
    """Whether nobody submitted two jobs of the same function."""
    return len({(job.by, job.name) for job in jobs}) == len(jobs)


def label_of(recording: Recording, number: int, among: int) -> str:
    """Return the recording's label, or "recording 2" if it was given none."""
    label = " ".join(recording.label.split())
    if label:
        return label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "…"
    return say("labels.only") if among == 1 else say("labels.unnamed", number=number + 1)


def units_of(recording: Recording) -> tuple[int, str]:
    """Return how many requests (or jobs) the recording is about, and their noun.

    Counted are its jobs, each of which was recorded; where nobody submitted two
    of the same function, those who submitted them. Without any, the tasks of
    the one coroutine that held the loop longest, but only where none can have
    slipped through: a task whose steps were all shorter than the watch's
    ``hold_s`` left no hold, so those that did must all be long, much alike, and
    together, mostly by computing, take half of the recording. (0, noun) where
    the number is not known.
    """
    if recording.jobs:
        nouns = {noun_of(job.by) for job in recording.jobs}
        fallback = say("nouns.fallback")
        if len(nouns) == 1 and fallback not in nouns and _one_of_each(recording.jobs):
            return len({job.by for job in recording.jobs}), nouns.pop()
        return len(recording.jobs), fallback
    return _units_held(recording) or (0, say("nouns.fallback"))


def _units_held(recording: Recording) -> tuple[int, str] | None:
    seconds: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    computing: dict[str, float] = defaultdict(float)
    for hold in recording.holds:
        matched = _ORDERED.fullmatch(hold.name)
        if matched is not None:
            seconds[matched["base"]][int(matched["order"])] += hold.duration_s
            share_s = hold.duration_s if hold.cause == "computing" else 0.0
            computing[matched["base"]] += share_s
    if not seconds:
        return None
    base = max(seconds, key=lambda name: sum(seconds[name].values()))
    each = seconds[base]
    total_s = sum(each.values())
    gapless = len(each) > 1 and set(each) == set(range(len(each)))
    alike = min(each.values()) >= max(LEAST_UNIT_S, max(each.values()) / 5)
    substance = total_s >= recording.duration_s / 2 and computing[base] >= total_s / 2
    return (len(each), noun_of(base)) if gapless and alike and substance else None
