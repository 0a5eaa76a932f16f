"""What a student does in the middle of a mistake, or of a load: press Interrupt."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from tests.around import NOTEBOOKS, notebook_name
from tests.notebooks.interrupting import LEAST_S, interrupt
from tests.notebooks.session import session

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="no signal for a group of processes there"),
]
MISTAKES = [path for path in NOTEBOOKS if "mistakes" in path.stem]
(SERVICE,) = [path for path in NOTEBOOKS if "service" in path.stem]
# What a service leaves while it runs: its task, its workers beside the load's one, its port.
STILL_THERE = """
for _ in range(300):  # what an Interrupt ended may still be closing, on a busy machine
    if not any("service" in each.get_name() for each in asyncio.all_tasks()):
        break
    await asyncio.sleep(0.1)
names = [each.get_name() for each in asyncio.all_tasks()]
print([name for name in names if "service" in name])
print(len(multiprocessing.active_children()), end=" workers and ports ")
print(sum(one.status == "LISTEN" for one in psutil.Process().net_connections("tcp")))
"""
SEED = 29


OPEN = """
from hybrid_demo import calibrate, cpu_intensive_analysis, open_pool
executor, size = open_pool(1).__enter__(), calibrate(4)
"""
LEAVE = """
import time
executor.submit(cpu_intensive_analysis, size)
time.sleep(600)
"""


def test_a_worker_that_goes_on_is_told() -> None:
    """The check itself: a job of four seconds, left running by an Interrupt, is a fault."""
    with session(NOTEBOOKS[0]) as opened:
        assert opened.run(new_code_cell(OPEN)) == []
        told = interrupt(opened, new_code_cell(LEAVE), 0.5)
        assert told.caught
        assert any("a worker went on for" in fault for fault in told.faults), told
        assert opened.run(new_code_cell("executor.shutdown()")) == []


# Cells that only wait, on a loop that nothing else wakes, and how often one has to press.
WAITING = {
    "a program": ("await run_program('import time; time.sleep(600)', limit_s=100)", 1),
    "nothing of ours": ("await asyncio.sleep(600)", 1),
    "a job": (
        """
async with open_pool(1) as executor:
    await asyncio.get_running_loop().run_in_executor(executor, time.sleep, 600)
""",
        2,
    ),
    "a watched job": (
        """
async with open_pool(1) as executor, watch("too long"):
    await asyncio.get_running_loop().run_in_executor(executor, time.sleep, 600)
""",
        2,
    ),
    "the end of a pool": (
        """
async with open_pool(1) as executor:
    executor.submit(time.sleep, 600)
""",
        2,
    ),
}
IMPORTED = """
import asyncio, time
from hybrid_demo import open_pool, run_program, watch
async with open_pool(1) as executor:
    pass
"""


def test_a_cell_that_only_waits_can_be_interrupted() -> None:
    """A second Interrupt ends the worker of a job that would take ten minutes."""
    with session(NOTEBOOKS[0]) as opened:
        opened.client.timeout = 90
        assert opened.run(new_code_cell(IMPORTED)) == []
        for what, (source, times) in WAITING.items():
            moments_s = [1.0 + 1.5 * number for number in range(times)]
            assert opened.run(new_code_cell(source), interrupt_after_s=moments_s) == [
                "CancelledError"
            ], what
            assert opened.left() == [], what
        assert opened.run(new_code_cell("print(40 + 2)")) == []


EXPLORED = """
import asyncio, time
from pathlib import Path
from hybrid_demo import explore

async def holds(seconds):
    Path({begun!r}).touch()
    time.sleep(seconds)

async def holds_in_a_task(seconds):
    async with asyncio.TaskGroup() as group:
        group.create_task(holds(seconds))

async def waits(seconds):
    Path({begun!r}).touch()
    await asyncio.sleep(seconds)

explorers = [explore(each, dict(seconds=[600])) for each in (holds, holds_in_a_task, waits)]
"""
RUN = "explorers[{}].start()"
ENDED = "print(*(f'{len(each.runs)} {each.runs[0].ending}' for each in explorers), sep=', ')"
BEGUN_WITHIN_S = 60


def test_an_explorer_that_holds_the_loop_can_be_interrupted(tmp_path: Path) -> None:
    """Stop would have to be heard by the loop that is held; the next cell works, and a new run."""
    begun = tmp_path / "begun"
    with session(NOTEBOOKS[0]) as opened:
        opened.client.timeout = 90
        assert opened.run(new_code_cell(EXPLORED.format(begun=str(begun)))) == []
        for number in range(3):
            assert opened.run(new_code_cell(RUN.format(number))) == []
            latest = time.monotonic() + BEGUN_WITHIN_S
            while not begun.exists():  # a loop that is held answers no question
                assert time.monotonic() < latest, f"run {number} was not begun"
                time.sleep(0.01)
            begun.unlink()
            opened.interrupt()
            assert opened.run(new_code_cell("await asyncio.sleep(1)")) == []
        ended = new_code_cell(ENDED)
        assert opened.run(ended) == []
        assert ended.outputs[0].text.strip() == "1 stopped, 1 stopped, 1 stopped"
        opened.interrupt()  # nothing runs any more: it is ignored, as ever
        assert opened.run(ended) == []
        assert ended.outputs[0].text.strip() == "1 stopped, 1 stopped, 1 stopped"
        assert opened.left() == []


@pytest.mark.parametrize("path", MISTAKES, ids=notebook_name)
def test_a_mistake_can_be_interrupted_in_the_middle(path: Path) -> None:
    """Whenever it is: the next cell works, the mistake can be made again, no process is left."""
    draw = random.Random(SEED)
    with session(path) as opened:
        for cell in opened.code_cells:
            begun = time.perf_counter()
            assert opened.run(cell) == [], cell.id
            usual_s = time.perf_counter() - begun
            if "mistake(" not in cell.source and "run_program(" not in cell.source:
                continue
            moment_s = max(LEAST_S, usual_s * draw.uniform(0.1, 0.9))
            told = interrupt(opened, cell, moment_s)  # it may have ended just before
            assert told.faults == (), f"{cell.id}, interrupted at {moment_s:.2f} s"
            assert opened.run(cell) == [], f"{cell.id} again, after {moment_s:.2f} s"
        assert opened.left() == []


def test_a_service_under_load_can_be_interrupted_in_the_middle() -> None:
    """Whenever it is: its task, workers and port are gone, and the cell runs again."""
    draw = random.Random(SEED)
    with session(SERVICE) as opened:
        assert opened.run(new_code_cell("import asyncio, multiprocessing, psutil")) == []
        looked: list[str] = []
        for cell in opened.code_cells[:-1]:  # the import above is the last one
            begun = time.perf_counter()
            assert opened.run(cell) == [], cell.id
            usual_s = time.perf_counter() - begun
            if "await offer_load(" not in cell.source and "with running(" not in cell.source:
                continue
            if cell.source.startswith("CAPACITY") or "explore(" in cell.source:
                continue  # these only define what others run
            look = new_code_cell(STILL_THERE)
            assert opened.run(look) == []
            moment_s = max(LEAST_S, usual_s * draw.uniform(0.1, 0.9))
            opened.run(cell, interrupt_after_s=[moment_s])  # it may have ended just before
            again = new_code_cell(STILL_THERE)
            assert opened.run(again) == [], f"after {cell.id}, interrupted at {moment_s:.2f} s"
            assert again.outputs == look.outputs, f"{cell.id}, interrupted at {moment_s:.2f} s"
            assert opened.run(cell) == [], f"{cell.id} again, after {moment_s:.2f} s"
            looked.append(cell.id)
        assert len(looked) == 5
        assert opened.left() == []


def test_a_lesson_can_be_interrupted_anywhere() -> None:
    """On the loop and in the pool: the kernel answers, workers stop, the cell works again.

    `python -m tests.endurance interrupts` does it to every cell of every notebook.
    """
    [path] = [each for each in NOTEBOOKS if "gather-dispatch" in each.stem]
    draw = random.Random(SEED)
    with session(path) as opened:
        for cell in opened.code_cells:
            assert opened.run(cell) == [], cell.id
            if cell.id not in ("gather-blocked", "gather-pooled"):
                continue
            for moment_s in (LEAST_S, draw.uniform(LEAST_S, 0.4), draw.uniform(LEAST_S, 1.2)):
                told = interrupt(opened, cell, moment_s)
                assert told.faults == (), f"{cell.id}, interrupted at {moment_s:.2f} s"
                assert opened.run(cell) == [], f"{cell.id} again, after {moment_s:.2f} s"
            if cell.id == "gather-pooled":
                break
        assert opened.left() == []
