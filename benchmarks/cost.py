"""What ``watch``, the package and the pictures cost."""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from hybrid_demo import Recording, compare, open_pool, watch
from hybrid_demo.spans import JobSpan, Lag, LagSample, Pool, in_flight_of

from .figures import Figure, NotMeasured, figure
from .jobs import echo

_TURNS = 100_000
_TRIPS = 1_000
_IDLE_S = 15


async def _spin() -> float:
    begun = perf_counter()
    for _ in range(_TURNS):
        await asyncio.sleep(0)
    return perf_counter() - begun


async def _spin_watched() -> float:
    async with watch("spin"):
        return await _spin()


def callbacks_watched() -> float:
    """Return a watched sleep(0) spin's time over a bare one's."""
    bare = asyncio.run(_spin())
    return asyncio.run(_spin_watched()) / bare


def callbacks_in_debug_mode() -> float:
    """Return the same spin's time in asyncio's debug mode over a bare one's."""

    async def spin() -> float:
        asyncio.get_running_loop().slow_callback_duration = 60  # on a busy machine it says much
        return await _spin()

    bare = asyncio.run(_spin())
    return asyncio.run(spin(), debug=True) / bare


def callbacks_in_viztracer() -> float:
    """Return the same spin's time under VizTracer over a bare one's."""
    from viztracer import VizTracer

    bare = asyncio.run(_spin())
    tracer = VizTracer(verbose=0, tracer_entries=2_000_000)
    tracer.start()
    try:
        return asyncio.run(_spin()) / bare
    finally:
        tracer.stop()
        tracer.clear()


async def _trips(executor: Any) -> float:
    loop = asyncio.get_running_loop()
    begun = perf_counter()
    await asyncio.gather(*[loop.run_in_executor(executor, echo, n) for n in range(_TRIPS)])
    return perf_counter() - begun


async def _trips_one_by_one(executor: Any) -> float:
    loop = asyncio.get_running_loop()
    begun = perf_counter()
    for number in range(_TRIPS // 4):
        await loop.run_in_executor(executor, echo, number)
    return perf_counter() - begun


def jobs_watched(trips: Callable[[Any], Any]) -> float:
    """Return the time of jobs through a warm pool of two, watched over unwatched, in turn."""

    async def main() -> float:
        ratios = []
        async with open_pool(2) as executor:
            await trips(executor)
            for _ in range(7):
                bare = await trips(executor)
                async with watch("jobs"):
                    seen = await trips(executor)
                ratios.append(float(seen / bare))
        return statistics.median(ratios)

    return asyncio.run(main())


def _seconds_of(code: str) -> float:
    program = (
        f"from time import perf_counter\nt = perf_counter()\n{code}\nprint(perf_counter() - t)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return float(run.stdout)


def _recording_of(jobs: int, samples: int) -> Recording:
    pools = (Pool(name="process pool 1", kind="process", workers=8, start_method="spawn"),)
    spans = tuple(
        JobSpan(
            name="work",
            by=f"handle_request {number}",
            executor="process",
            pool="process pool 1",
            worker=str(number % 8),
            submitted_s=number * 0.001,
            started_s=number * 0.001 + 0.01,
            finished_s=number * 0.001 + 0.0175,
            delivered_s=number * 0.001 + 0.018,
        )
        for number in range(jobs)
    )
    duration_s = jobs * 0.001 + 0.1
    step = duration_s / samples
    lag = Lag(tuple(LagSample(n * step, (n % 97) * 1e-5) for n in range(samples)))
    return Recording(
        label="many",
        duration_s=duration_s,
        cpus=2,
        jobs=spans,
        lag=lag,
        pools=pools,
        in_flight=in_flight_of(spans, pools),
    )


def picture_of_many() -> float:
    """Return the seconds that ``compare`` of two recordings with 10,000 jobs each takes, as PNG."""
    first, second = (_recording_of(10_000, 100_000) for _ in range(2))
    begun = perf_counter()
    compare(first, second)._repr_mimebundle_(None, None)
    return perf_counter() - begun


def memory_of_a_minute() -> float:
    """Return the megabytes a minute that a watch of an idle loop keeps, from some seconds of it."""

    async def main() -> float:
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        async with watch("a minute") as recording:
            await asyncio.sleep(_IDLE_S)
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(recording.lag.samples) > _IDLE_S / 0.005  # every deadline is in it
        return (after - before) / 1e6 * 60 / _IDLE_S

    return asyncio.run(main())


def figures() -> Iterator[Figure]:
    """Measure all of them."""
    yield figure(
        "a turn of the loop, under watch / bare",
        callbacks_watched,
        bound=1.25,
        row="turn",
        who="`watch`",
    )
    if importlib.util.find_spec("viztracer") is None:
        raise NotMeasured("no VizTracer: install benchmarks/requirements.txt")
    yield figure("  its peer: under VizTracer", callbacks_in_viztracer, row="turn", who="VizTracer")
    yield figure(
        "  its peer: in asyncio's debug mode",
        callbacks_in_debug_mode,
        row="turn",
        who="asyncio's debug mode",
    )
    yield figure(
        "jobs gathered through a warm pool of 2, watched / unwatched",
        lambda: jobs_watched(_trips),
        bound=1.3,
        row="watched",
        who="sent together",
    )
    yield figure(
        "jobs one by one through a warm pool of 2, watched / unwatched",
        lambda: jobs_watched(_trips_one_by_one),
        bound=1.3,
        times=9,
        row="watched",
        who="one by one",
    )
    for what, code, bound in (
        ("a worker's import of our workloads", "import hybrid_demo.workloads", 15),
        ("  beside it: what any pool worker imports", "import concurrent.futures.process", None),
        ("import hybrid_demo", "import hybrid_demo", 30),
    ):
        yield figure(
            what,
            lambda code=code: 1000 * _seconds_of(code),  # type: ignore[misc]
            bound=bound,
            unit="ms",
            times=9,
        )
    yield figure(
        "compare of 2 x 10,000 jobs and 100,000 lag samples", picture_of_many, bound=2, unit="s"
    )
    yield figure(
        "memory kept by a watch of an idle loop, a minute of it",
        memory_of_a_minute,
        bound=10,
        unit="MB",
        times=1,
    )
