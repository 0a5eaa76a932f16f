"""A dask cluster behind the same line: what watch sees of it, and what becomes of it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from distributed import Client, KilledWorker, get_worker
from distributed.client import FutureCancelledError

from hybrid_demo import cluster, cpu_intensive_analysis, timeline, watch
from hybrid_demo.beside import beside
from hybrid_demo.cluster import connect, open_cluster
from tests.around import descendants, end, listening
from tests.process.jobs import wait_for

HERE = "--host 127.0.0.1 --dashboard-address 127.0.0.1:0 --no-dashboard"  # this machine only
SCHEDULER = f"dask scheduler {HERE} --port 0"
WORKER = f"dask worker {{}} {HERE} --nthreads 1 --no-nanny"
LIMIT_S = 300
BRIEF, LONG = 2_000, 1_500_000

pytestmark = pytest.mark.filterwarnings("error")


def run(main: Callable[[], Awaitable[Any]]) -> Any:
    """Run a coroutine on a loop of its own; a hang is a failure."""

    async def limited() -> Any:
        async with asyncio.timeout(LIMIT_S):
            return await main()

    return asyncio.run(limited())


def begin(rid: int, size: int) -> tuple[int, float]:
    """Tell the scheduler that this request was begun, and compute."""
    get_worker().log_event("begun", (rid, os.getpid()))
    return rid, cpu_intensive_analysis(size)


def begin_and_wait(rid: int, path: str) -> int:
    """Tell the scheduler that this request was begun; it lasts while the file stands."""
    get_worker().log_event("begun", (rid, os.getpid()))
    wait_for(path)
    return rid


def fail(rid: int) -> None:
    """Raise an error of the job's own."""
    raise LookupError(rid)


def die_at_once() -> None:
    """End the worker while it runs this job."""
    psutil.Process().kill()


async def events(client: Client) -> list[tuple[int, int]]:
    """Return (request, process) for every job that was begun, in their order."""
    return [told for _, told in await asyncio.to_thread(client.get_events, "begun")]


def submit_all(client: Client, count: int, size: int) -> list[asyncio.Future[Any]]:
    """Hand `count` jobs to the cluster by the usual line."""
    loop, executor = asyncio.get_running_loop(), client.get_executor(pure=False)
    return [loop.run_in_executor(executor, begin, rid, size) for rid in range(count)]


async def begun(client: Client, count: int) -> list[tuple[int, int]]:
    """Wait until that many jobs were begun, and return them."""
    while len(seen := await events(client)) < count:
        await asyncio.sleep(0.02)
    return seen


def test_watch_sees_what_it_can_and_says_what_it_cannot() -> None:
    """Submitted, delivered and the outcome; no start, no worker, and a note about it."""

    async def main() -> None:
        async with open_cluster(2) as client:
            loop, executor = asyncio.get_running_loop(), client.get_executor(pure=False)
            async with watch("on a cluster") as recording:
                answers = await asyncio.gather(
                    loop.run_in_executor(executor, cpu_intensive_analysis, BRIEF),
                    *[loop.run_in_executor(executor, begin, rid, BRIEF) for rid in range(3)],
                    loop.run_in_executor(executor, fail, 7),
                    return_exceptions=True,
                )
                waiting = loop.run_in_executor(executor, begin, 9, LONG)
                await asyncio.sleep(0)
            left = recording
            await waiting
        result = cpu_intensive_analysis(BRIEF)
        assert answers[:4] == [result, *[(rid, result) for rid in range(3)]]
        assert isinstance(answers[4], LookupError)
        outcomes = [(job.name, job.outcome) for job in left.jobs]
        assert outcomes == [
            ("cpu_intensive_analysis", "ok"),
            *[("begin", "ok")] * 3,
            ("fail", "error"),
            ("begin", "pending"),
        ]
        assert {job.executor for job in left.jobs} == {"other"}
        assert {(job.started_s, job.finished_s, job.worker) for job in left.jobs} == {
            (None, None, "")
        }
        for job in left.jobs[:-1]:
            assert job.delivered_s is not None
            assert 0 <= job.submitted_s <= job.delivered_s <= left.duration_s
        (pool,) = left.pools
        assert (pool.kind, pool.workers) == ("other", None)
        assert "this executor tells nothing of its workers" in left.notes
        picture = timeline(left)
        assert "tells nothing of its workers" in picture.alt_text

    run(main)


def test_an_interrupt_meets_nothing_of_dask_in_a_garbage_collection() -> None:
    """What Python calls there can only lose an Interrupt, and print a traceback."""

    async def main() -> None:
        before = list(gc.callbacks)
        async with open_cluster(1):
            assert gc.callbacks == before
        async with open_cluster(1):  # and closing the first has not confused dask's count
            assert gc.callbacks == before
        assert gc.callbacks == before

    run(main)


def test_opening_and_closing_leave_the_loop_to_others() -> None:
    """Nobody on the loop is held meanwhile; and only this machine can ask it."""

    async def main() -> None:
        async with watch("its life", hold_s=0.0) as life, open_cluster(1):
            asked_at = listening(os.getpid())
        assert asked_at == {"127.0.0.1"}
        # Each step of ours starts a thread or takes its outcome: none waits for the cluster.
        assert life.jobs == ()
        assert life.held_s < life.duration_s / 4

    run(main)


def test_a_killed_worker_loses_no_answer() -> None:
    """Its jobs run again elsewhere: every request is answered, some are begun twice."""

    async def main() -> None:
        async with open_cluster(2) as client, watch("a worker is killed") as recording:
            jobs = submit_all(client, 8, LONG // 5)
            first, *_ = await begun(client, 2)
            psutil.Process(first[1]).kill()
            answers = await asyncio.gather(*jobs)
            counted = Counter(rid for rid, _ in await events(client))
        assert [rid for rid, _ in answers] == list(range(8))
        assert len({result for _, result in answers}) == 1
        assert set(counted) == set(range(8))
        assert {job.outcome for job in recording.jobs if job.executor == "other"} == {"ok"}

    run(main)


def test_what_ran_in_the_killed_worker_is_begun_again(tmp_path: Path) -> None:
    """The job that a killed worker was in the middle of is run by another, from its beginning."""
    stays = tmp_path / "stays"
    stays.touch()

    async def main() -> None:
        async with open_cluster(2) as client:
            loop, executor = asyncio.get_running_loop(), client.get_executor(pure=False)
            job = loop.run_in_executor(executor, begin_and_wait, 7, str(stays))
            [(_, killed)] = await begun(client, 1)
            psutil.Process(killed).kill()
            (_, (rid, another)) = await begun(client, 2)
            assert rid == 7
            assert another != killed
            assert not job.done()
            stays.unlink()
            assert await job == 7

    run(main)


def test_a_deadly_job_is_given_up_with_a_clear_word() -> None:
    """After some dead workers the job itself fails, its neighbours do not, the next succeeds."""

    async def main() -> None:
        async with open_cluster(2) as client:
            loop, executor = asyncio.get_running_loop(), client.get_executor(pure=False)
            async with watch("a deadly job") as recording:
                deadly = loop.run_in_executor(executor, die_at_once)
                with pytest.raises(KilledWorker, match="die_at_once"):
                    await deadly
                assert await asyncio.gather(*submit_all(client, 2, BRIEF))
            assert [job.outcome for job in recording.jobs] == ["error", "ok", "ok"]

    run(main)


def test_a_worker_joins_while_it_works() -> None:
    """A worker started from the command line gets its part of what is handed over afterwards."""

    async def main() -> None:
        async with open_cluster(1) as client:
            await asyncio.gather(*submit_all(client, 2, BRIEF))
            waiting = submit_all(client, 4, LONG)
            command = WORKER.format(client.scheduler.address)
            async with beside(f"{command} --no-nanny", until="Registered to:"):
                after = submit_all(client, 8, LONG // 10)
                while len({pid for _, pid in await events(client)}) < 2:
                    await asyncio.sleep(0.02)
                answers = await asyncio.gather(*waiting, *after)
            assert len(answers) == 12
            # It has gone, and the first one goes on alone.
            assert len(await asyncio.gather(*submit_all(client, 2, BRIEF))) == 2

    run(main)


@asynccontextmanager
async def a_scheduler(workers: int) -> AsyncIterator[str]:
    """Start a scheduler and its workers from the command line."""
    async with beside(SCHEDULER, until="Scheduler at:") as address:
        command = f"{WORKER.format(address)} --nworkers {workers}"
        async with beside(command, until="Registered to:"):
            yield address


def test_the_same_line_works_with_a_scheduler_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connected by its address; what it says is clear where it has too few workers."""
    monkeypatch.setattr(cluster, "_WORKERS_S", 0.5)

    async def main() -> None:
        async with a_scheduler(workers=1) as address:
            async with connect(address) as client, watch("apart") as recording:
                answers = await asyncio.gather(*submit_all(client, 4, BRIEF))
            assert [rid for rid, _ in answers] == list(range(4))
            assert [job.outcome for job in recording.jobs] == ["ok"] * 4
            with pytest.raises(ConnectionError, match="1 of the 3 workers"):
                async with connect(address, workers=3):
                    pass

    run(main)


def test_waiting_for_workers_can_be_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduler without any would be waited for an hour; a cancel ends that."""
    monkeypatch.setattr(cluster, "_WORKERS_S", 3600.0)

    async def main() -> None:
        async with beside(SCHEDULER, until="Scheduler at:") as address:

            async def wait_for_workers() -> None:
                async with connect(address):
                    pass

            waiting = asyncio.create_task(wait_for_workers())
            await asyncio.sleep(2)
            assert not waiting.done()
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    run(main)


def test_what_is_cancelled_as_it_comes_in_is_no_complaint(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An Interrupt may cancel a job just then, and dask's callback fails; other errors are told."""
    failing = [FutureCancelledError("job", "lost"), ValueError("of the moon")]

    async def gathered(*given: object, **more: object) -> None:
        raise failing.pop(0)

    async def main() -> None:
        async with open_cluster(1) as client:
            monkeypatch.setattr(client, "_gather", gathered)
            with client.get_executor() as executor:
                jobs = [executor.submit(abs, -number) for number in (1, 2)]
                while failing:
                    await asyncio.sleep(0.05)
                await asyncio.sleep(0.2)
                for each in jobs:
                    each.cancel()

    run(main)
    records = [each for each in caplog.records if each.name == "tornado.application"]
    told = [str(each.exc_info[1]) for each in records if each.exc_info]
    assert told == ["of the moon"]


def test_nobody_at_the_address_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no scheduler listens, the error names the address and what to look for."""
    monkeypatch.setattr(cluster, "_ANSWER_S", 0.5)

    async def main() -> None:
        with pytest.raises(ConnectionError, match="no scheduler answered at 'tcp:"):
            async with connect("tcp://127.0.0.1:9"):
                pass

    run(main)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: open_cluster(0), ValueError, "effective_cpus"),
        (lambda: open_cluster("2"), TypeError, "'2'"),
        (lambda: connect(8786), TypeError, "Scheduler at:"),
        (lambda: connect("localhost"), ValueError, "Scheduler at:"),
        (lambda: connect("tcp://here"), ValueError, "Scheduler at:"),
        (lambda: connect("tcp://here:8786", workers=0), ValueError, "workers is 0"),
        (lambda: beside("", until="x"), ValueError, "dask scheduler"),
        (lambda: beside("dask worker", until=""), ValueError, "until is ''"),
        (lambda: beside(["dask"], until="x"), TypeError, "command is"),  # type: ignore[arg-type]
        (lambda: beside("dask", until="x", limit_s=0), ValueError, "limit_s is 0"),
        (lambda: beside("dask", until="x", limit_s=True), TypeError, "limit_s is True"),
    ],
)
def test_a_wrong_argument_is_refused_at_the_call(
    call: Callable[[], object], error: type[Exception], words: str
) -> None:
    """Before anything is started, with what was given and what to give."""
    with pytest.raises(error, match=words):
        call()


def test_a_command_that_is_quiet_once_it_is_ready_is_heard() -> None:
    """Its words stand in its last line, and no other follows."""

    async def main() -> None:
        command = "http.server 0 --bind 127.0.0.1"
        async with beside(command, until="Serving HTTP on") as said:
            assert said.startswith("127.0.0.1 port")

    run(main)


def test_a_command_that_ends_early_is_quoted() -> None:
    """Its last words are in the error."""

    async def main() -> None:
        with pytest.raises(RuntimeError, match="No such command 'schedler'"):
            async with beside("dask schedler", until="Scheduler at:"):
                pass

    run(main)


def test_a_command_that_never_says_it_is_ended() -> None:
    """When its time is over it is gone, and the error says so."""

    async def main() -> None:
        with pytest.raises(TimeoutError, match=r"0\.5 s are over"):
            async with beside("http.server 0 --bind 127.0.0.1", until="never", limit_s=0.5):
                pass

    run(main)


PROGRAM = """
import asyncio, sys
from hybrid_demo.beside import beside
from hybrid_demo.cluster import open_cluster

async def main():
    async with open_cluster(2) as client:
        command = "dask worker " + client.scheduler.address + " " + sys.argv[1]
        async with beside(command, until="Registered to:"):
            print("open", flush=True)
            await asyncio.sleep(100)

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.fixture
def program(tmp_path: Any) -> Any:
    """Run a program that has a cluster open and a worker beside it, in a group of its own."""
    path = tmp_path / "with_a_cluster.py"
    path.write_text(PROGRAM)
    started = subprocess.Popen(
        [sys.executable, str(path), HERE],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert started.stdout is not None
        assert started.stdout.readline() == "open\n"
        yield started
    finally:
        end(started)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_killed_program_leaves_no_process(program: subprocess.Popen[str]) -> None:
    """Workers, nannies and the command beside it end within seconds of it."""
    family = descendants(program.pid)
    assert len(family) >= 4  # two workers; the guard, the command and what that started
    program.kill()
    program.wait()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []


@pytest.mark.skipif(sys.platform == "win32", reason="no signal for a group of processes there")
def test_an_interrupt_ends_all_of_it(program: subprocess.Popen[str]) -> None:
    """SIGINT to the whole group: the program closes what it opened, and nothing is left."""
    family = descendants(program.pid)
    os.killpg(program.pid, signal.SIGINT)
    program.wait(timeout=LIMIT_S)
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []


def test_a_cancelled_opening_is_closed_again() -> None:
    """Whoever gives up while a cluster opens is told so, and leaves no process of it."""

    async def main() -> None:
        async def opening() -> None:
            async with open_cluster(1):
                raise AssertionError("it was cancelled")

        task = asyncio.create_task(opening())
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main)
