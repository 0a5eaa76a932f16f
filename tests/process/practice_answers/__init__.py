"""Answers that students give to the exercises, and what each of them is to hear.

Each is registered with its exercise and the fault that a check has to name;
``RIGHT`` is an answer that is right, written differently from the reference.
"""

from tests.process.practice_answers import (
    again,
    bounds,
    crossing,
    gathering,
    loop,
    losses,
    pools,
    shedding,
)
from tests.process.practice_answers.table import RIGHT, Case, cases

__all__ = [
    "RIGHT",
    "Case",
    "again",
    "bounds",
    "cases",
    "crossing",
    "gathering",
    "loop",
    "losses",
    "pools",
    "shedding",
]
