"""A run of an explorer, and what is said of it.

Imports nothing of this package but the recording and how a lesson speaks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..recording import Recording, counted, in_words
from ..teaching.shown import boxed


@dataclass(frozen=True, slots=True)
class Run:
    """One run: with which values, and what was seen.

    Attributes:
        values: the controls' values, by parameter.
        words: the same as they are said.
        recording: what ``watch`` saw.
        ending: ``"done"``, ``"stopped"`` or ``"failed"``.
    """

    values: Mapping[str, Any]
    words: str
    recording: Recording
    ending: str

    @property
    def line(self) -> str:
        """The run in one line of a list."""
        seen = self.recording
        parts = [self.words, f"worst wait {in_words(seen.lag.max_s)}"]
        parts += [f"{in_words(seen.duration_s)} long"]
        if seen.jobs:
            parts.append(f"its jobs took {in_words(seen.makespan_s)}")
        parts += [] if self.ending == "done" else [self.ending]
        return " · ".join(part for part in parts if part)


def computes(recording: Recording) -> bool:
    """Whether the model has something to schedule."""
    return any(job.running_s is not None for job in recording.jobs)


def on_stopping(recording: Recording) -> str:
    """Return what is to be said of a run that was stopped."""
    left = sum(job.outcome == "pending" or job.abandoned for job in recording.jobs)
    said = f"Stopped after {in_words(recording.duration_s)}."
    if left:
        them = "it" if left == 1 else "they"
        said += (
            f" {counted(left, 'job')} had been handed to a pool: cancelling the await does not "
            f"stop a worker, so {them} may run to the end all the same."
        )
    return boxed([said], "#ccbb44")
