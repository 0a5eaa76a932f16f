"""The inference: a small network asked many times, for an answer with its own uncertainty.

A leaf: the service's workload, which crosses to a worker. It imports NumPy only
when it is called, so that whoever never infers does not carry it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

FEATURES = 64
_HIDDEN, _CLASSES = 256, 10
_DROPPED = 0.5
_PASSES_AT_ONCE = 64
_SAMPLE_S, _SAMPLES = 0.03, 5


class Inference(NamedTuple):
    """What the model says of one reading."""

    label: int
    probability: float
    uncertainty: float


def inference(features: Sequence[float], passes: int) -> Inference:
    """Classify one reading, and say how sure the model is of it.

    Monte Carlo dropout (Gal and Ghahramani, ICML 2016): the same network
    answers `passes` times, each time without a random half of its hidden
    units; the mean is the answer, and the spread is its uncertainty. The time
    grows in proportion to `passes`. BLAS is held to one thread: workers times
    BLAS threads would be more threads than CPUs.

    Args:
        features: 64 numbers.
        passes: how often to ask the network, 1 or more.

    Returns:
        The class, its mean probability, and the standard deviation of that.
    """
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    weights = np.random.RandomState(29)
    first = weights.normal(0, FEATURES**-0.5, (FEATURES, _HIDDEN))
    last = weights.normal(0, _HIDDEN**-0.5, (_HIDDEN, _CLASSES))
    hidden = np.maximum(np.asarray(features, dtype=np.float64) @ first, 0.0)
    draw = np.random.RandomState(4)
    total, squares, left = np.zeros(_CLASSES), np.zeros(_CLASSES), passes
    with threadpool_limits(limits=1, user_api="blas"):
        while left:
            rows = min(left, _PASSES_AT_ONCE)
            kept = draw.random_sample((rows, _HIDDEN)) >= _DROPPED
            logits = (hidden * kept / (1 - _DROPPED)) @ last
            shares = np.exp(logits - logits.max(axis=1, keepdims=True))
            shares /= shares.sum(axis=1, keepdims=True)
            total += shares.sum(axis=0)
            squares += np.square(shares).sum(axis=0)
            left -= rows
    mean = total / passes
    label = int(mean.argmax())
    variance = max(0.0, float(squares[label] / passes - mean[label] ** 2))
    return Inference(label, round(float(mean[label]), 6), round(variance**0.5, 6))


def passes_for(seconds: float) -> int:
    """Return how many passes take that many CPU seconds here; it takes about 0.3 s to find out."""
    passes = _PASSES_AT_ONCE
    _seconds_of(passes)  # the first one imports NumPy, and would pass for a long one
    while _seconds_of(passes) < _SAMPLE_S:  # so long that what no pass adds to hardly counts
        passes *= 2
    typical_s = sorted(_seconds_of(passes) for _ in range(_SAMPLES))[_SAMPLES // 2]
    return max(1, round(passes * seconds / typical_s))


def _seconds_of(passes: int) -> float:
    clock = time.perf_counter if sys.platform == "win32" else time.thread_time  # too coarse there
    begun = clock()
    inference([0.5] * FEATURES, passes)
    return clock() - begun
