"""Predictions before a run, mistakes in safety, claims after it: what makes a lesson of a run.

It may use pictures, instruments and recordings, and none of them may use it: a
picture draws whatever has a ``mark``, and knows nothing of predictions. The
lecture's claims are in ``claims.toml``, the predictions and the beliefs behind
their wrong options in ``misconceptions.toml``, and nowhere else.
"""

from __future__ import annotations

from .claims import Verdict, claim
from .marks import Mark
from .mistakes import Mistake, mistake
from .predictions import Prediction, predict
from .programs import ProgramRun, run_program

__all__ = [
    "Mark",
    "Mistake",
    "Prediction",
    "ProgramRun",
    "Verdict",
    "claim",
    "mistake",
    "predict",
    "run_program",
]
