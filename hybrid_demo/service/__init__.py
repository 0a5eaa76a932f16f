"""The lecture's sentence as a service: read, parse, ask the cache, run the inference, answer.

A room at the top: nothing of ours imports it. What it needs besides the
suite (Starlette and uvicorn) comes with the extra ``beyond``. Small enough to
be read in one sitting, in this order:

- ``model``: the inference, which crosses to a worker
- ``layers``: where it runs in each mode, and what happens when a worker dies
- ``cache``: SQLite, a blocking library in threads
- ``admission``: who is let in, and whose place is free again when
- ``app``: the five steps, and the application's life around them
- ``serving``: the address, the signals, and the end

Its names are resolved when they are asked for, so that whoever has not
installed the extra is told how.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .app import Design as Design, create_app as create_app
    from .model import FEATURES as FEATURES, inference as inference, passes_for as passes_for
    from .serving import running as running, serve as serve

_HOMES = {
    "Design": "app",
    "create_app": "app",
    "FEATURES": "model",
    "inference": "model",
    "passes_for": "model",
    "running": "serving",
    "serve": "serving",
}

__all__ = tuple(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    try:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{error.name} is missing, which the service needs: "
            "run `.venv/bin/pip install -r notebooks/beyond/requirements.txt`"
        ) from error
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
