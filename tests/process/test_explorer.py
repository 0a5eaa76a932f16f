"""The explorer at work: runs, stops, compares, and leaves nothing behind; no browser needed."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import ipywidgets  # type: ignore[import-untyped]
import pytest

from hybrid_demo import cpu_intensive_analysis, open_pool
from hybrid_demo.explorer import Explorer, asking, explore
from hybrid_demo.pictures import Picture

SIZE = 100_000
LONG = 4_000_000


@pytest.fixture(autouse=True)
def _no_cell_of_before() -> Iterator[None]:
    """Every test begins as a fresh kernel does."""
    yield
    asking._live.clear()


async def serve(workers: int) -> str:
    """Compute three jobs in a pool."""
    loop = asyncio.get_running_loop()
    async with open_pool(workers) as executor:
        jobs = [loop.run_in_executor(executor, cpu_intensive_analysis, SIZE) for _ in range(3)]
        await asyncio.gather(*jobs)
    return "served"


async def hold(rounds: int) -> None:
    """Compute on the loop, giving way between the rounds."""
    for _ in range(rounds):
        cpu_intensive_analysis(SIZE)
        await asyncio.sleep(0)


async def wait(seconds: int) -> None:
    """Wait."""
    await asyncio.sleep(seconds)


async def fail(n: int) -> float:
    """Divide."""
    await asyncio.sleep(0)
    return 1 / n


def explored(
    fn: Callable[..., Awaitable[object]],
    ranges: dict[str, Any],
    act: Callable[[Explorer], Awaitable[object]],
) -> Explorer:
    """Make an explorer on a loop of its own, act on it, and close it."""

    async def main() -> Explorer:
        explorer = explore(fn, ranges)
        try:
            await act(explorer)
        finally:
            explorer.close()
            while explorer.is_running:
                await asyncio.sleep(0.01)
        return explorer

    return asyncio.run(main())


async def run_to_its_end(explorer: Explorer) -> None:
    """Press Run, and wait until it is over."""
    explorer._run_button.click()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert explorer.is_running
    while explorer.is_running:
        await asyncio.sleep(0.01)


def test_a_click_runs_the_function_and_draws_it() -> None:
    """The recording is that of the student's own code, with the control's value."""

    async def act(explorer: Explorer) -> None:
        explorer._controls["workers"].value = 2
        await run_to_its_end(explorer)
        assert "<img" in explorer._picture.value
        assert "It returned &#x27;served&#x27;." in explorer._status.value
        assert not explorer._run_button.disabled
        assert explorer._stop_button.disabled

    explorer = explored(serve, {"workers": (1, 3)}, act)
    (run,) = explorer.runs
    assert (run.values, run.ending) == ({"workers": 2}, "done")
    assert [job.outcome for job in run.recording.jobs] == ["ok"] * 3
    assert run.line.startswith("workers=2 · worst wait ")


def test_controls_are_disabled_while_it_runs() -> None:
    """Nobody turns a knob of a run under way; a second click starts nothing."""

    async def act(explorer: Explorer) -> None:
        explorer._run_button.click()
        await asyncio.sleep(0.05)
        assert explorer._controls["seconds"].disabled
        assert explorer._run_button.disabled
        assert not explorer._stop_button.disabled
        explorer.start()
        explorer._stop_button.click()
        while explorer.is_running:
            await asyncio.sleep(0.01)
        assert not explorer._controls["seconds"].disabled

    explorer = explored(wait, {"seconds": [600]}, act)
    assert [run.ending for run in explorer.runs] == ["stopped"]


def test_a_stopped_run_says_what_cannot_be_stopped() -> None:
    """The jobs that a worker may run to their end are counted."""
    executor = open_pool(1)

    async def hand_over(number: int) -> None:
        loop = asyncio.get_running_loop()
        jobs = [loop.run_in_executor(executor, cpu_intensive_analysis, LONG) for _ in range(number)]
        await asyncio.gather(*jobs)

    async def act(explorer: Explorer) -> None:
        explorer._run_button.click()
        await asyncio.sleep(0.3)
        explorer._stop_button.click()
        while explorer.is_running:
            await asyncio.sleep(0.01)
        assert "Stopped after" in explorer._status.value
        assert "does not stop a worker" in explorer._status.value

    with executor:
        explorer = explored(hand_over, {"number": [2]}, act)
    assert explorer.runs[0].ending == "stopped"


def test_an_error_is_shown_and_the_next_run_works() -> None:
    """The error's own words stand in the panel; the run is kept as one that failed."""

    async def act(explorer: Explorer) -> None:
        explorer._controls["n"].value = 0
        await run_to_its_end(explorer)
        assert "ZeroDivisionError: division by zero" in explorer._status.value
        explorer._controls["n"].value = 2
        await run_to_its_end(explorer)
        assert "It returned 0.5." in explorer._status.value

    explorer = explored(fail, {"n": (0, 3)}, act)
    assert [run.ending for run in explorer.runs] == ["failed", "done"]


def test_the_pulse_rests_while_the_loop_is_held() -> None:
    """Beats come between the rounds and never within one: no more than the rounds allow."""

    async def act(explorer: Explorer) -> None:
        await run_to_its_end(explorer)
        # At every give-way at most one beat; and the first, before the work began.
        assert explorer._pulse.beats <= 6 + 1

    explored(hold, {"rounds": [5]}, act)


def test_the_pulse_beats_while_a_pool_works() -> None:
    """The loop is free, so there are many beats: in half a second there is room for twelve."""

    async def keep_busy(workers: int) -> None:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + 0.5
        async with open_pool(workers) as executor:
            while loop.time() < until_s:
                await loop.run_in_executor(executor, cpu_intensive_analysis, SIZE)

    async def act(explorer: Explorer) -> None:
        await run_to_its_end(explorer)
        assert explorer._pulse.beats > 3
        assert "beats in the last run" in explorer._pulse.widget.value

    explored(keep_busy, {"workers": [1]}, act)


def test_two_runs_are_compared_by_one_click() -> None:
    """The run before the last is chosen already."""

    async def act(explorer: Explorer) -> None:
        await run_to_its_end(explorer)
        assert explorer._history.layout.display == "none"
        await run_to_its_end(explorer)
        single = explorer._picture.value
        assert explorer._history.layout.display == ""
        explorer._compare_button.click()
        await asyncio.sleep(0.01)
        assert "Two recordings" in explorer._picture.value
        assert explorer._picture.value != single

    explored(hold, {"rounds": [2]}, act)


def test_the_model_stands_beside_the_run_when_it_is_asked_for() -> None:
    """Another number of CPUs draws the computed schedule, labelled as such; one's own does not."""

    async def act(explorer: Explorer) -> None:
        await run_to_its_end(explorer)
        assert explorer._cpus.layout.display == ""
        assert "computed for" not in explorer._picture.value
        explorer._cpus.value = 11
        await asyncio.sleep(0.01)
        assert "computed for 11 CPUs" in explorer._picture.value

    explored(serve, {"workers": [2]}, act)


def test_without_jobs_there_is_no_model() -> None:
    """What ran on the loop cannot be scheduled."""

    async def act(explorer: Explorer) -> None:
        await run_to_its_end(explorer)
        assert explorer._cpus.layout.display == "none"

    explored(hold, {"rounds": [1]}, act)


def test_a_click_from_another_thread_is_as_good() -> None:
    """Some settings of JupyterLab deliver clicks on a thread of their own."""

    async def act(explorer: Explorer) -> None:
        thread = threading.Thread(target=explorer._run_button.click)
        thread.start()
        while not explorer.runs:
            await asyncio.sleep(0.01)
        thread.join()

    explorer = explored(hold, {"rounds": [1]}, act)
    assert len(explorer.runs) == 1


def test_running_the_cell_again_ends_what_was_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The older explorer of the same cell is stopped, its widgets closed, and it can go."""
    monkeypatch.setattr(asking, "_this_cell", lambda: "cell-1")

    async def main() -> weakref.ref[Explorer]:
        first = explore(wait, {"seconds": [600]})
        first.start()
        await asyncio.sleep(0.05)
        second = explore(wait, {"seconds": [600]})
        while first.is_running:
            await asyncio.sleep(0.01)
        assert first.widget.comm is None
        gone = weakref.ref(first)
        del first
        await asyncio.sleep(0)
        gc.collect()
        second.close()
        return gone

    assert asyncio.run(main())() is None


def test_a_stop_that_comes_too_late_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its click is heard while the run that is over is being drawn."""

    async def act(explorer: Explorer) -> None:
        show = explorer._show

        def clicked_meanwhile(picture: Picture) -> None:
            explorer.stop()
            show(picture)

        monkeypatch.setattr(explorer, "_show", clicked_meanwhile)
        await run_to_its_end(explorer)

    explorer = explored(hold, {"rounds": [1]}, act)
    assert explorer.runs[0].ending == "done"
    assert "Run 1: rounds=1" in explorer._status.value


def test_a_widget_that_was_lent_outlives_the_explorer() -> None:
    """A slider of an earlier cell works on when the explorer's cell is run again."""
    slider = ipywidgets.IntSlider(value=2, min=1, max=3)

    async def act(explorer: Explorer) -> None:
        slider.value = 3
        await run_to_its_end(explorer)

    for _ in range(2):
        explorer = explored(hold, {"rounds": slider}, act)
        assert explorer.runs[0].values == {"rounds": 3}
        assert explorer.widget.comm is None
        assert slider.comm is not None
    slider.close()


def test_what_it_returned_is_said_even_where_it_cannot_be() -> None:
    """An object whose repr raises does not make the run a failure."""

    class Unsayable:
        def __repr__(self) -> str:
            raise RuntimeError("no words")

    async def give(rounds: int) -> Unsayable:
        return Unsayable()

    explorer = explored(give, {"rounds": [1]}, run_to_its_end)
    assert explorer.runs[0].ending == "done"
    assert "It returned &lt;Unsayable" in explorer._status.value


def test_many_explorers_leave_no_widget() -> None:
    """Ipywidgets keeps a list of all open ones; a closed explorer adds none to it."""
    from ipywidgets.widgets.widget import _instances

    async def main() -> list[int]:
        counts = []
        for _ in range(5):
            explore(wait, {"seconds": (1, 2)}).close()
            counts.append(len(_instances))
        return counts

    counts = asyncio.run(main())
    assert len(set(counts)) == 1, counts
