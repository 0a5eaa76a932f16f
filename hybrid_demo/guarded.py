"""A program beside the notebook whose processes all end with the notebook, however it ends.

A leaf: the standard library, and psutil to see that they have ended. What becomes
of its output, and when it is ended, is its callers' affair.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import IO, Any

_MOST_S = 5.0
_POLL_S = 0.005

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
    """End the program and whatever it started, wherever that stands among the processes.

    It is gone when this returns, so that nobody can meet it any more. (A process
    that the system cannot end within 5 s is left to it.)
    """
    import psutil  # type: ignore[import-untyped]

    latest = time.monotonic() + _MOST_S
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(guard.pid, signal.SIGKILL)
        while any(_is_in_group(pid, guard.pid) for pid in psutil.pids()):
            if time.monotonic() > latest:
                return
            time.sleep(_POLL_S)
        return
    # The guard's job ends with it. This reaches them too where a machine's rules allow no job.
    with contextlib.suppress(psutil.Error):
        processes = [*psutil.Process(guard.pid).children(recursive=True), psutil.Process(guard.pid)]
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(processes, timeout=_MOST_S)


def _is_in_group(pid: int, group: int) -> bool:
    """Whether a process is of this group and alive: what nobody has asked after yet is not."""
    import psutil

    try:
        return os.getpgid(pid) == group and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (ProcessLookupError, PermissionError, psutil.Error):
        return False
