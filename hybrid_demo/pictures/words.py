"""The words that stand in pictures, from one data file, read when first needed."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from ..recording import in_words


@cache
def _book() -> dict[str, Any]:
    text = files(__package__).joinpath("words.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def say(key: str, **figures: object) -> str:
    """Return the phrase of words.toml at `key`, "table.phrase", with its figures filled in."""
    table, phrase = key.split(".")
    return str(_book()[table][phrase]).format(**figures)


def listed(key: str) -> tuple[str, ...]:
    """Return a list of words.toml, such as "nouns.known"."""
    table, name = key.split(".")
    return tuple(_book()[table][name])


def spelled(number: int) -> str:
    """Return "six" up to twelve, "13" from there."""
    small = listed("numbers.small")
    return small[number] if 0 <= number < len(small) else f"{number:,}"


def end_words_of(seconds: float) -> str:
    """Return a recording's length as it is said, in seconds from a tenth on: "0.77 s"."""
    if seconds >= 99.5:
        return f"{seconds:,.0f} s"
    return f"{seconds:.2f} s" if seconds >= 0.0995 else in_words(seconds)


def headed(text: str) -> str:
    """Return `text` with a capital at its head, unless its first word is an identifier."""
    first = text.split(maxsplit=1)[0] if text else ""
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text


def sentence(text: str) -> str:
    """Return `text` with a capital at its head and a full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    head = headed(text)
    return head if head[-1] in ".!?" else head + "."


def series(parts: list[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
