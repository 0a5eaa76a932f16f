"""Jobs that the checks send to workers: one that crashes, one that fails, one that works.

A leaf: a worker imports it, so it imports nothing of this package and nothing heavy.
"""

import os
import time
from multiprocessing import parent_process

_MOMENT_S = 0.1


def crash_once(path: str) -> str:
    """End the worker without a word at the first call; return an answer at the next.

    Args:
        path: a file that does not exist before the first call.
    """
    try:
        with open(path, "x", encoding="ascii"):  # noqa: PTH123 - a worker need not load pathlib
            pass
    except FileExistsError:
        return "answered"
    crash_always(path)
    return ""


def crash_always(path: str) -> None:
    """End the worker without a word.

    Raises:
        RuntimeError: it was called in the main process, which it must not end.
    """
    if parent_process() is None:
        raise RuntimeError(
            "this function ends the process that runs it, and it was called in the main process; "
            "expected a worker to run it: await loop.run_in_executor(executor, fn, arg)"
        )
    os._exit(3)


def refuse(path: str) -> None:
    """Raise an error, as a job does that was given something wrong.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"the job refuses {os.path.basename(path)!r}")  # noqa: PTH119


def work(path: str) -> str:
    """Return an answer after a moment, in which the loop has to stay free."""
    time.sleep(_MOMENT_S)
    return "answered"
