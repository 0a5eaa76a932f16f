"""What the lag of a recording tells: the worst wait, starvation, a throttled process."""

from __future__ import annotations

import numpy as np

from ..recording import LagSample, Recording

STARVED_S = 0.02  # a wait shorter than this is no starvation worth a word


def is_throttled(recording: Recording) -> bool:
    """Whether the watch noted that a CPU quota stopped the process."""
    return any(note.lower().startswith("the cpu quota") for note in recording.notes)


def worst_of(recording: Recording) -> LagSample | None:
    """Return the sample of the client who waited longest; None without samples."""
    return max(recording.lag.samples, key=lambda sample: sample.late_s, default=None)


def starved_at(recording: Recording, *, least_s: float = STARVED_S) -> LagSample | None:
    """Return the worst wait during which holds took less than a third of the time.

    Nobody held the loop then, so it must have been starved of the GIL or of a
    CPU. None if there is no such wait of at least 20 ms, or of `least_s`.
    """
    least_s = max(least_s, STARVED_S)
    late = [sample for sample in recording.lag.samples if sample.late_s >= least_s]
    if not late:
        return None
    starts = np.array([sample.deadline_s for sample in late])
    waits = np.array([sample.late_s for sample in late])
    held = np.zeros(len(late))
    holds = sorted((hold.start_s, hold.stop_s) for hold in recording.holds)
    if holds:
        edges = np.maximum.accumulate(np.array(holds).ravel())
        total = np.concatenate(
            [[0.0], np.cumsum(np.diff(edges) * (np.arange(len(edges) - 1) % 2 == 0))]
        )
        held = np.interp(starts + waits, edges, total) - np.interp(starts, edges, total)
    waits[held >= waits / 3] = 0.0
    at = int(waits.argmax())
    return late[at] if waits[at] > 0 else None


def quota_froze(recording: Recording) -> bool:
    """Whether a CPU quota, and no computing callback, explains a wait worth a word."""
    stopped = any(
        hold.cause == "not running" and hold.duration_s >= STARVED_S for hold in recording.holds
    )
    return is_throttled(recording) and (stopped or starved_at(recording) is not None)
