"""`exercises`: all of them, by name, and what has become of them in this session.

Imports the room's own modules.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from .. import __version__
from ..teaching.data import unknown
from ..teaching.shown import boxed
from .data import tasks
from .exercise import Exercise, Note
from .outcome import Status

_ORDER: tuple[Status, ...] = ("done", "not yet", "not sure yet", "not attempted")


class Exercises:
    """Every exercise as an attribute: ``await exercises.free_the_loop.check(fn)``."""

    def __init__(self) -> None:
        self._by_name: Mapping[str, Exercise] = {
            key: Exercise(task) for key, task in tasks().items()
        }

    def __getattr__(self, name: str) -> Exercise:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._by_name:
            raise AttributeError(str(unknown("exercise", name, self._by_name)))
        return self._by_name[name]

    def __iter__(self) -> Iterator[Exercise]:
        return iter(self._by_name.values())

    def __dir__(self) -> list[str]:
        return ["summary", *self._by_name]

    def summary(self) -> Note:
        """Return one line for an instructor: the suite's version, and each exercise's state.

        It tells of this session, that is of this notebook since its kernel was started.
        """
        parts = []
        for status in _ORDER:
            told = [_told(each) for each in self if each.status == status]
            parts += [f"{status}: {', '.join(told)}"] if told else []
        return Note(f"hybrid-demo {__version__} exercises; {'; '.join(parts)}")

    def __repr__(self) -> str:
        """Read aloud: what there is, and how far it is."""
        return "\n".join(
            f"exercises.{each.task.key} ({each.status}): {each.task.title} [{each.task.notebook}]"
            for each in self
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, Any]:
        rows = [
            f"<code>exercises.{escape(each.task.key)}</code> {escape(each.task.title)} "
            f"<small>({escape(each.task.notebook)}, {each.status})</small>"
            for each in self
        ]
        return {"text/html": boxed(rows, "#4477aa"), "text/plain": repr(self)}


def _told(exercise: Exercise) -> str:
    return f"{exercise.task.key} ({exercise.checks})" if exercise.checks else exercise.task.key


exercises = Exercises()
