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

# The program's parent: ends all of it when the notebook's kernel ends, however it ends. On Windows,
# where there are no groups, it puts itself into a job, and so whatever is started below it. A job
# ends all in it at a word, or when its last handle closes: here, when the guard is killed.
# (The buffer is a JOBOBJECT_EXTENDED_LIMIT_INFORMATION of a 64-bit system, of which only
# LimitFlags is set, to JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE; -1 is the process that asks.)
_GUARD = """
import os, signal, subprocess, sys, threading
if hasattr(os, "killpg"):
    def end_all(status):
        os.killpg(0, signal.SIGKILL)
else:
    import ctypes, struct
    windows = ctypes.WinDLL("kernel32")
    windows.CreateJobObjectW.restype = ctypes.c_void_p
    job, limits = ctypes.c_void_p(windows.CreateJobObjectW(None, None)), bytearray(144)
    struct.pack_into("<L", limits, 16, 0x2000)
    windows.SetInformationJobObject(job, 9, bytes(limits), len(limits))
    windows.AssignProcessToJobObject(job, ctypes.c_void_p(-1))
    def end_all(status):
        windows.TerminateJobObject(job, ctypes.c_uint(status))
program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
def end_with_kernel():
    os.read(0, 1)
    end_all(1)
    program.kill()
    os._exit(1)
threading.Thread(target=end_with_kernel, daemon=True).start()
status = program.wait()
if not hasattr(os, "killpg"):
    end_all(status)  # nobody could find what the program has left, once this guard is gone
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
    """End the program and whatever it started, wherever that stands among the processes."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(guard.pid, signal.SIGKILL)
        return
    import psutil  # type: ignore[import-untyped]

    # The guard's job ends with it. This reaches them too where a machine's rules allow no job.
    with contextlib.suppress(psutil.Error):
        for process in [*psutil.Process(guard.pid).children(recursive=True), guard]:
            with contextlib.suppress(psutil.Error, OSError):
                process.kill()
