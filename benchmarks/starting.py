"""How long it takes from no worker to the first results of two: by start method, and the peers.

In a new interpreter each time, as a program starts a pool: what is imported by
then is the package in question, and nothing else.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from time import perf_counter

from hybrid_demo.machine import start_method

from .alone import alone
from .figures import Figure, figure
from .jobs import echo
from .peers import WORKERS
from .ways import METHODS, OURS, PEERS, Way


def first_results(name: str) -> float:
    """Return the seconds until two new workers have answered, by this method or peer."""
    ways: dict[str, Way] = {**PEERS, **METHODS}
    way = ways[name]
    importlib.import_module(way.module)

    async def main() -> float:
        begun = perf_counter()
        async with way.opened(WORKERS) as send:
            await asyncio.gather(*[send(echo, number) for number in range(WORKERS)])
            return perf_counter() - begun

    return asyncio.run(main())


def figures() -> Iterator[Figure]:
    """Measure `open_pool`, each start method of the standard pool, and each peer."""
    names = {OURS: f"`open_pool`, by {start_method()}", **{name: name for name in METHODS}}
    names.update({name: name for name in PEERS if name != OURS})
    for name, who in names.items():
        yield figure(
            f"first results of {WORKERS} new workers: {who}",
            lambda name=name: 1_000 * float(alone("starting.first_results", name)),  # type: ignore[misc]
            unit="ms",
            times=3,
            row="start",
            who=who,
        )
