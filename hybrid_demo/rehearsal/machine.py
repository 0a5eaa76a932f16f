"""What ``check`` measures of this machine, in about a second.

The figures only; what they mean for the notebooks is in ``weak``. It imports
neither Jupyter nor matplotlib.
"""

from __future__ import annotations

import asyncio
import importlib.metadata
import os
import platform
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

import hybrid_demo
from hybrid_demo import calibrate, effective_cpus, open_pool, watch
from hybrid_demo.machine import cpu_quota, start_method, throttled_s

# What a student installs by name; the rest of the lock file is what these need.
LIBRARIES = ("jupyterlab", "ipywidgets", "matplotlib", "numpy", "nbval", "pytest")
_IDLE_S = 0.4
_SPEED_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What runs here, and what it has to offer right now.

    Attributes:
        python: the interpreter's version, ``(3, 11, 7)``.
        implementation: its kind, ``"CPython"``.
        has_gil: whether one thread at a time runs Python code.
        system: ``"Linux"``, and the kind of processor.
        cpus: CPUs this process may use.
        owned: CPUs the machine has.
        quota: CPUs' worth of time for all our processes together; None without a quota.
        start: how workers start.
        in_use: CPUs' worth of time that others used while this was measured.
        throttled_s: seconds for which the quota stopped us meanwhile.
        idle_lag_s: how late an event loop with nothing to do was, at worst.
        pool_s: seconds until a pool of `cpus` workers was up; None if it never was.
        pool_error: why it never was.
        speed: the data size that one second of CPU time analyses.
        temp_error: why no temporary file can be written; "" if one can.
        moved: libraries in another version than the lock file's, in words.
    """

    python: tuple[int, int, int]
    implementation: str
    has_gil: bool
    system: str
    cpus: int
    owned: int
    quota: float | None
    start: str
    in_use: float
    throttled_s: float
    idle_lag_s: float
    pool_s: float | None
    pool_error: str
    speed: int
    temp_error: str
    moved: tuple[str, ...]


def look() -> Machine:
    """Measure this machine, as a notebook that starts now would find it."""
    cpus, owned = effective_cpus(), os.cpu_count() or 1
    throttled_before_s = throttled_s()
    in_use, idle_lag_s = _idle(owned)
    pool_s, pool_error = _pool(cpus)
    speed = calibrate(_SPEED_S)
    throttled_after_s = throttled_s()
    return Machine(
        python=sys.version_info[:3],
        implementation=platform.python_implementation(),
        has_gil=not sysconfig.get_config_var("Py_GIL_DISABLED"),
        system=f"{platform.system()} ({platform.machine()})",
        cpus=cpus,
        owned=owned,
        quota=cpu_quota(),
        start=start_method(),
        in_use=in_use,
        throttled_s=(throttled_after_s or 0.0) - (throttled_before_s or 0.0),
        idle_lag_s=idle_lag_s,
        pool_s=pool_s,
        pool_error=pool_error,
        speed=speed,
        temp_error=_temp_error(),
        moved=tuple(_moved()),
    )


def _idle(owned: int) -> tuple[float, float]:
    """Watch a loop that has nothing to do: (CPUs that others use meanwhile, its worst lag)."""

    async def wait() -> float:
        async with watch("nothing to do") as idle:
            await asyncio.sleep(_IDLE_S)
        return idle.lag.max_s

    psutil.cpu_percent()  # from here on
    begun, own_begun_s = time.perf_counter(), time.process_time()
    lag_s = asyncio.run(wait())
    used = owned * psutil.cpu_percent() / 100
    own = (time.process_time() - own_begun_s) / (time.perf_counter() - begun)
    return max(0.0, used - own), lag_s


def _pool(workers: int) -> tuple[float | None, str]:
    """Start a pool as the notebooks do: (seconds until it was up, why it never was)."""
    begun = time.perf_counter()
    try:
        with open_pool(workers):
            return time.perf_counter() - begun, ""
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


def _temp_error() -> str:
    try:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"stamp")
    except OSError as error:
        return str(error)
    return ""


def _moved() -> list[str]:
    """Tell of the named libraries that are missing, or not in the version that was tested."""
    lock = Path(hybrid_demo.__file__).resolve().parents[1] / "requirements.txt"
    pins: dict[str, set[str]] = {}
    for line in lock.read_text(encoding="utf-8").splitlines() if lock.is_file() else ():
        name, _, version = line.partition("==")
        pins.setdefault(name, set()).add(version.partition(" ")[0])
    told = []
    for name in LIBRARIES:
        tested = " or ".join(sorted(pins.get(name, ())))
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            told.append(f"{name} is not installed")
            continue
        if tested and version not in pins[name]:
            told.append(f"{name} is {version}; tested was {tested}")
    return told
