"""The instruments behind ``watch``: heartbeat, loop, executors, queues.

Worker processes import ``stamps`` from here, so this module itself must import
nothing; ``watch`` is resolved on first use.
"""

# Read by type checkers as typing.TYPE_CHECKING, without importing typing in a worker.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from .watching import watch as watch

__all__ = ("watch",)


def __getattr__(name: str) -> object:
    if name != "watch":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .watching import watch

    globals()["watch"] = watch
    return watch
