"""What our pools run inside a worker process: its beginning, its warm-up, its end.

A leaf. Every worker imports it, so it imports nothing of this package and
nothing that a pool worker has not loaded already.
"""

import os
import signal
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait

# Read by type checkers as typing.TYPE_CHECKING; importing typing costs a worker 5 ms.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from multiprocessing.synchronize import Semaphore

# Semaphores reach a worker only while it starts, so they wait here for `get_ready`.
_gate: "tuple[Semaphore, Semaphore] | None" = None


def begin(arrived: "Semaphore", go: "Semaphore", nice: int) -> None:
    """Prepare this worker: deaf to the Interrupt button, and not to outlive its parent.

    Args:
        arrived: released by ``get_ready`` when this worker is up.
        go: acquired by ``get_ready``, so that one worker cannot stand in for two.
        nice: how far to lower this worker's priority; ignored on Windows.
    """
    global _gate
    # Ctrl-C and Jupyter's Interrupt reach the whole process group, idle workers too.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if nice and hasattr(os, "nice"):
        os.nice(nice)
    _gate = (arrived, go)
    threading.Thread(target=_end_with_parent, name="end with parent", daemon=True).start()


def get_ready() -> None:
    """Report that this worker is up, and wait until all the others are."""
    if _gate is not None:
        arrived, go = _gate
        arrived.release()
        go.acquire()


def _end_with_parent() -> None:
    """End this process when its parent ends, however it ends, whatever runs here.

    The sentinel tells it on every platform. (Linux's PR_SET_PDEATHSIG would
    not do: it fires when the *thread* that forked the worker ends.)
    """
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
