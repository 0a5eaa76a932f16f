"""What was given, for an error to say back, and to be taken as a number: short, and never failing.

A leaf: whoever checks its input imports it, a worker only when it complains.
"""

from __future__ import annotations

import math
import reprlib

_MOST = 120  # characters of a value in an error

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _MOST
_short.maxlist = _short.maxtuple = 12


def shown(value: object) -> str:
    """Return ``repr(value)``, cut where it is long, also of what Python refuses to write out."""
    try:
        return _short.repr(value)
    except Exception:  # a whole number of thousands of digits, or somebody's own __repr__
        if isinstance(value, int):
            return "a number of thousands of digits"
        return f"something of type {type(value).__name__}"


def as_number(value: object) -> float | None:
    """Return any kind of number as a float, infinite where it is too large; None for the rest.

    True and False are no numbers here, nor is text, nor an array of several.
    """
    if isinstance(value, (bool, str, bytes)) or not hasattr(value, "__float__"):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf  # type: ignore[operator]
    except (TypeError, ValueError):
        return None


def number_within(
    value: object, name: str, *, above: float = 0.0, most: float, expected: str
) -> float:
    """Return any kind of number as a float above one limit and up to another, or refuse it.

    Args:
        value: what was given.
        name: what it was given as.
        above: what it has to be greater than.
        most: the most allowed.
        expected: what to give instead, in words.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of range, or NaN.
    """
    number = as_number(value)
    told = f"{name} is {shown(value)}; expected {expected}"
    if number is None:
        raise TypeError(told)
    if not above < number <= most:
        raise ValueError(told)
    return number


def seconds_up_to(most_s: float, value: object, name: str, advice: str) -> float:
    """Return `value` as seconds above 0 and at most so many; refuse it with an advice.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of range, or NaN.
    """
    expected = f"a number of seconds, more than 0 and at most {most_s:.0f}: {advice}"
    return number_within(value, name, most=most_s, expected=expected)


def is_text(value: object) -> bool:
    """Whether it is text that can be drawn, shown and saved: no half of a character in it."""
    if not isinstance(value, str):
        return False
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def as_text(text: str) -> str:
    """Return text in which each half of a character, which nobody can send, is replaced by "?"."""
    return text.encode("utf-8", "replace").decode("utf-8")
