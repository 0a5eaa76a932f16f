"""What a picture is given, refused at the call: with what was given, and what to do.

Imports the recording and how a value is said back; nothing is drawn here.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from ..given import as_number, shown
from ..recording import Recording, StillOpenError


def check_recording(given: object) -> None:
    """Refuse what is no closed recording.

    Raises:
        TypeError: it is no Recording.
        StillOpenError: its block was not left yet.
    """
    if not isinstance(given, Recording):
        raise TypeError(
            f"{shown(given)} is not a Recording; give what `async with watch(...) as recording` "
            "bound, several as compare(blocked, pooled)"
        )
    if given.is_open:
        raise StillOpenError(
            f"recording {given.label!r} cannot be drawn while it is still being made; "
            "draw after the `async with watch(...)` block, one indentation to the left"
        )


def check_axes(given: object) -> None:
    """Refuse what is neither matplotlib's axes nor None.

    Raises:
        TypeError: it is something else.
    """
    from matplotlib.axes import Axes

    if given is not None and not isinstance(given, Axes):
        raise TypeError(
            f"ax is {shown(given)}; expected axes to draw on, such as figure.add_subplot(), or "
            "None for a picture of its own"
        )


def check_guess(given: object, *, method: str) -> None:
    """Refuse a guess that cannot be drawn.

    Raises:
        TypeError: it has no such method.
    """
    if given is not None and not callable(getattr(given, method, None)):
        raise TypeError(
            f"guess={shown(given)} cannot be drawn; give it what `predict(...)` returned"
        )


def check_mark(given: Any) -> None:
    """Refuse a mark without a value, words and a measure.

    Raises:
        TypeError: one of them is missing, or of another kind.
    """
    if given is None:
        return
    value = as_number(getattr(given, "value_s", None))
    words, measure = getattr(given, "words", None), getattr(given, "measure", None)
    if value is None or not math.isfinite(value) or not isinstance(words, str) or measure is None:
        raise TypeError(
            f"mark is {shown(given)}; expected what a prediction's `mark(recording)` returned, "
            "or None"
        )


def check_end(name: str, given: object) -> None:
    """Refuse an end of an axis that is not above zero; None is as good as an end.

    Raises:
        TypeError: it is no number.
        ValueError: it is not above zero, or not finite.
    """
    if given is None:
        return
    number = as_number(given)
    expected = f"{name} is {shown(given)}; expected where the axis ends, a number above 0, or None"
    if number is None:
        raise TypeError(expected)
    if not 0 < number < math.inf:
        raise ValueError(expected)


def figures(name: str, given: object, *, expected: str) -> list[float]:
    """Return a sequence of numbers as floats, from a list, a tuple or an array.

    Raises:
        TypeError: it is no sequence, or something in it is no number.
    """
    told = f"{name} is {shown(given)}; expected {expected}"
    if isinstance(given, (str, bytes)) or not hasattr(given, "__len__"):
        raise TypeError(told)
    try:
        found = [as_number(each) for each in given]  # type: ignore[attr-defined]
    except TypeError:
        raise TypeError(told) from None
    if None in found:
        raise TypeError(told)
    return [each for each in found if each is not None]


def ascending(values: Sequence[float]) -> bool:
    """Whether each is greater than the one before; also without any."""
    return all(earlier < later for earlier, later in itertools.pairwise(values))
