"""What a check says: one of three outcomes, in one or two sentences, and the picture of the run.

Imports the words, trials as far as an outcome is made of them, and how a lesson
speaks; the picture only when it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from ..recording import Recording, counted
from ..teaching.shown import ShowsItself, boxed, with_code
from .data import Fault, Task
from .findings import Finding
from .trial import Trial

Status = Literal["not attempted", "not yet", "not sure yet", "done"]

# Sign, headline and colour (Paul Tol's "bright", as for claims): words carry the meaning.
_SHOWN: dict[Status, tuple[str, str, str]] = {
    "not attempted": ("○", "Not attempted yet", "#bbbbbb"),
    "not yet": ("✗", "Not yet", "#ee6677"),
    "not sure yet": ("◷", "Not sure yet", "#ccbb44"),
    "done": ("✓", "Done", "#228833"),
}
_BUSY = (
    "Other programs keep this machine busy, so this cannot be told for certain now. Run the cell "
    "again."
)


@dataclass(frozen=True, repr=False, kw_only=True)
class Outcome(ShowsItself):
    """What came of a check.

    Attributes:
        task: the exercise.
        status: ``"not attempted"``, ``"not yet"``, ``"not sure yet"`` or ``"done"``.
        fault: the key of the fault that was found; ``""`` if none was.
        says: what was measured, in one or two sentences.
        look: what to look at next.
        belief: the mistaken belief that may be behind it; ``""`` where none is.
        also: what else has to be said: what was left behind and ended, what was printed.
        recording: the run, to be questioned; None if there was none.
        picture: whether the run's timeline shows the fault.
    """

    task: Task
    status: Status
    fault: str = ""
    says: str = ""
    look: str = ""
    belief: str = ""
    also: tuple[str, ...] = ()
    printed: str = ""
    recording: Recording | None = None
    picture: bool = False

    def __repr__(self) -> str:
        """Read aloud as a few sentences."""
        return " ".join(
            part
            for part in (
                f"{self._headline}.",
                self.says,
                self._behind,
                *self.also,
                self.look,
                self._help,
                f"It printed: {self.printed!r}" if self.printed else "",
            )
            if part
        )

    @property
    def _headline(self) -> str:
        sign, words, _ = _SHOWN[self.status]
        return f"{sign} {words}: {self.task.title}"

    @property
    def _behind(self) -> str:
        return f"Behind it may be a belief that many share: {self.belief}." if self.belief else ""

    @property
    def _help(self) -> str:
        key = self.task.key
        if self.status == "done":
            return f"Another way: exercises.{key}.solution()"
        return f"Stuck? exercises.{key}.hint()"

    def _bundle(self) -> dict[str, Any]:
        lines = [f"<b>{escape(self._headline)}</b>"]
        lines += [with_code(self.says)] if self.says else []
        if self.belief:
            lines.append(
                f"Behind it may be a belief that many share: <i>{escape(self.belief)}</i>."
            )
        lines += [escape(each) for each in self.also]
        lines += [f"<b>Look next:</b> {with_code(self.look)}"] if self.look else []
        if self.printed:
            lines.append(
                "<details><summary>what your code printed</summary>"
                f"<pre style='margin: 0'>{escape(self.printed)}</pre></details>"
            )
        first, _, call = self._help.rpartition(" ")
        lines.append(f"<small>{escape(first)} <code>{escape(call)}</code></small>")
        html = boxed([line.replace("\n", "<br>") for line in lines], _SHOWN[self.status][2])
        if self.picture and self.recording is not None:
            from ..pictures import timeline

            html += timeline(self.recording)._repr_mimebundle_()["text/html"]
        return {"text/html": html, "text/plain": repr(self)}


def outcome_of(task: Task, finding: Finding) -> Outcome:
    """Return the outcome that a finding amounts to, its sentences filled in."""
    trial = finding.trial
    if finding.fault == "not_attempted":
        return not_attempted(task)
    if not finding.fault:
        says = task.done.format(**finding.figures)
        return Outcome(task=task, status="done", says=says, **_of_the_run(trial))
    fault = task.faults[finding.fault]
    says = fault.says.format(**finding.figures)
    if not finding.sure:
        return Outcome(
            task=task,
            status="not sure yet",
            fault=fault.key,
            says=f"It looks so: {says} {_BUSY}",
            **_of_the_run(trial),
        )
    return Outcome(
        task=task,
        status="not yet",
        fault=fault.key,
        says=says,
        look=fault.look.format(**finding.figures),
        belief=fault.belief,
        also=_left_behind(trial, fault),
        picture=fault.picture and _has_something_to_show(trial),
        **_of_the_run(trial),
    )


def not_attempted(task: Task) -> Outcome:
    """Return that the starter is still as it was."""
    says = "The code is still as the notebook has it. Change it, and run this cell again."
    if task.kind == "make":
        says = "There is nothing to run yet. Write the function, and run this cell again."
    return Outcome(task=task, status="not attempted", says=says)


def _of_the_run(trial: Trial | None) -> dict[str, Any]:
    if trial is None:
        return {}
    return {"recording": trial.recording, "printed": trial.printed}


def _has_something_to_show(trial: Trial | None) -> bool:
    return trial is not None and bool(trial.recording.jobs or trial.recording.holds)


def _left_behind(trial: Trial | None, fault: Fault) -> tuple[str, ...]:
    """Return what is to be said of leftovers, where the fault itself does not say it."""
    if trial is None or fault.key.startswith("left_") or not trial.ended:
        return ()
    left = [
        counted(trial.left_tasks, "task") + " still pending" if trial.left_tasks else "",
        counted(trial.left_pools, "pool") + " still open" if trial.left_pools else "",
        counted(trial.left_processes, "other process") if trial.left_processes else "",
    ]
    told = ", ".join(each for each in left if each)
    return (f"It also left behind: {told}. That has been ended for you.",) if told else ()
