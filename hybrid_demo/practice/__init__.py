"""Exercises: an answer of the student's is run, measured, and answered by what it did.

A room above pictures, instruments and teaching; nothing of ours imports it.
Statement and starter of an exercise stand in its notebook, its words in
``practice.toml``, its check in ``checks``, its reference solution in
``solutions``. The name is resolved on first use, because a worker that is sent
one of ``jobs`` imports this package and must not load what only a check needs.
"""

# Read by type checkers as typing.TYPE_CHECKING; importing typing costs a worker 5 ms.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from .suite import exercises as exercises

__all__ = ("exercises",)


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.suite"), name)
    globals()[name] = value
    return value
