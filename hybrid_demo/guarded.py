"""A program beside the notebook whose processes all end with the notebook, however it ends.

A leaf: the standard library only (psutil where processes have no groups). What
becomes of its output, and when it is ended, is its callers' affair.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import IO, Any

# The program's parent: ends all of it when the notebook's kernel ends, however it ends.
_GUARD = """
import os, signal, subprocess, sys, threading
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def end_with_kernel():
    os.read(0, 1)
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    program.kill()
    os._exit(1)
threading.Thread(target=end_with_kernel, daemon=True).start()
status = program.wait()
os._exit(status if status >= 0 else 128 - status)
"""


def start(words: Sequence[str], *, stdout: IO[bytes], stderr: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a program under a guard, in a group of its own, so that no Interrupt reaches it.

    Args:
        words: the program and its arguments.
        stdout: the file that it writes to.
        stderr: the same for what it complains of; may be the same file.

    Returns:
        The guard, whose status will be the program's. Use it in a ``with``, and call
        ``end_all`` before leaving.
    """
    how: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        how = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return subprocess.Popen(
        [sys.executable, "-c", _GUARD, *words],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=stderr,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
        **how,
    )


def has_ended(guard: subprocess.Popen[bytes]) -> bool:
    """Whether the guard has ended, leaving its number taken, so that its group is still its own."""
    if hasattr(os, "waitid"):
        how = os.WEXITED | os.WNOWAIT | os.WNOHANG
        return os.waitid(os.P_PID, guard.pid, how) is not None
    return guard.poll() is not None


def end_all(guard: subprocess.Popen[bytes]) -> None:
    """End the program and whatever it started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(guard.pid, signal.SIGKILL)
        return
    import psutil  # type: ignore[import-untyped]

    with contextlib.suppress(psutil.Error):
        for process in [*psutil.Process(guard.pid).children(recursive=True), guard]:
            with contextlib.suppress(psutil.Error, OSError):
                process.kill()
