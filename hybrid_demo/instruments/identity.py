"""A mapping by identity that keeps none of its keys alive.

``weakref.WeakKeyDictionary`` asks its keys for a hash and for equality, which
belong to the student's classes, and must not be iterated while other threads
add to it. Here a key is its ``id`` for as long as it lives.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class ByIdentity(Generic[V]):
    """One value for each object, made when first asked for."""

    def __init__(self) -> None:
        self._entries: dict[int, tuple[weakref.ref[Any] | None, V]] = {}
        self._forget = self._drop  # bound once: thousands of references share it

    def get_or_make(self, key: Any, make: Callable[[], V]) -> V:
        """Return the value of `key`, made now if it has none; safe from any thread."""
        number = id(key)
        entry = self._entries.get(number)
        if entry is None:
            reference: weakref.ref[Any] | None
            try:
                reference = weakref.KeyedRef(key, self._forget, number)
            except TypeError:  # its class has __slots__: its entry stays for as long as we do
                reference = None
            # setdefault is atomic: of two threads that come at once, the second finds the first's.
            entry = self._entries.setdefault(number, (reference, make()))
        return entry[1]

    def _drop(self, reference: weakref.KeyedRef[int, Any]) -> None:
        self._entries.pop(reference.key, None)
