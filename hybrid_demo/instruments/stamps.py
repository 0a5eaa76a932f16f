"""The side of the instruments that runs in worker processes.

A leaf: it imports nothing of ours and nothing a worker has not loaded anyway,
because what it costs is charged to the job being measured.

A watched job notes when it started and when it finished in a file of fixed
slots that the watching process owns, and not in its result: so what travels
back is untouched, and the start is known also of a job that never comes back
(its worker died) or not yet (the watch was left while it ran). The clock is
``perf_counter``, which Linux, macOS and Windows count for the whole machine.
"""

import os
from struct import Struct
from time import perf_counter

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ParamSpec, TypeVar

    P = ParamSpec("P")
    T = TypeVar("T")

STARTED = Struct("=dq")  # perf_counter seconds, process id
FINISHED = Struct("=d")  # perf_counter seconds
SLOT_BYTES = STARTED.size + FINISHED.size

# On Windows a file opened without O_BINARY has its newlines translated.
_MODE = os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def note(path: str, offset: int, stamp: bytes) -> None:
    """Write `stamp` at byte `offset` of the file at `path`, if it is still there.

    A job that outlives its watch finds the file gone: it has nothing to tell.
    """
    try:
        descriptor = os.open(path, _MODE)
    except OSError:
        return
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)
        os.write(descriptor, stamp)
    except OSError:  # a full disk must not fail the student's job
        pass
    finally:
        os.close(descriptor)


def call(
    path: str, slot: int, fn: "Callable[P, T]", /, *args: "P.args", **kwargs: "P.kwargs"
) -> "T":
    """Return ``fn(*args, **kwargs)`` and note when it started and finished, and where."""
    started = perf_counter()
    note(path, slot * SLOT_BYTES, STARTED.pack(started, os.getpid()))
    try:
        return fn(*args, **kwargs)
    finally:
        finished = perf_counter()
        note(path, slot * SLOT_BYTES + STARTED.size, FINISHED.pack(finished))
