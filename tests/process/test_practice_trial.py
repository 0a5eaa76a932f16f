"""A trial survives every answer, ends what it leaves, and puts back all that it touched."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import psutil
import pytest

from hybrid_demo import cpu_intensive_analysis, open_pool, watch
from hybrid_demo.machine import start_method
from hybrid_demo.practice import trial as trial_module
from hybrid_demo.practice.stage import asked
from hybrid_demo.practice.trial import Trial, attempt, lent_pool
from hybrid_demo.practice.watchdog import Stuck
from tests.process.jobs import compute

CONTEXT = get_context(start_method())


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for long for what never ends."""
    monkeypatch.setattr(trial_module, "PATIENCE_S", 1.0)


def tried(answer: Callable[[], Any]) -> Trial:
    """Try an answer on a loop of its own; nothing of the process differs afterwards."""

    async def main() -> Trial:
        before = state_of_the_process()
        tasks = asyncio.all_tasks()
        found = await attempt(lambda: asked(answer))
        assert state_of_the_process() == before
        assert asyncio.all_tasks() == tasks
        return found

    return asyncio.run(main())


def state_of_the_process() -> tuple[object, ...]:
    """Return what a trial changes while it runs."""
    loop = asyncio.get_running_loop()
    return (
        sys.stdout,
        warnings.filters[:],
        warnings.showwarning,
        signal.getsignal(signal.SIGINT),
        signal.getsignal(signal.SIGUSR2) if hasattr(signal, "SIGUSR2") else None,
        ProcessPoolExecutor.__init__,
        ThreadPoolExecutor.__init__,
        loop.get_task_factory(),
        loop.get_exception_handler(),
    )


async def wait_for_ever() -> None:
    """Wait for what nobody will do."""
    await asyncio.Event().wait()


def test_what_waits_for_ever_is_ended_and_its_line_named() -> None:
    """It is cancelled, and the line it waited in is the student's."""
    found = tried(wait_for_ever)
    assert not found.ended
    assert found.waiting == ("await asyncio.Event().wait()",)


def test_what_swallows_every_cancel_is_ended() -> None:
    """No cancel is obeyed; the coroutine is closed, and a loop without it goes on."""

    async def stubborn() -> None:
        while True:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

    assert not tried(stubborn).ended


@pytest.mark.parametrize("bare", [False, True])
def test_a_step_that_never_ends_is_ended(bare: bool) -> None:
    """Also where `except:` catches whatever comes, a few times."""

    async def turn_for_ever() -> None:
        caught = 0
        while True:
            try:
                while True:
                    pass
            except BaseException:
                caught += 1
                if not bare or caught == 2:
                    raise

    found = tried(turn_for_ever)
    assert found.stuck == (2 if bare else 1)
    assert isinstance(found.error, Stuck)
    assert "pass" in found.lines[-1].text or "while" in found.lines[-1].text


@pytest.mark.skipif(sys.platform == "win32", reason="no signal for a thread there")
@pytest.mark.parametrize("wait", [time.sleep, threading.Event().wait])
def test_a_wait_in_c_is_ended(wait: Callable[[float], object]) -> None:
    """What waits in C, on the loop's thread, is reached by a signal."""

    async def asleep() -> None:
        wait(600)

    assert tried(asleep).stuck


def test_a_step_in_a_callback_is_ended() -> None:
    """A plain callback of the student's may hold the loop as well as a coroutine."""

    async def schedule() -> None:
        asyncio.get_running_loop().call_soon(time.sleep, 600)
        await asyncio.sleep(0.01)

    assert tried(schedule).stuck == 1


def test_several_stuck_tasks_are_all_ended() -> None:
    """Each of them holds the loop when its turn comes."""

    async def turn() -> None:
        while True:
            pass

    async def three() -> None:
        await asyncio.gather(turn(), turn(), turn())

    assert tried(three).stuck == 3


def test_a_loop_that_was_only_late_is_left_alone() -> None:
    """Where the code that runs is not the trial's, no signal raises in it."""

    async def main() -> int:
        work = asyncio.create_task(attempt(lambda: asked(asyncio.sleep, 1.6)))
        await asyncio.sleep(0.05)
        time.sleep(1.5)  # somebody else's, as a cell's own code would be
        return (await work).stuck

    assert asyncio.run(main()) == 0


def test_tasks_left_pending_are_counted_and_cancelled() -> None:
    """Those that the answer began, however deep, and no others."""

    async def leaves_two() -> int:
        async def begin() -> None:
            asyncio.get_running_loop().create_task(wait_for_ever())

        leaves_two.kept = [asyncio.create_task(wait_for_ever())]  # type: ignore[attr-defined]
        await begin()
        return 7

    async def main() -> tuple[Trial, bool]:
        mine = asyncio.create_task(wait_for_ever())
        found = await attempt(lambda: asked(leaves_two))
        alive = not mine.done()
        mine.cancel()
        await asyncio.wait([mine])
        return found, alive

    found, mine_was_alive = asyncio.run(main())
    assert (found.value, found.left_tasks) == (7, 2)
    assert mine_was_alive


def test_pools_left_open_are_counted_and_ended() -> None:
    """Plain ones and ours, at work or idle; the loop's own executor is none of them."""

    async def leaves_three() -> None:
        loop = asyncio.get_running_loop()
        idle, busy = ProcessPoolExecutor(1, mp_context=CONTEXT), open_pool(1)
        await loop.run_in_executor(idle, abs, -1)
        busy.submit(compute, 60.0)
        threads = ThreadPoolExecutor(1)
        await loop.run_in_executor(threads, abs, -1)
        await asyncio.to_thread(abs, -1)

    assert tried(leaves_three).left_pools == 3


def test_a_pool_closed_without_waiting_is_not_called_open_and_yet_ended() -> None:
    """Its worker would go on for a minute."""

    async def gone() -> None:
        executor = ProcessPoolExecutor(1, mp_context=CONTEXT)
        executor.submit(compute, 60.0)
        executor.shutdown(wait=False)

    begun = time.monotonic()
    found = tried(gone)
    assert found.left_pools == 0
    assert time.monotonic() - begun < 55


def test_processes_left_running_are_counted_and_ended() -> None:
    """Whether they were made by multiprocessing or as programs."""
    left: list[int] = []

    async def leaves_two() -> None:
        process = CONTEXT.Process(target=time.sleep, args=(600,))
        process.start()
        program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        left.extend([process.pid or 0, program.pid])
        program.returncode = 0  # or Python complains that nobody waits for it

    assert tried(leaves_two).left_processes == 2
    assert not any(
        psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in left
    )


def test_a_lent_pool_is_left_at_once() -> None:
    """A job that nobody waits for does not keep the student waiting."""

    async def main() -> float:
        async with lent_pool(1) as executor:
            executor.submit(compute, 60.0)
            begun = time.monotonic()
        return time.monotonic() - begun

    assert asyncio.run(main()) < 50


def test_what_is_printed_is_kept_to_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """A flood does not reach the notebook; its beginning and its length are told."""

    async def flood() -> None:
        for number in range(20_000):
            print(f"line {number}")

    printed = tried(flood).printed
    assert printed.startswith("line 0\nline 1\n")
    assert "characters more" in printed
    assert len(printed) < 3_000
    assert capsys.readouterr().out == ""


def test_a_forgotten_await_is_caught_and_makes_no_noise(
    recwarn: pytest.WarningsRecorder, caplog: pytest.LogCaptureFixture
) -> None:
    """Also where an error keeps the coroutine alive for a moment."""

    async def forgets() -> None:
        sleeping = asyncio.sleep(1)
        raise ValueError(f"with {type(sleeping).__name__} in hand")

    found = tried(forgets)
    assert found.never_awaited == ("sleep",)
    assert not list(recwarn)
    assert not caplog.records


def test_an_error_nobody_saw_is_told_and_makes_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    """A future whose error nobody took."""

    async def overlooks() -> int:
        loop = asyncio.get_running_loop()
        loop.run_in_executor(None, cpu_intensive_analysis, -1)
        await asyncio.sleep(0.1)
        return 1

    found = tried(overlooks)
    assert "data_size is -1" in found.complaints[0]
    assert not caplog.records


def test_a_promise_that_is_returned_makes_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    """Its pool is ended with the trial; it does not complain of that when it is gone."""

    async def main() -> object:
        async with lent_pool(1) as executor:

            async def promises() -> list[object]:
                loop = asyncio.get_running_loop()
                return [(n, loop.run_in_executor(executor, compute, 60.0)) for n in range(3)]

            return (await attempt(lambda: asked(promises), lent=[executor])).value

    assert asyncio.run(main())
    gc.collect()
    assert not caplog.records


@pytest.mark.parametrize("exit_", [SystemExit, KeyboardInterrupt])
def test_what_would_end_the_kernel_does_not(exit_: type[BaseException]) -> None:
    """`exit()` in an answer is an error like others."""

    async def leaves() -> None:
        raise exit_

    assert exit_.__name__ in str(tried(leaves).error)


def test_a_cancel_ends_the_trial_and_is_passed_on() -> None:
    """As the Interrupt button does it: twice, even; nothing is left then."""

    async def busy() -> None:
        executor = open_pool(1)
        asyncio.get_running_loop().create_task(wait_for_ever())
        await asyncio.get_running_loop().run_in_executor(executor, compute, 60.0)

    async def main() -> None:
        before = state_of_the_process()
        task = asyncio.create_task(attempt(lambda: asked(busy)))
        await asyncio.sleep(0.4)
        task.cancel()
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert state_of_the_process() == before
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_one_check_at_a_time() -> None:
    """What a trial does to the process can be undone in one order only."""

    async def main() -> None:
        first = asyncio.create_task(attempt(lambda: asked(asyncio.sleep, 0.2)))
        await asyncio.sleep(0.05)
        with pytest.raises(RuntimeError, match="another one is under way"):
            await attempt(lambda: asked(asyncio.sleep, 0))
        assert (await first).ended

    asyncio.run(main())


def test_no_check_while_something_else_is_watched() -> None:
    """An explorer that runs has jobs on the same loop; and afterwards the check works."""

    async def main() -> None:
        async with watch("an explorer"):
            with pytest.raises(RuntimeError, match="press Stop"):
                await attempt(lambda: asked(asyncio.sleep, 0))
        assert (await attempt(lambda: asked(asyncio.sleep, 0))).ended

    asyncio.run(main())


def test_patience_grows_where_pools_take_long_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk or a virus scanner that is waited for uses no CPU, and is nobody's fault."""
    monkeypatch.setattr(trial_module, "PATIENCE_S", 0.2)
    monkeypatch.setattr(trial_module, "_starts_s", [30.0])
    assert tried(lambda: asyncio.sleep(1.0)).ended


def test_what_cannot_be_awaited_is_no_crash() -> None:
    """A plain function's result is told."""
    returned: list[Awaitable[object]] = []
    error = tried(lambda: returned).error
    assert type(error).__name__ == "NotAwaitable"
