"""Every exercise: right answers pass, wrong ones hear what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from hybrid_demo.practice import solutions, trial
from hybrid_demo.practice.data import tasks
from hybrid_demo.practice.exercise import Exercise
from hybrid_demo.practice.outcome import Outcome
from tests.process.practice_answers import RIGHT, Case, bounds, cases

ENDLESS = {"never_ended", "stuck", "still_waiting", "still_joining"}
# A loop that asks and asks, but gets no CPU for it, looks like one that waits.
LOOKS_LIKE = {"asked_all_the_time": "waited_on_the_loop"}
WRONG_AT_LEAST, RIGHT_AT_LEAST = 4, 1  # beside the reference solution
COMMON = set.intersection(*[set(task.faults) for task in tasks().values()])
# One that is missing is named by tests/unit/test_practice.py, and by a test below.
SOLUTIONS = [
    Case(key, RIGHT, getattr(solutions, key)) for key in tasks() if hasattr(solutions, key)
]


def check(exercise: str, answer: Any) -> Outcome:
    """Check an answer on a loop of its own."""

    async def main() -> Outcome:
        return await Exercise(tasks()[exercise]).check(answer)

    return asyncio.run(main())


def every_case() -> Iterator[Any]:
    """Yield all of them; on other Pythons the right ones, and one wrong one of each exercise."""
    met: set[str] = set()
    for case in [*SOLUTIONS, *cases()]:
        one_more = case.fault != RIGHT and case.exercise in met
        met |= {case.exercise} if case.fault != RIGHT else set()
        yield pytest.param(case, id=case.name, marks=[pytest.mark.once] if one_more else [])


@pytest.mark.parametrize("case", list(every_case()))
def test_an_answer_hears_what_fits_it(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A right one is done, however it is written; of a wrong one the fault is named."""
    if (
        case.fault in ENDLESS or case.answer is bounds.pill_not_awaited
    ):  # no need to wait for it as long as a student does
        monkeypatch.setattr(trial, "PATIENCE_S", 1.0)
    outcome = check(case.exercise, case.answer)
    assert outcome.status in ("done" if case.fault == RIGHT else "not yet", "not sure yet"), outcome
    if case.fault == RIGHT and outcome.status == "not sure yet":
        return  # others kept the machine busy, and it said so
    assert outcome.fault in (case.fault, LOOKS_LIKE.get(case.fault)), outcome


@pytest.mark.parametrize("exercise", tasks())
def test_an_exercise_is_tried_from_many_sides(exercise: str) -> None:
    """Four typical mistakes or more, and an answer that is right in another way."""
    assert hasattr(solutions, exercise), f"no {exercise} in hybrid_demo/practice/solutions.py"
    given = [case.fault for case in cases() if case.exercise == exercise]
    right, wrong = given.count(RIGHT), len(given) - given.count(RIGHT)
    enough = wrong >= WRONG_AT_LEAST and right >= RIGHT_AT_LEAST
    assert enough, (
        f"{exercise} has {wrong} wrong answers and {right} right ones in tests/process/"
        f"practice_answers/; expected {WRONG_AT_LEAST} and {RIGHT_AT_LEAST}, or more"
    )


def test_every_fault_is_met() -> None:
    """No words of the data file are for a fault that no answer has."""
    met = {(case.exercise, case.fault) for case in cases()}
    for key, task in tasks().items():
        own = {name for name in task.faults if name not in COMMON}
        unmet = own - {fault for exercise, fault in met if exercise == key}
        assert not unmet, f"no answer in tests/process/practice_answers/ to {key} has {unmet}"


@pytest.mark.once
@pytest.mark.parametrize("case", SOLUTIONS, ids=lambda case: case.name)
def test_a_right_answer_is_right_on_a_busy_machine(case: Case, busy_machine: None) -> None:
    """With every CPU busy elsewhere it is never called wrong."""
    outcome = check(case.exercise, case.answer)
    assert outcome.status in ("done", "not sure yet"), outcome
