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


def seconds_up_to(most_s: float, value: object, name: str, advice: str) -> float:
    """Return `value` as seconds above 0 and at most so many, or say what is wrong with it.

    Args:
        most_s: the most allowed.
        value: what was given.
        name: what it was given as.
        advice: what to do, as a command.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of range.
    """
    number = as_number(value)
    if number is None:
        raise TypeError(f"{name} is {shown(value)}; expected a number: {advice}")
    if not 0 < number <= most_s:
        raise ValueError(
            f"{name} is {shown(value)}; expected more than 0 and at most {most_s:.0f}: {advice}"
        )
    return number


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
