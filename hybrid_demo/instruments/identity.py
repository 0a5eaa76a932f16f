"""A mapping by identity that keeps none of its keys alive.

``weakref.WeakKeyDictionary`` asks its keys for a hash and for equality, which
belong to the student's classes, and must not be iterated while other threads
add to it. Here a key is its ``id`` for as long as it lives.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class ByIdentity(Generic[V]):
    """One value for each object, made when first asked for."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[weakref.ref[Any] | None, V]] = {}

    def get_or_make(self, key: Any, make: Callable[[], V]) -> V:
        """Return the value of `key`, made now if it has none; safe from any thread."""
        number, entries = id(key), self._entries
        entry = entries.get(number)
        if entry is None:
            reference: weakref.ref[Any] | None = None
            # Without one (its class has __slots__) the entry stays for as long as we do.
            with contextlib.suppress(TypeError):
                reference = weakref.ref(key, lambda _: entries.pop(number, None))
            # setdefault is atomic: of two threads that come at once, the second finds the first's.
            entry = entries.setdefault(number, (reference, make()))
        return entry[1]
