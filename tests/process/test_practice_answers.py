"""Every exercise: right answers pass, wrong ones hear what is wrong, the untouched is no failure."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hybrid_demo.practice import solutions
from hybrid_demo.practice.checks import CHECKS
from hybrid_demo.practice.data import tasks
from hybrid_demo.practice.exercise import Exercise
from hybrid_demo.practice.outcome import Outcome
from hybrid_demo.practice.starters import STARTERS
from tests.process.practice_answers import RIGHT, Case, cases, primes

WRONG_AT_LEAST = 4
SOLUTIONS = [
    Case(key, RIGHT, getattr(solutions, key)) for key in tasks()
]


def check(exercise: str, answer: Any) -> Outcome:
    """Check an answer on a loop of its own."""

    async def main() -> Outcome:
        return await Exercise(tasks()[exercise]).check(answer)

    return asyncio.run(main())


@pytest.mark.parametrize("case", [*SOLUTIONS, *cases()], ids=lambda case: case.name)
def test_an_answer_hears_what_fits_it(case: Case) -> None:
    """A right one is done, however it is written; of a wrong one the fault is named."""
    outcome = check(case.exercise, case.answer)
    assert outcome.status in ("done" if case.fault == RIGHT else "not yet", "not sure yet"), outcome
    assert outcome.fault == case.fault, outcome
