"""What the suite weighs: the memory of a kernel and of a worker, and the environment on disk.

Memory that a process shares with none ("USS"), and beside it its part of what it
shares ("PSS", which only Linux tells), as psutil counts them.
"""

from __future__ import annotations

import asyncio
import importlib
import importlib.metadata
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil
from packaging.requirements import Requirement

import hybrid_demo

from .alone import ROOT, alone
from .figures import Figure
from .jobs import own_pid
from .kernel import kernel
from .peers import WORKERS
from .ways import METHODS, OURS, PEERS, Way

TIMES = 3
MEGA = 1e6
LONG_ENOUGH = 200_000  # readings, so that no worker does all jobs
# Example 29.1 in short, drawn, as in notebook 03.
_LESSON = """
import asyncio
from hybrid_demo import calibrate, compare, cpu_intensive_analysis, open_pool, watch
size, loop = calibrate(0.05), asyncio.get_running_loop()
async with watch("on the event loop") as blocked:
    for _ in range(6):
        cpu_intensive_analysis(size)
async with open_pool(2) as executor, watch("in a process pool") as pooled:
    jobs = [loop.run_in_executor(executor, cpu_intensive_analysis, size) for _ in range(6)]
    await asyncio.gather(*jobs)
display(compare(blocked, pooled))
"""


def memory_of(pid: int) -> tuple[float, float]:
    """Return the megabytes that a process has to itself, and those with its part of the shared.

    The second is the first where the system does not tell it.
    """
    told = psutil.Process(pid).memory_full_info()
    return told.uss / MEGA, getattr(told, "pss", told.uss) / MEGA


def of_kernel() -> list[tuple[float, float]]:
    """Return the memory of a kernel: new, and when it has watched, compared and drawn."""
    with kernel() as (pid, run):
        new = memory_of(pid)
        run(_LESSON)
        return [new, memory_of(pid)]


def of_workers(name: str) -> list[tuple[float, float]]:
    """Return the memory of the workers of a method or peer, after each has done jobs."""
    ways: dict[str, Way] = {**PEERS, **METHODS}
    way = ways[name]
    importlib.import_module(way.module)

    async def main() -> list[tuple[float, float]]:
        async with way.opened(WORKERS) as send:
            jobs = [send(own_pid, LONG_ENOUGH) for _ in range(10 * WORKERS)]
            return [memory_of(pid) for pid in set(await asyncio.gather(*jobs))]

    return asyncio.run(main())


def size_of(names: Iterable[str]) -> dict[str, float]:
    """Return the megabytes on disk of each of these installed packages."""
    sizes = {}
    for name in names:
        files = importlib.metadata.files(name) or []
        paths = [Path(str(file.locate())) for file in files]
        sizes[name] = sum(path.stat().st_size for path in paths if path.is_file()) / MEGA
    return sizes


def pinned(lock: str) -> Iterator[str]:
    """Yield the names of the packages that a lock file installs on this machine."""
    for line in (ROOT / lock).read_text(encoding="utf-8").splitlines():
        if not line.startswith(("#", "-e")):
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate():
                yield requirement.name


def figures() -> Iterator[Figure]:
    """Measure the kernel, the workers, the environment."""
    kernels = [of_kernel() for _ in range(TIMES)]
    for at, who in ((1, "after a watched lesson"), (0, "new")):
        yield from _told(
            f"memory of a kernel, {who}", [each[at] for each in kernels], "kernel", who
        )
    names = {OURS: "`open_pool`", **{name: f"plain, by {name}" for name in METHODS}}
    names.update({name: name for name in PEERS if name != OURS})
    for name, who in names.items():
        yield from _told(
            f"memory of a worker: {who}", alone("weight.of_workers", name), "worker", who
        )
    whole = size_of(pinned("requirements.txt"))
    yield _once("the environment on disk", sum(whole.values()), "size", "what the README installs")
    extra = size_of(set(pinned("notebooks/beyond/requirements.txt")) - set(whole))
    yield _once("  more for notebooks 08 and 09", sum(extra.values()), "size", "more for 08 and 09")
    ours = Path(hybrid_demo.__file__).parent.rglob("*")
    package = sum(path.stat().st_size for path in ours if path.suffix in {".py", ".toml", ".css"})
    yield _once("  of it the package hybrid_demo", package / MEGA, "size", "our package")
    for name in sorted(whole, key=whole.__getitem__, reverse=True)[:5]:
        yield _once(f"  of it {name}", whole[name])


def _told(what: str, of: list[tuple[float, float]], row: str, who: str) -> Iterator[Figure]:
    own, shared = zip(*of, strict=True)
    yield Figure.of(f"{what}: its own", own, unit="MB", row=row, who=who)
    yield Figure.of(f"{what}: with its part of the shared", shared, unit="MB")


def _once(what: str, megabytes: float, row: str = "", who: str = "") -> Figure:
    return Figure.of(what, [megabytes], unit="MB", row=row, who=who)
