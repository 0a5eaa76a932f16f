"""What this machine can show: its CPUs, its quota, its speed, in a few lines for a notebook.

It imports nothing of this package but the workload it calibrates and how a value
is said back, and loky
(which counts CPUs) only when asked, because importing that takes a moment.
"""

from __future__ import annotations

import math
import os
import platform
import sys
import sysconfig
import time

from .given import seconds_up_to, shown
from .workloads import cpu_intensive_analysis

# Windows can wait for 61 processes at once, and ProcessPoolExecutor takes no more there. Elsewhere
# a server may have more CPUs than that, and open_pool(effective_cpus()) has to work on it.
MOST_WORKERS = 61 if sys.platform == "win32" else 1024
# How this project's own commands call pip, for advice.
PIP = r".venv\Scripts\pip" if sys.platform == "win32" else ".venv/bin/pip"
_LONGEST_S = 60.0
_SAMPLE_S = 0.025
_SAMPLES = 5
_CGROUPS = "/sys/fs/cgroup"
_OWN_CGROUPS = "/proc/self/cgroup"


def effective_cpus() -> int:
    """Return how many CPUs this process can use: what affinity and cgroup quota leave.

    ``os.cpu_count()`` tells the machine's CPUs, which in a container may be many
    more. A part of a CPU counts as one. ``LOKY_MAX_CPU_COUNT`` in the
    environment lowers the figure.

    Raises:
        ValueError: ``LOKY_MAX_CPU_COUNT`` is set, and is no whole number.
    """
    limit = os.environ.get("LOKY_MAX_CPU_COUNT", "1").strip()
    if not limit.lstrip("+-").isdecimal():
        raise ValueError(
            f"LOKY_MAX_CPU_COUNT is {shown(limit)} in this process's environment; expected a "
            "whole number of CPUs: set it to one, or take it away, and start again"
        )
    from loky import cpu_count  # type: ignore[import-untyped]

    # loky reads the quota of the topmost cgroup in sight; ours may lie deeper.
    quota = cpu_quota()
    counted = int(cpu_count())
    return counted if quota is None else max(1, min(counted, math.ceil(quota)))


def start_method() -> str:
    """Return how our pools start their workers: by ``forkserver`` on Linux, else ``spawn``.

    Never by ``fork``, Linux's default up to Python 3.13: a Jupyter kernel has
    many threads, and a fork copies the locks they hold.
    """
    return "forkserver" if sys.platform == "linux" else "spawn"


def calibrate(seconds: float) -> int:
    """Return the data size whose ``cpu_intensive_analysis`` takes that long here.

    Judged by this thread's CPU time (on Windows, whose clock for that is too
    coarse, by wall time), so that a busy machine does not mislead it. It takes
    about 0.2 s and differs a little from run to run.

    Args:
        seconds: CPU seconds of one job, above 0 and at most 60.

    Raises:
        TypeError: `seconds` is not a number.
        ValueError: it is NaN, zero, negative, or more than 60.
    """
    advice = "give the seconds of CPU work one job shall take, for example calibrate(0.2)"
    wanted = seconds_up_to(_LONGEST_S, seconds, "seconds", advice)
    size, taken = 1_000, 0.0
    while taken < _SAMPLE_S / 2:
        size *= 2
        taken = _seconds_of(size)
    size = max(1, round(size * _SAMPLE_S / taken))
    speed = size / sorted(_seconds_of(size) for _ in range(_SAMPLES))[_SAMPLES // 2]  # the median
    answer = max(1, round(wanted * speed))
    return round(answer, min(0, 2 - len(str(answer))))


def describe_machine() -> str:
    """Return the lines for the top of a notebook: what runs here, and what it cannot show."""
    cpus, owned, quota = effective_cpus(), os.cpu_count() or 1, cpu_quota()
    gil = ", free-threaded," if sysconfig.get_config_var("Py_GIL_DISABLED") else ""
    # One short sentence a line: JupyterLab breaks a long line in the middle of a word.
    lines = [
        f"{platform.python_implementation()} {platform.python_version()}{gil} "
        f"on {platform.system()} ({platform.machine()}).",
        f"{cpus} of {owned} CPUs for this process; pools start their workers by {start_method()}.",
    ]
    if quota is not None and quota < owned:
        lines += [
            f"A quota holds all your processes together to {quota:.3g} CPUs.",
            "When it is used up, loop and workers freeze together.",
        ]
    if cpus == 1:
        lines.append("On one CPU no computing will finish sooner here: watch the wait instead.")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if load >= owned:
        lines.append(f"This machine is busy (load {load:.1f} on {owned} CPUs): times will stretch.")
    return "\n".join(lines)


def cpu_quota() -> float | None:
    """Return the CPUs' worth of time a cgroup grants this process; None without a quota.

    The smallest of all the cgroups around it. Source: the kernel's
    admin-guide/cgroup-v2 ("cpu.max") and scheduler/sched-bwc (version 1).
    """
    quotas: list[float] = []
    for folder in _cgroup_folders():
        given = _read(f"{folder}/cpu.max").split() or [
            *_read(f"{folder}/cpu.cfs_quota_us").split(),
            *_read(f"{folder}/cpu.cfs_period_us").split(),
        ]
        try:
            quota_us, period_us = int(given[0]), int(given[1])
        except (IndexError, ValueError):  # no such file, or "max"
            continue
        if quota_us > 0 and period_us > 0:
            quotas.append(quota_us / period_us)
    return min(quotas, default=None)


def throttled_s() -> float | None:
    """Return for how long this process's cgroups have been throttled so far.

    Seconds since the cgroup was made, added up over its CPUs, so that it can
    grow faster than the clock: only the growth between two readings means
    something. None where the system does not tell.
    """
    total: float | None = None
    for folder in _cgroup_folders():
        for line in _read(f"{folder}/cpu.stat").splitlines():
            key, _, value = line.partition(" ")
            if key == "throttled_usec":
                total = (total or 0.0) + int(value) / 1e6
            elif key == "throttled_time":
                total = (total or 0.0) + int(value) / 1e9
    return total


def _cgroup_folders() -> list[str]:
    """Return the folders of the cgroups around this process that can limit its CPU time."""
    folders: list[str] = []
    for line in _read(_OWN_CGROUPS).splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            mount = _CGROUPS
        elif "cpu" in controllers.split(","):
            mount = f"{_CGROUPS}/{controllers}"
        else:
            continue
        # In a container the path may be the host's; what does not exist reads as empty.
        parts = [part for part in path.split("/") if part]
        folders += ["/".join([mount, *parts[:depth]]) for depth in range(len(parts), -1, -1)]
    return folders


def _read(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:  # noqa: PTH123 - 3 times faster
            return file.read()
    except OSError:
        return ""


def _seconds_of(size: int) -> float:
    clock = time.perf_counter if sys.platform == "win32" else time.thread_time
    begun = clock()
    cpu_intensive_analysis(size)
    return clock() - begun
