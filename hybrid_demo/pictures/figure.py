"""Whole pictures: one recording, or several one above the other."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib

from ..recording import Recording
from .checking import check_guess, check_recording
from .compose import Composer
from .picture import Picture
from .plan import Guess


def timeline(recording: Recording, *, guess: Guess | None = None) -> Picture:
    """Draw one recording: what a client waited, who held the loop, who ran where.

    Hidden: what each piece hides (``plot_lag``, ``plot_loop``,
    ``plot_workers``, ``plot_depths``), and panels that have nothing to say.

    Args:
        recording: what ``watch`` left.
        guess: what ``predict`` returned; drawn beside the measurement.

    Raises:
        TypeError: `recording` is not a Recording.
        StillOpenError: its block was not left yet.
    """
    return compare(recording, guess=guess)


def compare(*recordings: Recording, guess: Guess | None = None) -> Picture:
    """Draw recordings one above the other, on one time axis and one scale of waiting.

    Hidden: that two runs are never quite alike; one recording of each says
    nothing about their spread.

    Args:
        recordings: what ``watch`` left, one or more.
        guess: what ``predict`` returned; drawn into the first recording it is about.

    Raises:
        TypeError: nothing was given, or something that is not a Recording.
        StillOpenError: a recording's block was not left yet.
    """
    _check(recordings, guess)
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, "backend": "agg"}):
        return Composer(recordings, guess).picture()


def _check(recordings: Sequence[object], guess: object) -> None:
    if not recordings:
        raise TypeError(
            "compare() was given nothing; give it the recordings that `watch` left, "
            "as in compare(blocked, pooled)"
        )
    for each in recordings:
        check_recording(each)
    check_guess(guess, method="mark")
