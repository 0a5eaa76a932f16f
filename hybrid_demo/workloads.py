"""The work that crosses the boundary to a worker: plain functions, real CPU work.

A leaf. Workers import this module, so it imports nothing of this package and
nothing but light parts of the standard library; NumPy comes in only where a
workload needs it. Every result is the same on each platform and Python.
"""

import math
from operator import index

_LARGEST = 10_000_000_000
_BATCH_ROWS = 256
_FEATURES, _HIDDEN, _CLASSES = 64, 256, 10


def cpu_intensive_analysis(data_size: int) -> float:
    """CPU work, feature computation: it never yields, and freezes the loop that runs it.

    A sensor is simulated and summed up in one pass: `data_size` readings in
    [0, 1) from a linear congruential generator (multiplier and increment of
    "Numerical Recipes", 3rd ed., 7.1), their spread by Welford's running
    variance (Technometrics 4, 1962). Pure Python; the time grows in proportion
    to `data_size`, the memory does not grow.

    Args:
        data_size: number of readings; ``calibrate(seconds)`` finds one by its duration.

    Returns:
        The readings' standard deviation, near 0.289.

    Raises:
        TypeError: `data_size` is not a whole number.
        ValueError: it is below 1 or beyond ten thousand million.
    """
    advice = "give the number of readings, for example cpu_intensive_analysis(100_000)"
    count = whole_number(data_size, "data_size", 1, _LARGEST, advice)
    state, mean, squares = 29, 0.0, 0.0
    for number in range(1, count + 1):
        state = (1664525 * state + 1013904223) & 0xFFFFFFFF
        reading = state / 4294967296.0
        away = reading - mean
        mean += away / number
        squares += away * (reading - mean)
    return math.sqrt(squares / count)


def upload_analysis(upload: bytes, data_size: int) -> tuple[int, float]:
    """CPU work on data that the job carries: check an upload, then analyse as much as asked.

    The upload's bytes cross to the worker with the job, so every job that waits
    somewhere keeps them in memory.

    Args:
        upload: the bytes; some megabytes of them are checked in a millisecond or two.
        data_size: number of readings, which alone decides how long it takes, as in
            ``cpu_intensive_analysis``.

    Returns:
        The upload's CRC-32, and the readings' standard deviation.

    Raises:
        TypeError: `upload` is not bytes, or `data_size` not a whole number.
        ValueError: `data_size` is below 1 or beyond ten thousand million.
    """
    if not isinstance(upload, bytes):
        from .given import shown

        raise TypeError(
            f"upload is {shown(upload)}; expected bytes: give the data that the job carries, for "
            "example upload_analysis(bytes(1_000_000), 100_000)"
        )
    from zlib import crc32

    return crc32(upload), cpu_intensive_analysis(data_size)


def model_inference(rows: int) -> tuple[int, ...]:
    """CPU work, model inference: a small neural network classifies `rows` rows.

    Two hidden layers, in NumPy, which releases the GIL while it multiplies.
    Weights and features are small whole numbers, so that every sum is exact
    and the answer is the same with any BLAS. While it runs, this process's BLAS
    is held to one thread: workers times BLAS threads would be more threads
    than CPUs.

    Args:
        rows: how many rows to classify.

    Returns:
        How many rows fell into each of the ten classes; they add up to `rows`.

    Raises:
        TypeError: `rows` is not a whole number.
        ValueError: it is below 1 or beyond ten thousand million.
    """
    advice = "give the number of rows, for example model_inference(10_000)"
    left = whole_number(rows, "rows", 1, _LARGEST, advice)
    import numpy as np
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # RandomState and an explicit type: the one NumPy stream that is frozen for good.
    draw = np.random.RandomState(29).randint

    def whole_numbers(*shape: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
        return draw(-9, 10, size=shape, dtype=np.int32).astype(np.float64)

    first = whole_numbers(_FEATURES, _HIDDEN)
    second = whole_numbers(_HIDDEN, _HIDDEN)
    last = whole_numbers(_HIDDEN, _CLASSES)
    counts = np.zeros(_CLASSES, dtype=np.int64)
    with threadpool_limits(limits=1, user_api="blas"):
        while left:
            features = whole_numbers(min(left, _BATCH_ROWS), _FEATURES)
            hidden = np.maximum(np.maximum(features @ first, 0.0) @ second, 0.0)
            counts += np.bincount((hidden @ last).argmax(axis=1), minlength=_CLASSES)
            left -= len(features)
    return tuple(counts.tolist())


def whole_number(value: object, name: str, least: int, most: int, advice: str) -> int:
    """Return `value` as an int from `least` to `most`, or say what is wrong with it.

    Args:
        value: what was given.
        name: what it was given as.
        least: the smallest allowed.
        most: the largest allowed.
        advice: what to do, as a command.

    Raises:
        TypeError: it is not a whole number.
        ValueError: it is out of range.
    """
    try:
        number = index(value)  # type: ignore[arg-type]
    except TypeError:
        number = None
    if number is not None and not isinstance(value, bool) and least <= number <= most:
        return number
    from .given import shown  # not before it is needed: workers load this module

    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} is {shown(value)}; expected a whole number: {advice}")
    raise ValueError(f"{name} is {shown(value)}; expected {least:_} to {most:_}: {advice}")
