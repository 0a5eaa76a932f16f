"""What the service of notebook 08 promises, each design in a process of its own.

The load comes from this process, which does nothing else: service and client
share the machine's CPUs, and nothing more.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache, partial
from pathlib import Path
from time import perf_counter

import httpx
import psutil

from hybrid_demo import effective_cpus, open_pool
from hybrid_demo.load import LOST, Load, offer, readings
from hybrid_demo.model import FEATURES, inference, passes_for

from .figures import Figure, figure

_ROOT = Path(__file__).parents[1]
INFERENCE_S, DEADLINE_S = 0.05, 1.0
LOAD_S, TIMES = 6.0, 3
SOAK, SOAK_FIRST, SOAK_CLIENTS = 5_000, 1_000, 4


@contextmanager
def served(*options: str) -> Iterator[tuple[psutil.Process, str]]:
    """Yield the process of ``python -m hybrid_demo serve``, with these options, and its URL."""
    command = [sys.executable, "-m", "hybrid_demo", "serve", "--port", "0", *options]
    process = subprocess.Popen(command, cwd=_ROOT, text=True, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        yield psutil.Process(process.pid), process.stdout.readline().split()[0]
    finally:
        process.terminate()
        process.communicate(timeout=60)


@cache
def passes() -> int:
    """Return the passes of one inference: measured once, and the same for all that is compared."""
    return passes_for(INFERENCE_S)


@cache
def capacity() -> float:
    """Return how many inferences a second the CPUs can do: measured, as an inference was, once."""
    return statistics.median(bare_pool() for _ in range(3))


def loaded(mode: str, rate: float, *, probe_s: float = 0.05) -> Load:
    """Return what came of so many requests a second, offered to a new service."""
    with served("--mode", mode, "--passes", str(passes())) as (_, url):
        offer(url, 10, 0.5, seed=1)  # the first requests open connections
        return offer(url, rate, LOAD_S, probe_s=probe_s)


def health_s(mode: str, share: float) -> float:
    """Return p99 of GET /health under that load, in seconds."""
    return loaded(mode, share * capacity()).percentile_s(99, of="health")


def over_inline() -> float:
    """Return p99 of /health in mode processes, as a part of that in mode inline."""
    return health_s("processes", 0.6) / health_s("inline", 0.6)


def over_idle_ms() -> float:
    """Return by how many milliseconds p99 of /health is longer under load than without."""
    with served("--passes", str(passes())) as (_, url):
        idle = offer(url, 0.001, LOAD_S)
    return (health_s("processes", 0.6) - idle.percentile_s(99, of="health")) * 1_000


def bare_pool() -> float:
    """Return inferences a second of a pool with nothing around it."""
    workers = effective_cpus()
    count = round(LOAD_S * workers / INFERENCE_S / 2)
    with open_pool(workers) as executor:
        list(executor.map(inference, [[0.5] * FEATURES] * workers, [1] * workers))
        begun = perf_counter()
        list(executor.map(inference, [[0.5] * FEATURES] * count, [passes()] * count))
        return count / (perf_counter() - begun)


def of_bare_pool() -> float:
    """Return the service's good answers a second, as a share of the bare pool's.

    Offered is more than that pool did just now. Nobody asks /health meanwhile but
    once a second: the client's own work comes from the same CPUs.
    """
    before = bare_pool()
    answers = loaded("processes", 1.2 * before, probe_s=1.0).throughput
    return 2 * answers / (before + bare_pool())


def figures() -> Iterator[Figure]:
    """Measure what 60 of a hundred, and 200 of a hundred, do to it; then the soak."""
    take = partial(figure, times=TIMES)
    yield take("p99 of /health at 60 %, processes over inline", over_inline, bound=0.1)
    yield take(
        "p99 of /health at 60 %, over an idle service's", over_idle_ms, bound=15, unit="ms more"
    )
    yield figure("throughput, of a bare pool's", of_bare_pool, bound=0.85, at_least=True)
    for mode, bound in (("inline", None), ("threads", None), ("processes", DEADLINE_S * 1_000)):
        told = loaded(mode, 2.0 * capacity())
        p99_ms, refused = told.percentile_s(99) * 1_000, told.statuses.get(503, 0)
        yield _once(f"p99 of accepted requests at twice the capacity, {mode}", p99_ms, "ms", bound)
        yield _once(f"refused at twice the capacity, {mode}", refused, "", 1, at_least=True)
        late = told.statuses.get(504, 0)
        yield _once(f"accepted and late, {mode}", late, "", None if bound is None else 0)
        yield _once(f"accepted and lost, {mode}", told.statuses.get(LOST, 0), "", 0)
    yield from _soaked()


def _soaked() -> Iterator[Figure]:
    """Send thousands of short requests, and look at what the service's processes hold.

    From a few clients that wait for their answers: it is bounded, and ends on a busy
    machine, too. (Offered at a fixed rate it did not: the client could not keep up.)
    """
    bodies = readings(SOAK_FIRST + SOAK)
    with (
        tempfile.TemporaryDirectory() as folder,
        served("--inference", "0.001", "--deadline", "30", "--cache", f"{folder}/kept") as about,
    ):
        service, url = about
        asyncio.run(_ask(url, bodies[:SOAK_FIRST]))
        before = _held(service)
        statuses = asyncio.run(_ask(url, bodies[SOAK_FIRST:]))
        after = _held(service)
        with closing(sqlite3.connect(f"{folder}/kept")) as answers:
            (computed,) = answers.execute("SELECT count(*) FROM answers").fetchone()
    yield _once(
        "soak: thousands of requests", len(statuses) / 1_000, "", SOAK / 1_000, at_least=True
    )
    yield _once("soak: of them not answered with 200", len(statuses) - statuses.count(200), "", 0)
    yield _once("soak: requests without an answer of their own", len(bodies) - computed, "", 0)
    bounds = {"MB of memory": 10, "file descriptors": 4, "threads": 0, "processes": 0}
    for what, bound in bounds.items():
        yield _once(f"soak: {what} more than before", after[what] - before[what], "", bound)


async def _ask(url: str, bodies: Sequence[bytes]) -> list[int]:
    """Send each body once, from a few clients, and return the statuses."""
    waiting, statuses = iter(bodies), []

    async def ask(client: httpx.AsyncClient) -> None:
        for body in waiting:
            statuses.append((await client.post("/analyze", content=body)).status_code)

    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        await asyncio.gather(*[ask(client) for _ in range(SOAK_CLIENTS)])
    return statuses


def _held(service: psutil.Process) -> dict[str, float]:
    family = [service, *service.children(recursive=True)]
    return {
        "MB of memory": sum(each.memory_info().rss for each in family) / 1e6,
        "file descriptors": sum(each.num_fds() for each in family if hasattr(each, "num_fds")),
        "threads": sum(each.num_threads() for each in family),
        "processes": len(family),
    }


def _once(
    what: str, value: float, unit: str, bound: float | None, *, at_least: bool = False
) -> Figure:
    return Figure(what, value, unit, bound, value, value, at_least)
