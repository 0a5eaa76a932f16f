"""What bars and lanes are called, and what a recording is about: pure text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from ..recording import JobSpan, Recording
from .words import listed, say

LONGEST = 60  # letters of a label in a picture

_ORDERED = re.compile(r"(?P<base>.+) (?P<order>\d+)")


def base_of(name: str) -> str:
    """Return "handle_request" of "handle_request 3"."""
    matched = _ORDERED.fullmatch(name)
    return matched["base"] if matched else name


@cache
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
    alone is "handle_request".
    """
    names = list(dict.fromkeys(names))
    orders = Counter(base_of(name) for name in names)
    nouns = Counter(noun_of(base) for base in orders)
    forms: dict[str, tuple[str, ...]] = {}
    for name in names:
        matched = _ORDERED.fullmatch(name)
        if matched is None:
            forms[name] = (name,)
        elif orders[matched["base"]] == 1:
            forms[name] = (matched["base"],)
        else:
            noun = noun_of(name)
            told = noun in matched["base"].lower() and nouns[noun] == 1
            forms[name] = (f"{noun} {matched['order']}" if told else name, matched["order"])
    return forms


def job_names(jobs: Sequence[JobSpan]) -> list[tuple[str, ...]]:
    """Return for each job how it may be written: by who submitted it, else by its number."""
    submitters = Counter(job.by for job in jobs)
    if jobs and len(submitters) == len(jobs):
        forms = callable_names(job.by for job in jobs)
        return [forms[job.by] for job in jobs]
    return [(say("lane.job", number=at), str(at)) for at in range(len(jobs))]


def label_of(recording: Recording, number: int, among: int) -> str:
    """Return the recording's label, or "recording 2" if it was given none."""
    label = " ".join(recording.label.split())
    if label:
        return label if len(label) <= LONGEST else label[: LONGEST - 1].rstrip() + "…"
    return say("labels.only") if among == 1 else say("labels.unnamed", number=number + 1)


def units_of(recording: Recording) -> tuple[int, str]:
    """Return how many requests (or jobs) the recording is about, and their noun.

    Counted are its jobs; without any, the tasks of the one coroutine that held
    the loop longest. (0, noun) if there is neither.
    """
    if recording.jobs:
        nouns = {noun_of(job.by) for job in recording.jobs}
        distinct = len({job.by for job in recording.jobs}) == len(recording.jobs)
        alone = distinct and len(nouns) == 1
        return len(recording.jobs), nouns.pop() if alone else say("nouns.fallback")
    seconds: Counter[str] = Counter()
    for hold in recording.holds:
        if _ORDERED.fullmatch(hold.name):
            seconds[base_of(hold.name)] += hold.duration_s  # type: ignore[assignment]
    if not seconds:
        return 0, say("nouns.fallback")
    base = max(seconds, key=lambda name: seconds[name])
    tasks = {hold.name for hold in recording.holds if base_of(hold.name) == base}
    return (len(tasks), noun_of(base)) if len(tasks) > 1 else (0, say("nouns.fallback"))
