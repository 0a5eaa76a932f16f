"""What will be weak on a machine, from its figures, in plain sentences.

Pure: it measures nothing and knows no notebook but through what it is given.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hybrid_demo.recording import in_words

from .machine import Machine

_NEWEST = (3, 14)  # the newest Python that the notebooks were written for
# A loop later than that with nothing to do hides what the notebooks compare: they judge waits
# of a few milliseconds against freezes of 200 ms and more.
_LATE_S = 0.02
_SLOW_POOL_S = 1.5
_AUTHORS_SPEED = 6_000_000  # data size of one CPU second on the machine the notebooks were made on
_SLOW = 3


class Weakness(NamedTuple):
    """One thing that will be weak here.

    Attributes:
        words: what it is and what it does to a lecture.
        fatal: whether the notebooks will not work at all.
    """

    words: str
    fatal: bool = False


def described(machine: Machine) -> list[str]:
    """Return what the machine is, a short line for each thing."""
    python = ".".join(map(str, machine.python))
    threads = "" if machine.has_gil else ", free-threaded"
    quota = "no quota" if machine.quota is None else f"a quota of {machine.quota:.3g} CPUs"
    lines = [
        f"{machine.implementation} {python}{threads} on {machine.system}",
        f"{machine.cpus} of {machine.owned} CPUs for this process, {quota}",
        f"others use {machine.in_use:.1f} of the {machine.owned} CPUs right now",
        f"an event loop with nothing to do is late by {in_words(machine.idle_lag_s)} at worst",
    ]
    if machine.pool_s is not None:
        up = "1 worker is" if machine.cpus == 1 else f"{machine.cpus} workers is"
        lines.append(f"a pool of {up} up after {in_words(machine.pool_s)}, by {machine.start}")
    lines.append(f"one second of CPU time analyses a data size of {machine.speed:,}")
    return lines


def weaknesses(machine: Machine, needs: Mapping[str, int]) -> Iterator[Weakness]:
    """Yield what will be weak, the worst first.

    Args:
        machine: what ``look`` found.
        needs: CPUs that a claim needs to be seen, by its key.
    """
    yield from _broken(machine)
    yield from _processors(machine, needs)
    yield from _times(machine)
    yield from _versions(machine)


def _broken(machine: Machine) -> Iterator[Weakness]:
    if machine.pool_error:
        yield Weakness(
            f"No process pool can be started: {machine.pool_error} Without one, hardly any "
            "notebook runs to its end.",
            fatal=True,
        )
    if machine.temp_error:
        yield Weakness(
            f"No temporary file can be written: {machine.temp_error}. Jupyter and the pictures' "
            "workers need one. Set TMPDIR to a folder that you may write to.",
            fatal=True,
        )


def _processors(machine: Machine, needs: Mapping[str, int]) -> Iterator[Weakness]:
    hidden = [key for key, cpus in needs.items() if cpus > machine.cpus]
    if machine.cpus == 1:
        yield Weakness(
            "One CPU: no work is done sooner here, by no pool. The other half of the lecture shows "
            "as well as anywhere: the wait gets shorter. Point at the waits."
        )
    if hidden:
        yield Weakness(f"Too few CPUs to show {_claims(hidden)}. The notebooks will say so.")
    if machine.quota is not None and machine.quota < machine.owned:
        limit = math.ceil(machine.quota)
        stopped = (
            f" It stopped this very check for {in_words(machine.throttled_s)}."
            if machine.throttled_s >= 0.005
            else ""
        )
        yield Weakness(
            f"A quota of {machine.quota:.3g} CPUs for all processes together: when it is used up, "
            "loop and workers freeze together, and the pictures say that it was the quota. "
            f"More than {limit} {'worker' if limit == 1 else 'workers'} will make that worse."
            f"{stopped}"
        )
    free = max(0.0, machine.owned - machine.in_use)
    unjudged = [key for key, cpus in needs.items() if machine.cpus >= cpus > free + 0.5]
    if machine.in_use > 0.25 * machine.owned or unjudged:
        for_that = f" It may leave {_claims(unjudged)} without a verdict." if unjudged else ""
        yield Weakness(
            f"Busy: others use {machine.in_use:.1f} of the {machine.owned} CPUs, so times will "
            f"stretch.{for_that} Close what you do not need, and check again."
        )


def _times(machine: Machine) -> Iterator[Weakness]:
    if machine.idle_lag_s > _LATE_S:
        yield Weakness(
            f"Even with nothing to do the loop was {in_words(machine.idle_lag_s)} late once: "
            "a free loop will not look free in every picture. Is the machine busy, or saving power?"
        )
    if machine.pool_s is not None and machine.pool_s > _SLOW_POOL_S:
        yield Weakness(
            f"Pools start slowly: {in_words(machine.pool_s)} for one. Cells that open a pool will "
            "seem to hang for so long; say so before you run the first."
        )
    times = _AUTHORS_SPEED / max(1, machine.speed)
    if times > _SLOW:
        yield Weakness(
            f"A slow CPU, {times:.0f} times slower than the notebooks' first. What is calibrated "
            "takes as long as anywhere; starting, parsing and drawing take longer."
        )


def _versions(machine: Machine) -> Iterator[Weakness]:
    python = ".".join(map(str, machine.python[:2]))
    if machine.python[:2] > _NEWEST:
        yield Weakness(
            f"Python {python} is newer than these notebooks. A part of `watch` that cannot work "
            "with it says so under the picture."
        )
    if machine.implementation != "CPython":
        yield Weakness(
            f"{machine.implementation} is not CPython, on which everything was measured. A part "
            "of `watch` that cannot work with it says so under the picture."
        )
    if machine.python < (3, 13):
        yield Weakness(
            f"Python {python} has no asyncio.Queue.shutdown, which came with 3.13: a consumer "
            "can only be ended by a value that means the end."
        )
    if not machine.has_gil:
        yield Weakness(
            "This Python has no GIL: threads do compute side by side, so what the lecture says "
            "of threads and CPU work will not be true here."
        )
    if machine.moved:
        yield Weakness(f"Other versions than those that were tested: {'; '.join(machine.moved)}.")


def _claims(keys: list[str]) -> str:
    return f"{'claim' if len(keys) == 1 else 'claims'} {', '.join(keys)}"
