"""Predictions before a run and claims after it: what turns a demonstration into a lesson.

It may use pictures, instruments and recordings, and none of them may use it: a
picture draws whatever has a ``mark``, and knows nothing of predictions. The
lecture's claims are in ``claims.toml``, the predictions and the beliefs behind
their wrong options in ``misconceptions.toml``, and nowhere else.
"""

from __future__ import annotations

from .claims import Verdict, claim
from .marks import Mark
from .predictions import Prediction, predict

__all__ = ["Mark", "Prediction", "Verdict", "claim", "predict"]
