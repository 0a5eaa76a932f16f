"""A kernel that is used for a whole term in one go keeps nothing of what was made and left."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.notebooks.kernel import Kernel, kernel

POOLS, WATCHES_EACH = 60, 5  # a pool takes a tenth of a second to start
CELLS, EXPLORERS_EACH = 30, 10
RUNS = 10  # each draws a picture
MOST_MB = 10.0
# ipykernel closes what a thread that has ended needed to print, every ten seconds.
PATIENCE_S = 30.0

SET_UP = """
import asyncio, comm, gc, json, psutil, threading
from ipywidgets.widgets.widget import _instances
from matplotlib import pyplot
from hybrid_demo import claim, cpu_intensive_analysis, explore, mistake, open_pool, watch
from hybrid_demo import timeline

async def serve(requests):
    loop = asyncio.get_running_loop()
    jobs = [loop.run_in_executor(None, cpu_intensive_analysis, 100) for _ in range(requests)]
    await asyncio.gather(*jobs)

def counted():
    gc.collect()
    me = psutil.Process()
    return {
        "descriptors": me.num_fds() if hasattr(me, "num_fds") else me.num_handles(),
        "threads": threading.active_count(),
        "children": len(me.children(recursive=True)),
        "figures": len(pyplot.get_fignums()),
        "tasks": len(asyncio.all_tasks()),
        "widgets": len(_instances),
        "comms": len(comm.get_comm_manager().comms),
        "megabytes": me.memory_info().rss / 1e6,
    }
"""
COUNT = "print(json.dumps(counted()))"
WATCH = """
for _ in range({pools}):
    async with open_pool(1) as executor:
        for number in range({watches}):
            async with watch("a job") as recording:
                await asyncio.get_running_loop().run_in_executor(
                    executor, cpu_intensive_analysis, 100
                )
timeline(recording).png()
claim("5.3", True)
async with mistake():
    executor.submit(max, 1, 2)
"""
EXPLORE = """
for _ in range({explorers}):
    explorer = explore(serve, {{"requests": (1, 4)}}, goal="one of many")
explorer
"""
RUN = """
for _ in range({runs}):
    explorer._run_button.click()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    while explorer.is_running:
        await asyncio.sleep(0.002)
"""


def use(session: Kernel, *, pools: int, cells: int, runs: int) -> None:
    """Make pools, watches and explorers as cells do that are run again and again."""
    session.run(WATCH.format(pools=pools, watches=WATCHES_EACH), cell="watch")
    for _ in range(cells):
        session.run(EXPLORE.format(explorers=EXPLORERS_EACH), cell="explore")
    session.run(RUN.format(runs=runs), cell="run")
    session.run(EXPLORE.format(explorers=1), cell="explore")


def counts(session: Kernel) -> dict[str, float]:
    """Return what the kernel has."""
    found: dict[str, float] = json.loads(session.printed(COUNT, cell="count"))
    return found


@pytest.mark.once
def test_three_hundred_watches_and_explorers_leave_nothing(tmp_path: Path) -> None:
    """Descriptors, threads, processes, figures, tasks and widgets stay; memory nearly so.

    300 watches in 60 pools, and 300 explorers of one cell that is run again, with ten runs.
    """
    with kernel(tmp_path) as session:
        session.run(SET_UP, cell="set-up")
        use(session, pools=3, cells=10, runs=2 * RUNS)
        before = counts(session)
        use(session, pools=POOLS, cells=CELLS, runs=RUNS)
        after = counts(session)
        give_up_at = time.monotonic() + PATIENCE_S
        while after["descriptors"] > before["descriptors"] and time.monotonic() < give_up_at:
            time.sleep(1)
            after = counts(session)
    grown = {name: after[name] - before[name] for name in before}
    assert grown.pop("megabytes") <= MOST_MB, (before, after)
    assert {name: by for name, by in grown.items() if by > 0} == {}, (before, after)
