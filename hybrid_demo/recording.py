"""What a watch leaves behind, and the questions it answers.

It imports nothing of this package but the frozen parts a recording is made of
(pictures and storage only when they are asked for), so that a recording can be
loaded, questioned and tested anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .given import as_number, is_text, shown
from .spans import Hold, InFlight, JobSpan, Lag, LagSample, Pool, StepSeries, Visit, in_flight_of

if TYPE_CHECKING:
    from os import PathLike

__all__ = [
    "Hold",
    "InFlight",
    "JobSpan",
    "Lag",
    "LagSample",
    "Pool",
    "Recording",
    "StepSeries",
    "StillOpenError",
    "Visit",
    "counted",
    "in_words",
]


_PARTS = {
    "jobs": JobSpan,
    "holds": Hold,
    "queues": StepSeries,
    "pools": Pool,
    "notes": str,
    "visits": Visit,
}


class StillOpenError(RuntimeError):
    """A recording was questioned before its ``async with watch(...)`` block was left."""


@dataclass(frozen=True, slots=True, weakref_slot=True, repr=False, kw_only=True)
class Recording:
    """What one ``watch`` saw, on one time axis that starts when it was opened.

    ``async with watch(...) as recording`` binds it at once; its questions raise
    until the block is left. After that it never changes.

    Attributes:
        label: what the watch was called.
        duration_s: seconds from opening to leaving the block.
        cpus: CPUs this process could use (affinity and cgroup quota).
        jobs: every job handed to an executor, by submission.
        holds: every stretch of at least ``hold_s`` that held the loop.
        lag: what a newly arrived client would have waited.
        queues: depth of each asyncio queue used, by order of first use.
        in_flight: jobs submitted and not yet delivered.
        pools: the executors that were given a job, by order of first use.
        notes: plain sentences to be shown under the picture.
        visits: requests that somebody made by hand meanwhile, by arrival: a student
            who clicked in an explorer. Nothing else makes any.
        recorded: the day it was saved, ``"2026-11-24"``, if it was loaded from a file;
            ``""`` for one of this session. Two recordings may differ in it and be equal.

    Raises:
        StillOpenError: on every question, until the block is left.
        TypeError: one made by hand is given what is no part of a recording.
        ValueError: or a length or a number of CPUs that cannot be.
    """

    label: str
    duration_s: float
    cpus: int
    jobs: tuple[JobSpan, ...] = ()
    holds: tuple[Hold, ...] = ()
    lag: Lag = field(default_factory=Lag)
    queues: tuple[StepSeries, ...] = ()
    in_flight: InFlight = field(default_factory=lambda: in_flight_of((), ()))
    pools: tuple[Pool, ...] = ()
    notes: tuple[str, ...] = ()
    visits: tuple[Visit, ...] = ()
    recorded: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if not is_text(self.label):
            raise TypeError(f"label is {shown(self.label)}; expected text")
        duration_s = as_number(self.duration_s)
        if duration_s is None or not 0 <= duration_s < math.inf:
            raise ValueError(f"duration_s is {shown(self.duration_s)}; expected seconds, 0 or more")
        if isinstance(self.cpus, bool) or not isinstance(self.cpus, int) or self.cpus < 1:
            raise ValueError(f"cpus is {shown(self.cpus)}; expected a whole number, 1 or more")
        for name, kind in _PARTS.items():
            given = getattr(self, name)
            whole = isinstance(given, tuple)
            wrong = [each for each in given if not isinstance(each, kind)] if whole else [given]
            if wrong:
                told = f"{name} holds {shown(wrong[0])}" if whole else f"{name} is {shown(given)}"
                raise TypeError(f"{told}; expected a tuple of {kind.__name__}")
        for name, kind in (("lag", Lag), ("in_flight", InFlight)):
            given = getattr(self, name)
            if not isinstance(given, kind):
                raise TypeError(f"{name} is {shown(given)}; expected a {kind.__name__}")

    @classmethod
    def opened(cls, label: str) -> Recording:
        """Return a recording of which only the label can be told yet."""
        recording = object.__new__(cls)
        object.__setattr__(recording, "label", label)
        return recording

    def close(self, **answers: Any) -> None:
        """Give an opened recording its answers, once: the constructor's arguments less `label`.

        Raises:
            RuntimeError: it has its answers already.
        """
        if not self.is_open:
            raise RuntimeError(f"the recording {self.label!r} is closed; it never changes again")
        finished = Recording(label=self.label, **answers)
        for each in fields(Recording):
            object.__setattr__(self, each.name, getattr(finished, each.name))

    @property
    def is_open(self) -> bool:
        """Whether its ``async with`` block has not been left yet."""
        try:
            object.__getattribute__(self, "duration_s")
        except AttributeError:
            return True
        return False

    def __getattr__(self, name: str) -> Any:
        # Reached only for what is missing: a field of a recording still open.
        if name in Recording.__slots__ and name != "__weakref__":
            label = object.__getattribute__(self, "label")
            raise StillOpenError(
                f"recording {label!r} was asked for {name!r} while it is still being made; "
                "ask after the `async with watch(...)` block, one indentation to the left"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    @property
    def makespan_s(self) -> float:
        """Seconds from the first submission to the last delivery; 0.0 without a delivered job."""
        delivered = [job.delivered_s for job in self.jobs if job.delivered_s is not None]
        return max(delivered) - self.jobs[0].submitted_s if delivered else 0.0

    @property
    def held_s(self) -> float:
        """Seconds for which some callback held the loop: the sum of all holds."""
        return math.fsum(hold.duration_s for hold in self.holds)

    def workers(self, pool: str | None = None) -> tuple[str, ...]:
        """Return the workers that ran a job (of `pool`, if given), by their first start."""
        ran = [
            job
            for job in self.jobs
            if job.worker and job.started_s is not None and pool in (None, job.pool)
        ]
        ran.sort(key=lambda job: job.started_s or 0.0)
        return tuple(dict.fromkeys(job.worker for job in ran))

    def with_visits(self, visits: Iterable[Visit]) -> Recording:
        """Return this recording with the requests that somebody made by hand meanwhile.

        Raises:
            TypeError: one of them is no Visit.
        """
        made = replace(self, visits=tuple(visits))
        in_order = sorted(made.visits, key=lambda visit: visit.arrived_s)
        return replace(made, visits=tuple(in_order))

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the recording as JSON, whole or not at all, and return the path.

        Raises:
            OSError: the file cannot be written; an older one is then left as it was.
            TypeError: `path` is no path.
        """
        from . import storage

        return storage.save(self, path)

    @staticmethod
    def load(path: str | PathLike[str]) -> Recording:
        """Read a recording that ``save`` wrote; pictures of it say that it was recorded before.

        Raises:
            OSError: the file cannot be read.
            TypeError: `path` is no path.
            ValueError: it is damaged, of another kind, or of a newer format.
        """
        from . import loading

        return loading.load(path)

    def to_chrome_trace(self, path: str | PathLike[str]) -> Path:
        """Write it in the Trace Event Format, for https://ui.perfetto.dev, and return the path.

        Raises:
            OSError: the file cannot be written.
            TypeError: `path` is no path.
        """
        from . import storage

        return storage.save_chrome_trace(self, path)

    def __repr__(self) -> str:
        if self.is_open:
            return f"<Recording {self.label!r}, still being made>"
        parts = [f"{in_words(self.duration_s)} long", f"worst wait {in_words(self.lag.max_s)}"]
        if self.jobs:
            workers, pools = len(self.workers()), len(self.pools)
            told = f" on {counted(workers, 'worker')}" if workers else ""
            told += f" of {pools} pools" if pools > 1 else ""
            parts.append(counted(len(self.jobs), "job") + told)
            for outcome in ("error", "cancelled", "lost", "pending"):
                count = sum(job.outcome == outcome for job in self.jobs)
                parts += [f"{count} {outcome}"] if count else []
            parts.append(f"at most {self.in_flight.peak} in flight")
        if self.queues:
            parts.append(f"deepest queue {max(queue.peak for queue in self.queues)}")
        held = counted(len(self.holds), "time") + f", {in_words(self.held_s)} in all"
        parts.append(f"loop held {held}" if self.holds else "loop never held")
        if self.visits:
            longest = in_words(max(visit.waited_s for visit in self.visits))
            parts.append(f"you came {counted(len(self.visits), 'time')}, longest wait {longest}")
        when = f", recorded {self.recorded}" if self.recorded else ""
        return f"<Recording {self.label!r}{when}: {'; '.join(parts)}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, Any]:
        if self.is_open:
            return {"text/plain": repr(self)}
        from .pictures import timeline

        bundle = dict(timeline(self)._repr_mimebundle_(include, exclude))
        return {**bundle, "text/plain": repr(self)}


def counted(number: int, noun: str) -> str:
    """Return "1 job", "6 jobs"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def in_words(seconds: float) -> str:
    """Return a duration as it is said: "0.3 ms", "5 ms", "1.27 s"."""
    milliseconds = seconds * 1000
    if milliseconds < 0.95:
        return f"{milliseconds:.1f} ms"
    return f"{milliseconds:.0f} ms" if milliseconds < 999.5 else f"{seconds:.2f} s"
