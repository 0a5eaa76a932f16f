"""One exercise: its check, its hints, its solution, and how often it was tried.

Imports the room's own modules; IPython shows what is shown.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator
from html import escape
from typing import Any

from ..teaching.shown import ShowsItself, boxed, with_code
from . import solutions
from .checks import CHECKS
from .data import Task
from .findings import Finding, short
from .outcome import Outcome, Status, not_attempted, outcome_of
from .starters import is_untouched

_BLUE = "#4477aa"


class Exercise:
    """An exercise, as a notebook sets it.

    Attributes:
        task: its words.
        status: what the last check came to.
        checks: how often an answer was checked, those not attempted aside.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.status: Status = "not attempted"
        self.checks = 0
        self._hinted = 0

    def check(self, answer: Callable[..., Any], /) -> Check:
        """Run an answer, measure what it does, and say what came of it: to be awaited.

        Args:
            answer: the function itself, without brackets.

        Returns:
            What ``await`` turns into the outcome. A notebook shows it at once.
        """
        return Check(self, answer)

    def hint(self) -> Note:
        """Return a hint: at the first call the first, at the second the one that says more."""
        hints, call = self.task.hints, f"exercises.{self.task.key}.solution()"
        if self._hinted == len(hints):
            return Note(f"There are no more hints. `{call}` shows one way to do it.")
        self._hinted += 1
        return Note(f"Hint {self._hinted} of {len(hints)}: {hints[self._hinted - 1]}")

    def solution(self) -> Note:
        """Return the reference solution: one way of many, and the one that the tests run."""
        source = inspect.getsource(getattr(solutions, self.task.key))
        return Note(f"One way to {_decapitalised(self.task.title)}:", source)

    def __repr__(self) -> str:
        """Read aloud as one line."""
        counted = f", {self.checks} checks" if self.checks else ""
        return f"<Exercise {self.task.key}: {self.task.title} ({self.status}{counted})>"

    async def checked(self, answer: object) -> Outcome:
        """Do what ``check`` promises.

        Raises:
            RuntimeError: another check, or an explorer, is under way.
        """
        outcome = await self._judged(answer)
        if outcome.status != "not attempted":
            self.checks += 1
        if self.status != "done" or outcome.status in ("done", "not yet"):
            self.status = outcome.status
        outcome.show()
        return outcome

    async def _judged(self, answer: object) -> Outcome:
        if is_untouched(answer, self.task.key):
            return not_attempted(self.task)
        unfit = _unfit(answer, self.task.parameters)
        if unfit is not None:
            return outcome_of(self.task, unfit)
        check: Callable[[Any], Awaitable[Finding]] = CHECKS[self.task.key]
        return outcome_of(self.task, await check(answer))


class Check:
    """A check that waits to be awaited, and says so if it is forgotten."""

    def __init__(self, exercise: Exercise, answer: object) -> None:
        self._exercise, self._answer = exercise, answer

    def __await__(self) -> Generator[Any, Any, Outcome]:
        return self._exercise.checked(self._answer).__await__()

    def __repr__(self) -> str:
        return (
            "Nothing was checked: the `await` is missing. Write it in front: "
            f"`await exercises.{self._exercise.task.key}.check(...)`"
        )

    def _repr_html_(self) -> str:
        return boxed([with_code(repr(self))], _BLUE)


class Note(ShowsItself):
    """Words, and code, to be shown as a cell's last value."""

    def __init__(self, words: str, source: str = "") -> None:
        self.words, self.source = words, source

    def __repr__(self) -> str:
        return f"{self.words}\n\n{self.source}" if self.source else self.words

    def _bundle(self) -> dict[str, Any]:
        lines = [with_code(self.words)]
        if self.source:
            lines.append(f"<pre style='margin: 0'>{escape(self.source)}</pre>")
        return {"text/html": boxed(lines, _BLUE), "text/plain": repr(self)}


def _unfit(answer: object, parameters: tuple[str, ...]) -> Finding | None:
    """Return what can be told of an answer that cannot be called as the exercise calls it."""
    if inspect.iscoroutine(answer):
        answer.close()
        return Finding(fault="called_already", figures={"name": answer.__name__})
    if not callable(answer):
        return Finding(fault="no_function", figures={"given": short(answer)})
    if inspect.isasyncgenfunction(answer) or inspect.isgeneratorfunction(answer):
        return Finding(fault="generator", figures={})
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # some builtins do not tell
        return None
    try:
        signature.bind(*parameters)
    except TypeError:
        called = ", ".join(parameters)
        name = getattr(answer, "__name__", "your function")
        figures = {"called": f"{name}({called})", "yours": f"{name}{signature}"}
        return Finding(fault="parameters", figures=figures)
    return None


def _decapitalised(text: str) -> str:
    return text[:1].lower() + text[1:]
