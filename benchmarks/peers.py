"""What a trip to a worker costs through the standard pool and its peers, and when it pays.

Each has two workers, started before the clock, in an interpreter of its own.
Beside each the same jobs are computed on the loop, in turn, so that a machine
that gets busier meanwhile slows down both.
"""

from __future__ import annotations

import asyncio
import importlib.util
import statistics
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Any

from hybrid_demo import calibrate, cpu_intensive_analysis
from hybrid_demo.pictures.paying import crossing_s

from .alone import alone
from .figures import Figure, NotMeasured
from .jobs import echo
from .ways import PEERS, Send

WORKERS = 2
TRIPS, JOBS, ROUNDS = 100, 500, 5
SHORTEST_S = 1e-5
LENGTHS_S = [SHORTEST_S * 3**step for step in range(9)]
LOAD_S = 0.1  # how much computing of one length goes through in one run, if that is enough jobs
FEWEST, MOST = 6, 100


def measured(name: str) -> dict[str, Any]:
    """Return the times of one way to a worker, in seconds; JSON can hold them.

    "median" and "p90" of single trips, and "rate" in jobs a second, each a list with
    a figure for each round; "points" with a job's length, its time on the loop, and
    its time through the workers, the best of so many rounds.
    """
    way = PEERS[name]
    importlib.import_module(way.module)

    async def main() -> dict[str, Any]:
        async with way.opened(WORKERS) as send:
            await _trips(send)
            await _seconds(send, echo, 0, JOBS)
            rounds = [await _trips(send) for _ in range(ROUNDS)]
            rates = [JOBS / await _seconds(send, echo, 0, JOBS) for _ in range(ROUNDS)]
            size = calibrate(SHORTEST_S)
            points = [await _point(send, each, size) for each in LENGTHS_S]
        deciles = [statistics.quantiles(trips, n=10) for trips in rounds]
        return {
            "median": [of[4] for of in deciles],
            "p90": [of[8] for of in deciles],
            "rate": rates,
            "points": points,
        }

    return asyncio.run(main())


async def _trips(send: Send) -> list[float]:
    """Return the seconds of single trips, one after another."""
    times_s = []
    for number in range(TRIPS):
        begun = perf_counter()
        await send(echo, number)
        times_s.append(perf_counter() - begun)
    return times_s


async def _seconds(send: Send, fn: Callable[[int], object], argument: int, jobs: int) -> float:
    """Return the seconds of so many jobs that are sent together."""
    begun = perf_counter()
    await asyncio.gather(*[send(fn, argument) for _ in range(jobs)])
    return perf_counter() - begun


async def _point(send: Send, length_s: float, shortest: int) -> tuple[float, float, float]:
    """Return a job's length, and its time on the loop and through the workers."""
    size = round(shortest * length_s / SHORTEST_S)
    jobs = max(FEWEST, min(MOST, round(LOAD_S / length_s)))
    on_loop, sent = [], []
    for _ in range(ROUNDS):
        begun = perf_counter()
        for _ in range(jobs):
            cpu_intensive_analysis(size)
        on_loop.append((perf_counter() - begun) / jobs)
        sent.append(await _seconds(send, cpu_intensive_analysis, size, jobs) / jobs)
    return length_s, min(on_loop), min(sent)


def figures() -> Iterator[Figure]:
    """Measure each of them.

    Raises:
        NotMeasured: one is not installed.
    """
    for name, way in PEERS.items():
        if importlib.util.find_spec(way.module.partition(".")[0]) is None:
            raise NotMeasured(f"no {name}: install benchmarks/requirements.txt")
    for name in PEERS:
        told = alone("peers.measured", name)
        trip: dict[str, Any] = {"who": name, "unit": "ms"}
        yield Figure.of(
            f"trip of one job, median: {name}",
            [1_000 * each for each in told["median"]],
            row="trip",
            **trip,
        )
        yield Figure.of(
            f"trip of one job, p90: {name}",
            [1_000 * each for each in told["p90"]],
            row="trip_p90",
            **trip,
        )
        yield Figure.of(
            f"jobs a second, {JOBS} sent together: {name}",
            told["rate"],
            unit="jobs/s",
            row="rate",
            who=name,
        )
        job_s, loop_s, pooled_s = zip(*told["points"], strict=True)
        pays_s = crossing_s(job_s, loop_s=loop_s, pooled_s=pooled_s)
        yield Figure.of(
            f"length of a job from which {WORKERS} workers pay: {name}",
            [float("inf") if pays_s is None else 1_000 * pays_s],
            points=told["points"],
            row="pays",
            **trip,
        )
