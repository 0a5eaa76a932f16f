"""Small and busy machines, made on purpose: busy loops, one CPU by affinity, a real quota.

Nothing here knows of pytest, so that tests and `tests.endurance` can both use it.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BUSY_LOOP = "print('busy', flush=True)\nwhile True: pass"
CGROUPS = Path("/sys/fs/cgroup")
_PERIOD_US = 100_000  # the kernel's own default


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """Let this many processes compute without end, and end them on leaving."""
    loops: list[subprocess.Popen[str]] = []
    try:
        for _ in range(count):
            command = [sys.executable, "-c", BUSY_LOOP]
            loops.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        for loop in loops:
            assert loop.stdout is not None
            loop.stdout.readline()  # it runs now
        yield
    finally:
        for loop in loops:
            loop.kill()
        for loop in loops:
            loop.communicate()


@contextlib.contextmanager
def cpu_quota(cpus: float) -> Iterator[Path]:
    """Make a cgroup that grants so much CPU time; a process joins it by its `cgroup.procs`.

    Args:
        cpus: CPUs' worth of time, for all processes in it together.

    Raises:
        OSError: this machine does not let us make one.
    """
    name = f"hybrid-demo-test-{os.getpid()}-{cpus:g}"
    quota_us = round(cpus * _PERIOD_US)
    if (CGROUPS / "cgroup.controllers").exists():
        folder, limits = CGROUPS / name, {"cpu.max": f"{quota_us} {_PERIOD_US}"}
    else:
        folder = CGROUPS / "cpu" / name
        limits = {"cpu.cfs_period_us": f"{_PERIOD_US}", "cpu.cfs_quota_us": f"{quota_us}"}
    folder.mkdir()
    try:
        for file, text in limits.items():
            (folder / file).write_text(text)
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()
