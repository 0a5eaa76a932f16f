"""Where the notebooks are, and what a test or a notebook left running."""

import subprocess
import time
from collections.abc import Collection
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted(
    path for path in (ROOT / "notebooks").rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts
)

LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}  # this machine, and nobody else


def notebook_name(path: Path) -> str:
    """Return how a test names a notebook."""
    return path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()


def descendants(pid: int) -> list[psutil.Process]:
    """Return the processes that this one started, and those that they started."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def left_running(
    pid: int, *, except_for: Collection[psutil.Process] = (), patience_s: float = 5
) -> list[str]:
    """Return the descendants still there, after some patience with those on their way out.

    Python's own helpers, one forkserver and one resource tracker, live as long
    as the process that they serve, and do not count. Nor does what another of
    the excepted processes started, such as a browser's own processes.
    """
    excepted: list[psutil.Process] = []
    for process in except_for:
        excepted += [process, *([] if is_helper(process) else descendants(process.pid))]
    found = [child for child in descendants(pid) if child not in excepted]
    suspects = [child for child in found if not is_helper(child)]
    _, alive = psutil.wait_procs(suspects, timeout=patience_s)
    return [f"{child.pid}: {_command(child)}" for child in alive]


def remaining(processes: Collection[psutil.Process], *, within_s: float) -> list[psutil.Process]:
    """Return which of these have not ended within so many seconds; at once when all have.

    One that has ended and that its parent, or the system, has not asked after is gone.
    """
    deadline = time.monotonic() + within_s
    while alive := [each for each in processes if _is_alive(each)]:
        if time.monotonic() > deadline:
            return alive
        time.sleep(0.01)
    return []


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def end(process: "subprocess.Popen[str] | subprocess.Popen[bytes]") -> None:
    """End a process, politely first."""
    process.terminate()
    try:
        process.communicate(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def listening(pid: int) -> set[str]:
    """Return the addresses on which a process, and all that it started, can be asked."""
    found = set()
    for process in [psutil.Process(pid), *descendants(pid)]:
        for each in process.net_connections("inet"):
            if each.status == psutil.CONN_LISTEN:
                found.add(each.laddr.ip)
    return found


def is_helper(process: psutil.Process) -> bool:
    """Whether it is Python's own: a forkserver or a resource tracker, and no worker."""
    command = _command(process)
    if "multiprocessing.forkserver" in command:
        parent = process.parent()  # its workers are copies that share its command line
        return parent is None or "multiprocessing.forkserver" not in _command(parent)
    return "multiprocessing.resource_tracker" in command


def _command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline()) or process.name()
    except psutil.Error as error:
        return type(error).__name__
