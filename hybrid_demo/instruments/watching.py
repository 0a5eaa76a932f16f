"""``watch``: the instruments put together, and the recording made of their notes."""

from __future__ import annotations

import asyncio
import math
import sys
from time import perf_counter
from types import TracebackType
from typing import NoReturn

from .. import machine
from ..given import is_text, number_within, shown
from ..interrupts import wake_by_signals
from ..recording import Recording, counted, in_words
from ..spans import Hold, JobSpan, Lag, in_flight_of
from . import holds, sharing
from .jobs import pool_records
from .journal import WorkerStamps
from .naming import spoken
from .session import Session

__all__ = ["watch"]

# More often than that, the probe itself would be what the loop feels.
_SHORTEST_PERIOD_S = 0.0005

# The first question costs an import; asked here, it does not fall into a recording.
machine.effective_cpus()


class watch:
    """Record what the event loop felt while the block is open, and only then.

    ::

        async with watch("in a process pool") as recording:
            await asyncio.gather(*[handle_request(rid, size, executor) for ...])

    The watched code is ordinary asyncio and ``concurrent.futures`` code and
    behaves as if nobody looked: results, exceptions, cancellation, order and
    context variables are its own. Watches may nest and overlap.

    A job belongs to the watch if it was submitted while the watch was open, by
    any thread that is not running another event loop. Holds, lag and queues
    are those of the loop that opened it.
    """

    def __init__(self, label: str = "", *, period_s: float = 0.005, hold_s: float = 0.001) -> None:
        """Make a watch; nothing is recorded before ``async with`` opens it.

        Args:
            label: what the recording is to be called in pictures.
            period_s: seconds between two deadlines of the heartbeat.
            hold_s: the shortest step of the loop, in seconds, that counts as a hold.

        Raises:
            TypeError: `label` is no string, or a number is none.
            ValueError: `label` has half a character in it, `period_s` is below 0.0005,
                `hold_s` below 0, or one is not finite.
        """
        if not isinstance(label, str):
            raise TypeError(
                f"label is {shown(label)}; expected a string, such as 'in a process pool'"
            )
        if not is_text(label):
            raise ValueError(
                f"label is {shown(label)}, in which there is half a character, which nobody can "
                "draw or send; expected text, such as 'in a process pool'"
            )
        self._label = label
        self._period_s = _seconds("period_s", period_s, least=_SHORTEST_PERIOD_S)
        self._hold_s = _seconds("hold_s", hold_s, least=0)
        self._session: Session | None = None
        self._start: float | None = None
        self._throttled_s: float | None = None
        self._recording: Recording | None = None

    async def __aenter__(self) -> Recording:
        """Begin to record; raise RuntimeError if this watch was used before."""
        if self._recording is not None:
            raise RuntimeError(
                f"this watch, {self._label!r}, was opened before; a recording never changes, "
                "so make a new watch(...) for each block"
            )
        self._recording = Recording.opened(self._label)
        self._cpus = machine.effective_cpus()
        self._throttled_s = machine.throttled_s()
        self._session = Session(
            asyncio.get_running_loop(), period_s=self._period_s, hold_s=self._hold_s
        )
        self._start = self._session.start
        wake_by_signals()  # when nothing is watched any more, Interrupts are to be heard still
        sharing.join(self._session)
        return self._recording

    @property
    def start(self) -> float:
        """The ``perf_counter`` seconds from which the recording counts its own.

        Raises:
            RuntimeError: it was never opened.
        """
        if self._start is None:
            raise RuntimeError("this watch was never opened; use it as `async with watch(...)`")
        return self._start

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop recording and give the recording its answers, whatever ended the block."""
        stop = perf_counter()
        session, recording = self._session, self._recording
        if session is None or recording is None:
            raise RuntimeError("this watch was never opened; use it as `async with watch(...)`")
        self._session = None
        try:
            holds.close_step(session.hub, session, stop)
        finally:
            sharing.leave(session)
        self._fill(recording, session, stop)

    def _fill(self, recording: Recording, session: Session, stop: float) -> None:
        start, noted, nothing = session.start, session.noted, WorkerStamps()
        raw_jobs = sorted(
            (job for job in list(session.jobs) if job.submitted <= stop),
            key=lambda job: job.submitted,
        )
        names = spoken([job.actor for job in raw_jobs] + [hold.actor for hold in session.holds])
        pools = pool_records(raw_jobs)
        jobs = tuple(
            job.span(
                names[job.actor],
                pools[job.pool].name,
                noted[job.slot] if job.slot is not None and job.slot < len(noted) else nothing,
                start=start,
                end=stop,
            )
            for job in raw_jobs
        )
        recording.close(
            duration_s=stop - start,
            cpus=self._cpus,
            jobs=jobs,
            holds=tuple(
                Hold(
                    name=names[hold.actor],
                    start_s=hold.start - start,
                    stop_s=min(hold.stop, stop) - start,
                    cause="computing" if hold.computing else "not running",
                )
                for hold in session.holds
            ),
            lag=Lag(session.heartbeat.samples(stop)),
            queues=session.queues.series(start, stop),
            in_flight=in_flight_of(jobs, tuple(pools.values())),
            pools=tuple(pools.values()),
            notes=tuple(self._notes(session, jobs, stop - start)),
        )

    def _notes(self, session: Session, jobs: tuple[JobSpan, ...], duration_s: float) -> list[str]:
        notes = _unfinished(jobs)
        throttled_s = machine.throttled_s()
        if throttled_s is not None and self._throttled_s is not None:
            lost = min(throttled_s - self._throttled_s, duration_s)  # it adds up over CPUs
            if lost >= 0.005:
                notes.append(f"the CPU quota throttled this process for {in_words(lost)}")
        if any(job.executor == "other" and job.started_s is None for job in jobs):
            notes.append("this executor tells nothing of its workers")
        if any(
            job.executor == "process" and job.outcome == "ok" and job.started_s is None
            for job in jobs
        ):
            notes.append("the workers could not hand over their stamps")
        if session.unseen:
            notes.append(f"{counted(session.unseen, 'job')} could not be followed")
        if not holds.can_see(session.loop):
            kind = type(session.loop)
            notes.append(
                f"the loop {kind.__module__}.{kind.__qualname__} shows neither who held it "
                "nor jobs of executors other than the standard two"
            )
        return notes

    def __enter__(self) -> NoReturn:
        """Refuse plain ``with``: raise TypeError."""
        raise TypeError(
            "a plain `with` was given; a watch listens to the event loop, so write "
            "`async with watch(...)`, in a notebook cell or inside an `async def`"
        )

    def __exit__(self, *exception: object) -> None:
        """Never reached; Python looks for it before it calls ``__enter__``."""


def _unfinished(jobs: tuple[JobSpan, ...]) -> list[str]:
    """Say how many jobs were not delivered when the block was left, and how far they were."""
    states = [
        "unfinished"
        if job.executor == "other" and job.started_s is None
        else "waiting for a worker"
        if job.started_s is None
        else "running"
        if job.finished_s is None
        else "on the way back"
        for job in jobs
        if job.outcome == "pending"
    ]
    notes = []
    for state in ("running", "waiting for a worker", "on the way back", "unfinished"):
        number = states.count(state)
        if number:
            was = "was" if number == 1 else "were"
            notes.append(f"{counted(number, 'job')} {was} still {state} at the end")
    return notes


def _seconds(name: str, value: float, *, least: float) -> float:
    expected = f"a number of seconds of {least:g} or more, such as 0.005"
    above, most = math.nextafter(least, -math.inf), sys.float_info.max
    return number_within(value, name, above=above, most=most, expected=expected)
