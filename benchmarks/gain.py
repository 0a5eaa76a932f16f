"""What the pool gains: for those who wait at the door, and in time."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hybrid_demo import (
    calibrate,
    cpu_intensive_analysis,
    effective_cpus,
    open_pool,
    timeline,
    watch,
)
from hybrid_demo.machine import throttled_s

from .figures import Figure, figure
from .jobs import timed_analysis
from .kernel import kernel

_JOB_S = 0.2


async def worst_waits(workers: int) -> dict[str, Any]:
    """Return the worst waits in seconds of six jobs inline and in a pool, and what was noted."""
    size = calibrate(_JOB_S)

    async def handle_inline() -> float:
        return cpu_intensive_analysis(size)

    async with watch("on the event loop") as blocked:
        await asyncio.gather(*[handle_inline() for _ in range(6)])
    loop = asyncio.get_running_loop()
    async with open_pool(workers) as executor, watch("in a process pool") as pooled:
        jobs = [loop.run_in_executor(executor, cpu_intensive_analysis, size) for _ in range(6)]
        await asyncio.gather(*jobs)
    return {
        "blocked": blocked.lag.max_s,
        "pooled": pooled.lag.max_s,
        "notes": list(pooled.notes),
        "picture": timeline(pooled).alt_text,
    }


def in_a_kernel() -> float:
    """Return worst lag inline over worst lag in the pool, six 200 ms jobs, in a Jupyter kernel."""
    with kernel() as (_, run):
        told = run(
            "import json\n"
            "from benchmarks.gain import worst_waits\n"
            "print(json.dumps(await worst_waits(2)))"
        )
    waits = json.loads(told)
    return float(waits["blocked"] / waits["pooled"])


def under_load(nice: int, *, load_s: float = 4) -> tuple[float, float]:
    """Return the loop's p99 in seconds, idle and then under load on W = CPUs workers."""

    async def main() -> tuple[float, float]:
        loop = asyncio.get_running_loop()
        workers, size = effective_cpus(), calibrate(0.05)
        async with open_pool(workers, nice=nice) as executor:
            async with watch("idle") as idle:
                await asyncio.sleep(load_s / 2)
            async with watch("load") as load:
                async with asyncio.timeout(load_s + 30):
                    end = loop.time() + load_s

                    async def client() -> None:
                        while loop.time() < end:
                            await loop.run_in_executor(executor, cpu_intensive_analysis, size)

                    await asyncio.gather(*[client() for _ in range(2 * workers)])
        return idle.lag.p99_s, load.lag.p99_s

    return asyncio.run(main())


def lag_figures() -> Iterator[Figure]:
    """Measure what the loop's clients wait while workers compute, at each priority of theirs."""
    resting: list[float] = []
    loads: dict[int, list[float]] = {}
    for nice in (0, 10, 19):
        taken = [under_load(nice) for _ in range(3)]
        resting += [1_000 * idle for idle, _ in taken]
        loads[nice] = [1_000 * load for _, load in taken]
        yield Figure.of(
            f"p99 of the lag under load on W = CPUs / idle, workers niced {nice}",
            [load / idle for idle, load in taken],
            bound=10 if nice == 0 else 3,
        )
    for nice, who in ((0, "workers of equal priority"), (10, "niced 10"), (19, "niced 19")):
        yield Figure.of(
            f"p99 of the lag under load, workers niced {nice}",
            loads[nice],
            unit="ms",
            row="lag",
            who=who,
        )
    yield Figure.of(
        "  beside it: p99 of the lag of an idle loop", resting, unit="ms", row="lag", who="idle"
    )


def makespan(workers: int) -> float:
    """Return the makespan of twelve jobs over their own CPU seconds / min(W, CPUs)."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        size = calibrate(_JOB_S)
        async with open_pool(workers) as executor, watch("makespan") as recording:
            jobs = [loop.run_in_executor(executor, timed_analysis, size) for _ in range(12)]
            cpu_s = sum(await asyncio.gather(*jobs))
        return recording.makespan_s / (cpu_s / min(workers, effective_cpus()))

    return asyncio.run(main())


@contextlib.contextmanager
def one_cpu() -> Iterator[Path | None]:
    """Give a cgroup that grants one CPU; None where this machine lets nobody make one."""
    top = Path("/sys/fs/cgroup")
    name = f"hybrid-demo-benchmark-{os.getpid()}"
    if (top / "cgroup.controllers").exists():
        folder, limits = top / name, {"cpu.max": "100000 100000"}
    else:
        folder = top / "cpu" / name
        limits = {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "100000"}
    made = False
    try:
        folder.mkdir()
        made = True
        for file, text in limits.items():
            (folder / file).write_text(text)
    except OSError:
        if made:
            folder.rmdir()
        yield None
        return
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()


def under_a_quota(folder: Path, notes: list[str]) -> float:
    """Return worst lag inline over that with four workers, all under a quota of one CPU."""
    code = f"""
import asyncio, json, os
from pathlib import Path
from benchmarks.gain import worst_waits
if __name__ == "__main__":
    Path({str(folder / "cgroup.procs")!r}).write_text(str(os.getpid()))
    print(json.dumps(asyncio.run(worst_waits(4))))
"""
    project = str(Path(__file__).parents[1])
    with tempfile.TemporaryDirectory() as temporary:
        script = Path(temporary) / "quota.py"
        script.write_text(code)
        run = subprocess.run(
            [sys.executable, str(script)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": project},
        )
    waits = json.loads(run.stdout)
    notes.append(f"picture: {waits['picture']}  notes: {waits['notes']}")
    return float(waits["blocked"] / waits["pooled"])


def figures() -> Iterator[Figure]:
    """Measure all of them."""
    yield figure(
        "worst wait of six 200 ms jobs in a Jupyter kernel, inline / pool",
        in_a_kernel,
        bound=50,
        times=3,
        at_least=True,
        row="wait",
        who="the loop's over the pool's",
    )
    yield from lag_figures()
    for workers in (2, 4):
        yield figure(
            f"makespan of 12 jobs on {workers} workers / CPU seconds per CPU",
            lambda workers=workers: makespan(workers),
            bound=1.15,
            times=3,
        )
    with one_cpu() as folder:
        if folder is None or throttled_s() is None:
            print("no CPU quota can be made here: the figure under a quota is left out")
            return
        notes: list[str] = []
        yield figure(
            "worst wait under a quota of 1 CPU, inline / 4 workers",
            lambda: under_a_quota(folder, notes),
            bound=5,
            times=3,
            at_least=True,
        )
        print(f"    {notes[-1]}")
