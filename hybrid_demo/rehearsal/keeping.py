"""Saving a notebook's recordings, from inside its kernel, for a room whose machine misbehaves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hybrid_demo import Recording


def source_that_keeps(folder: Path) -> str:
    """Return a cell that saves the recordings among the notebook's globals in `folder`."""
    return (
        f"__import__({__name__!r}, fromlist=['keep']).keep(get_ipython().user_ns, "
        f"{str(folder)!r}); None"
    )


def keep(names: Mapping[str, object], folder: str) -> None:
    """Save every recording by its name, ``folder/blocked.json``; those still open are left out.

    Raises:
        OSError: a file cannot be written.
    """
    for name, value in list(names.items()):
        if isinstance(value, Recording) and not name.startswith("_") and not value.is_open:
            Path(folder).mkdir(parents=True, exist_ok=True)
            value.save(Path(folder) / f"{name}.json")
