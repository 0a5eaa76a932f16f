"""Watched code behaves as if nobody looked, and afterwards everything is as it was."""

import asyncio
import concurrent.futures as cf
import concurrent.futures.thread
import contextlib
import contextvars
import gc
import multiprocessing
import os
import signal
import sys
import threading
import traceback
import weakref
from asyncio import events
from functools import partial
from pathlib import Path

import pytest

from hybrid_demo import open_pool, watch
from hybrid_demo.recording import Recording

from .jobs import compute, die, fail, total, unpicklable, wait_for

PATCHED = [
    (events.Handle, "_run"),
    (asyncio.Queue, "put_nowait"),
    (asyncio.Queue, "get_nowait"),
    (cf.ProcessPoolExecutor, "submit"),
    (cf.ThreadPoolExecutor, "submit"),
    (concurrent.futures.thread._WorkItem, "run"),
    (cf.Future, "cancel"),
    (cf.Future, "_invoke_callbacks"),
    (asyncio.BaseEventLoop, "run_in_executor"),
]


@pytest.fixture(autouse=True)
def everything_as_it_was():
    """After each test every patched method is again the very one that was there before."""
    before = [vars(owner)[name] for owner, name in PATCHED]
    yield
    assert [vars(owner)[name] for owner, name in PATCHED] == before


class Thing:
    """Something a weak reference can follow."""


def pool_of(kind: str):
    """Return a pool of that kind with two workers."""
    return open_pool(2) if kind == "process" else cf.ThreadPoolExecutor(2)


KINDS = pytest.mark.parametrize("kind", ["process", "thread"])


@KINDS
def test_results_and_arguments_pass_unchanged(kind: str) -> None:
    """Positional and keyword arguments arrive, results return, by every way in."""

    async def main(executor: cf.Executor) -> Recording:
        loop = asyncio.get_running_loop()
        async with watch("ways in") as recording:
            assert executor.submit(total, 1, 2, scale=10).result() == 30
            assert await loop.run_in_executor(executor, total, 1, 2) == 3
            assert await loop.run_in_executor(executor, partial(total, 1, scale=2)) == 2
            assert await asyncio.wrap_future(executor.submit(total, 4)) == 4
            assert list(executor.map(total, range(4), range(4), chunksize=2)) == [0, 2, 4, 6]
            futures = [executor.submit(total, n) for n in range(3)]
            assert sorted(f.result() for f in cf.as_completed(futures)) == [0, 1, 2]
            done, _ = cf.wait([executor.submit(total, 5)])
            assert done.pop().result() == 5
        return recording

    with pool_of(kind) as executor:
        recording = asyncio.run(main(executor))
    assert {job.name for job in recording.jobs} == {"total"}
    assert {job.by for job in recording.jobs} == {"main 0"}
    assert {job.outcome for job in recording.jobs} == {"ok"}
    chunks = 2 if kind == "process" else 4
    assert len(recording.jobs) == 4 + chunks + 3 + 1
    (pool,) = recording.pools
    assert (pool.name, pool.kind, pool.workers) == (f"{kind} pool 1", kind, 2)


@KINDS
def test_an_exception_comes_back_as_it_was_raised(kind: str) -> None:
    """Type, arguments and traceback are the job's own; at most one remote frame is ours."""

    async def main(executor: cf.Executor) -> tuple[Recording, ValueError]:
        async with watch("error") as recording:
            with pytest.raises(ValueError, match="seven") as caught:
                await asyncio.get_running_loop().run_in_executor(executor, fail, "seven")
        return recording, caught.value

    with pool_of(kind) as executor:
        recording, error = asyncio.run(main(executor))
    (job,) = recording.jobs
    assert job.outcome == "error"
    assert job.started_s <= job.finished_s <= job.delivered_s
    assert error.args == ("seven",)
    told = "".join(traceback.format_exception(error))
    assert "raise ValueError(text)" in told
    assert told.count("hybrid_demo") <= (told.count("instruments/stamps.py") or 0) + 1
    assert told.count("stamps.py") <= 1


def test_a_result_that_cannot_travel_is_an_error_whose_work_was_done() -> None:
    """The job is seen to have run, though its result could not be pickled."""

    async def main() -> Recording:
        async with open_pool(1) as executor, watch("no way back") as recording:
            with pytest.raises(TypeError):
                await asyncio.get_running_loop().run_in_executor(executor, unpicklable)
        return recording

    (job,) = asyncio.run(main()).jobs
    assert job.outcome == "error"
    assert job.submitted_s <= job.started_s <= job.finished_s <= job.delivered_s


def test_context_variables_reach_to_thread() -> None:
    """``to_thread`` runs in a copy of the caller's context, watched or not."""
    variable = contextvars.ContextVar("variable", default="outside")

    async def main() -> Recording:
        variable.set("inside")
        async with watch("context") as recording:
            assert await asyncio.to_thread(variable.get) == "inside"
        return recording

    (job,) = asyncio.run(main()).jobs
    assert (job.name, job.executor) == ("get", "thread")


def test_cancelled_in_the_queue_and_abandoned_in_the_worker(tmp_path: Path) -> None:
    """A waiting job is cancelled; a running one goes on, and nobody waits for it."""
    flag = tmp_path / "flag"
    flag.touch()

    async def main() -> Recording:
        loop = asyncio.get_running_loop()
        with cf.ThreadPoolExecutor(1) as executor:
            async with watch("cancel") as recording:
                running = loop.run_in_executor(executor, wait_for, str(flag))
                waiting = loop.run_in_executor(executor, total, 1)
                running.cancel()
                waiting.cancel()
                results = await asyncio.gather(running, waiting, return_exceptions=True)
                assert [type(r) for r in results] == [asyncio.CancelledError] * 2
                flag.unlink()
                await loop.run_in_executor(executor, total, 2)
        return recording

    running, waiting, last = asyncio.run(main()).jobs
    assert (running.outcome, running.abandoned) == ("ok", True)
    assert (waiting.outcome, waiting.abandoned) == ("cancelled", False)
    assert waiting.started_s is None
    assert (last.outcome, last.abandoned) == ("ok", False)


def test_an_await_given_up_in_the_last_moment_is_seen_too(tmp_path: Path) -> None:
    """Asyncio's cancel reaches the executor a turn later; the block may be left before."""
    flag = tmp_path / "flag"
    flag.touch()

    async def main() -> Recording:
        async with open_pool(1) as executor:
            async with watch("last moment") as recording:
                future = asyncio.get_running_loop().run_in_executor(executor, wait_for, str(flag))
                await asyncio.sleep(0.01)
                future.cancel()
            flag.unlink()
        return recording

    (job,) = asyncio.run(main()).jobs
    assert job.outcome == "pending"
    assert job.abandoned


def test_a_crashed_worker_breaks_the_pool_and_every_job_is_accounted_for(tmp_path: Path) -> None:
    """Jobs that lost their worker appear as lost, with the start they had."""
    flag = tmp_path / "flag"
    flag.touch()

    async def main() -> Recording:
        loop = asyncio.get_running_loop()
        # A warm pool: a worker started by the very job that kills it can go unnoticed by a
        # plain ProcessPoolExecutor, whose manager listens to the workers it knew before.
        async with open_pool(2) as executor, watch("crash") as recording:
            waiting = loop.run_in_executor(executor, wait_for, str(flag))
            with pytest.raises(cf.BrokenExecutor):
                await loop.run_in_executor(executor, die)
            with pytest.raises(cf.BrokenExecutor):
                await waiting
        return recording

    recording = asyncio.run(main())
    assert [job.outcome for job in recording.jobs] == ["lost", "lost"]
    assert all(job.finished_s is None and job.delivered_s is not None for job in recording.jobs)
    assert any(job.started_s is not None for job in recording.jobs)
    assert recording.in_flight.depths[-1] == 0


def test_jobs_before_and_after_the_watch(tmp_path: Path) -> None:
    """A job submitted before is not recorded; one that ends after stays pending for ever."""
    flag = tmp_path / "flag"
    flag.touch()

    async def main() -> tuple[Recording, str]:
        loop = asyncio.get_running_loop()
        async with open_pool(2) as executor:
            early = loop.run_in_executor(executor, total, 1)
            async with watch("middle") as recording:
                await early
                late = loop.run_in_executor(executor, wait_for, str(flag))
                while not recording_has_started(recording):
                    await asyncio.sleep(0.01)
            before = repr(recording.jobs)
            flag.unlink()
            await late
            assert repr(recording.jobs) == before
        return recording

    def recording_has_started(recording: Recording) -> bool:
        # What the watch will say of the job is not to be asked yet; its worker's stamp is.
        from hybrid_demo.instruments import sharing

        journal = sharing._hub.journal
        return any(noted.started for noted in journal.read())

    recording = asyncio.run(main())
    (job,) = recording.jobs
    assert (job.outcome, job.finished_s, job.delivered_s) == ("pending", None, None)
    assert job.started_s is not None
    assert job.worker
    assert recording.notes == ("1 job was still running at the end",)


def test_nested_and_overlapping_watches_each_see_their_own() -> None:
    """Watches may nest, overlap and be left in any order."""

    async def main() -> dict[str, Recording]:
        seen = {}
        loop = asyncio.get_running_loop()
        with cf.ThreadPoolExecutor(2) as executor:
            first, second = watch("first"), watch("second")
            seen["first"] = await first.__aenter__()
            await loop.run_in_executor(executor, total, 1)
            seen["second"] = await second.__aenter__()
            await loop.run_in_executor(executor, total, 2)
            async with watch("inner") as seen["inner"]:
                compute(0.02)
                await asyncio.sleep(0)
            await first.__aexit__(None, None, None)
            await loop.run_in_executor(executor, total, 3)
            await second.__aexit__(None, None, None)
        return seen

    seen = asyncio.run(main())
    assert len(seen["first"].jobs) == 2
    assert len(seen["second"].jobs) == 2
    assert seen["inner"].jobs == ()
    for name in ("first", "second", "inner"):
        assert any(hold.duration_s > 0.015 for hold in seen[name].holds)


def test_a_block_that_raises_is_recorded_and_its_exception_passes() -> None:
    """The recording is finished whatever ended the block."""
    recordings = []

    async def main() -> None:
        async with watch("raises") as recording:
            recordings.append(recording)
            await asyncio.to_thread(total, 1)
            raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        asyncio.run(main())
    assert [job.outcome for job in recordings[0].jobs] == ["ok"]


def test_a_cancelled_block_is_recorded() -> None:
    """Cancelling the watching task ends the block like any other exception."""
    recordings = []

    async def block() -> None:
        async with watch("cancelled") as recording:
            recordings.append(recording)
            await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(block())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert recordings[0].duration_s > 0


@KINDS
def test_arguments_and_results_are_not_kept_alive(kind: str) -> None:
    """Neither an argument, a result nor a future lives longer for having been watched."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with pool_of(kind) as executor:
            async with watch("lifetimes"):
                if kind == "thread":
                    thing = Thing()
                    argument = weakref.ref(thing)
                    future = loop.run_in_executor(executor, id, thing)
                    del thing
                    await future
                    # The worker thread lets go of it when it asks for its next job.
                    await loop.run_in_executor(executor, total, 1)
                else:
                    future = loop.run_in_executor(executor, total, 1)
                    await future
                    argument = weakref.ref(future)
                died = weakref.ref(future)
                del future
                await asyncio.sleep(0)
                gc.collect()
                assert argument() is None
                assert died() is None

    asyncio.run(main())


def test_order_of_the_loop_is_unchanged() -> None:
    """Callbacks and tasks run in the order they would run in unwatched."""

    async def run() -> list[str]:
        seen: list[str] = []

        async def worker(name: str) -> None:
            for step in range(3):
                seen.append(f"{name}{step}")
                await asyncio.sleep(0)

        asyncio.get_running_loop().call_soon(seen.append, "callback")
        await asyncio.gather(worker("a"), worker("b"))
        return seen

    async def watched() -> list[str]:
        async with watch("order"):
            return await run()

    assert asyncio.run(watched()) == asyncio.run(run())


def test_jobs_of_a_thread_with_another_loop_are_not_ours() -> None:
    """A job belongs to the watch unless its thread runs another event loop."""

    async def elsewhere() -> int:
        return await asyncio.to_thread(total, 1)

    def plain(executor: cf.Executor) -> int:
        return executor.submit(total, 2).result()

    async def main() -> Recording:
        with cf.ThreadPoolExecutor(1) as executor:
            threads = [
                threading.Thread(target=asyncio.run, args=(elsewhere(),)),
                threading.Thread(target=plain, args=(executor,), name="plain thread"),
            ]
            async with watch("scope") as recording:
                for thread in threads:
                    thread.start()
                while any(thread.is_alive() for thread in threads):
                    await asyncio.sleep(0.005)
        return recording

    (job,) = asyncio.run(main()).jobs
    assert job.by == "plain thread"


def test_named_tasks_keep_their_names() -> None:
    """A task is called by its own name, or by its coroutine and its order."""

    async def handle_request() -> None:
        await asyncio.to_thread(total, 1)

    async def main() -> Recording:
        async with watch("names") as recording:
            mine = asyncio.create_task(handle_request(), name="my request")
            await asyncio.gather(handle_request(), mine, handle_request())
        return recording

    names = [job.by for job in asyncio.run(main()).jobs]
    assert sorted(names) == ["handle_request 0", "handle_request 1", "my request"]


class Elsewhere(cf.Executor):
    """An executor that is neither of the standard two."""

    def submit(self, fn, /, *args, **kwargs):
        future: cf.Future = cf.Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def test_another_executor_is_seen_through_the_bridge() -> None:
    """Submitted, delivered, outcome; and a note that its workers cannot be seen."""

    async def main() -> Recording:
        loop = asyncio.get_running_loop()
        async with watch("other") as recording:
            await loop.run_in_executor(Elsewhere(), total, 1)
            with pytest.raises(ValueError, match="x"):
                await loop.run_in_executor(Elsewhere(), fail, "x")
        return recording

    recording = asyncio.run(main())
    assert [(job.executor, job.outcome) for job in recording.jobs] == [
        ("other", "ok"),
        ("other", "error"),
    ]
    assert all(job.submitted_s <= job.delivered_s for job in recording.jobs)
    assert recording.notes == ("this executor tells nothing of its workers",)
    assert len(recording.pools) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_starts_unwatched() -> None:
    """In the child the methods are the originals, and its end leaves the parent's watch whole."""
    originals = [vars(owner)[name] for owner, name in PATCHED]

    async def main() -> Recording:
        async with watch("fork") as recording:
            await asyncio.to_thread(total, 1)
            child = os.fork()
            if child == 0:
                same = [vars(owner)[name] for owner, name in PATCHED] == originals
                os._exit(0 if same else 1)
            _, status = os.waitpid(child, 0)
            assert os.waitstatus_to_exitcode(status) == 0
            await asyncio.to_thread(total, 2)
        return recording

    assert len(asyncio.run(main()).jobs) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="fork is safe to try on Linux only")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_pool_forked_inside_the_watch_works() -> None:
    """Workers forked while the watch is open run their jobs, and their stamps arrive."""

    async def main() -> Recording:
        loop = asyncio.get_running_loop()
        context = multiprocessing.get_context("fork")
        async with watch("forked") as recording:
            with cf.ProcessPoolExecutor(2, mp_context=context) as executor:
                await asyncio.gather(*[loop.run_in_executor(executor, total, n) for n in range(4)])
        return recording

    recording = asyncio.run(main())
    assert all(job.started_s is not None for job in recording.jobs)
    assert recording.pools[0].start_method == "fork"


def test_no_file_of_stamps_is_left() -> None:
    """The workers' stamps live in one file, and only while a watch is open."""
    from hybrid_demo.instruments import sharing

    async def main() -> Path:
        async with open_pool(1) as executor, watch("file"):
            await asyncio.get_running_loop().run_in_executor(executor, total, 1)
            stamps = Path(sharing._hub.journal.get_or_none().path)
            assert stamps.exists()
        return stamps

    assert not asyncio.run(main()).exists()


def test_warming_a_pool_inside_a_watch_is_no_job() -> None:
    """``open_pool``'s own work is never recorded."""

    async def main() -> Recording:
        async with watch("warming") as recording, open_pool(2) as executor:
            await asyncio.get_running_loop().run_in_executor(executor, total, 1)
        return recording

    assert [job.name for job in asyncio.run(main()).jobs] == ["total"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send")
def test_an_interrupt_inside_the_block_leaves_nothing_patched() -> None:
    """KeyboardInterrupt passes through, and the recording is finished."""
    recordings = []

    async def main() -> None:
        async with watch("interrupted") as recording:
            recordings.append(recording)
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)

    with pytest.raises(KeyboardInterrupt):
        asyncio.run(main())
    assert not recordings[0].is_open


def test_a_failure_nobody_asks_for_is_told_as_early_as_without() -> None:
    """A failed task that nobody holds is gone, and its failure told, before the next step."""
    told: list[object] = []

    async def failing() -> None:
        raise RuntimeError("seven")

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: told.append(context["exception"]))
        async with watch("forgotten"):
            asyncio.ensure_future(failing())  # noqa: RUF006 - forgotten on purpose
            await asyncio.sleep(0)
            assert len(told) == 1

    asyncio.run(main())


def test_a_failed_job_leaves_no_reference_cycle() -> None:
    """What a thread's job raised, and its argument, go when nobody holds them any more."""

    async def main() -> weakref.ref[Thing]:
        loop = asyncio.get_running_loop()
        with cf.ThreadPoolExecutor(1) as executor:
            async with watch("failure"):
                thing = Thing()
                gone = weakref.ref(thing)
                with pytest.raises(TypeError):
                    await loop.run_in_executor(executor, total, thing)
                del thing
                await loop.run_in_executor(executor, total, 1)
        return gone

    gc.disable()
    try:
        assert asyncio.run(main())() is None
    finally:
        gc.enable()


class OddQueue(asyncio.Queue):
    """A queue that can neither be hashed nor counted."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OddQueue)

    __hash__ = None  # type: ignore[assignment]


class UncountableQueue(asyncio.Queue):
    """A queue that does not tell its depth."""

    def qsize(self) -> int:
        raise NotImplementedError


class SlottedExecutor(cf.Executor):
    """An executor that cannot be referred to weakly, and does the job at once."""

    __slots__ = ()

    def submit(self, fn, /, *args, **kwargs):
        future: cf.Future = cf.Future()
        future.set_result(fn(*args, **kwargs))
        return future


class OwnSubmit(cf.ThreadPoolExecutor):
    """A thread pool that overrides ``submit`` without asking its parent."""

    submit = SlottedExecutor.submit


class OddCallable:
    """A callable that answers every unknown attribute with an error."""

    def __getattr__(self, name: str) -> object:
        raise KeyError(name)

    def __call__(self) -> int:
        return 7


def test_odd_classes_of_the_students_are_no_business_of_ours() -> None:
    """Whatever a queue, an executor or a callable refuses, the watched code works as before."""

    async def main() -> Recording:
        loop = asyncio.get_running_loop()
        async with watch("odd") as recording:
            for queue in (OddQueue(), OddQueue(), UncountableQueue(), asyncio.Queue(float("inf"))):
                queue.put_nowait(1)
                assert queue.get_nowait() == 1
            assert await loop.run_in_executor(SlottedExecutor(), total, 1) == 1
            with OwnSubmit(1) as own:
                assert await loop.run_in_executor(own, total, 2) == 2
            assert await asyncio.to_thread(OddCallable()) == 7
        return recording

    recording = asyncio.run(main())
    assert [queue.depths for queue in recording.queues] == [(0, 1, 0)] * 3
    assert [queue.maxsize for queue in recording.queues] == [0, 0, 0]
    assert [job.name for job in recording.jobs] == ["total", "total", "OddCallable"]
    assert {job.outcome for job in recording.jobs} == {"ok"}


def test_jobs_a_closing_pool_asks_to_cancel_are_not_abandoned(tmp_path: Path) -> None:
    """``shutdown(cancel_futures=True)`` asks all jobs; those that run on are still awaited."""
    flag = tmp_path / "flag"
    flag.touch()

    async def main() -> Recording:
        loop = asyncio.get_running_loop()
        async with open_pool(1) as executor, watch("closing") as recording:
            running = loop.run_in_executor(executor, wait_for, str(flag))
            await asyncio.sleep(0.05)
            manager = executor._executor_manager_thread
            executor.shutdown(wait=False, cancel_futures=True)
            await asyncio.sleep(0.05)
            flag.unlink()
            await running
            manager.join()
        return recording

    (job,) = asyncio.run(main()).jobs
    assert (job.outcome, job.abandoned) == ("ok", False)


def test_a_job_that_meets_somebody_elses_broken_pool_is_an_error_not_a_loss() -> None:
    """Only a job whose own pool broke is lost."""

    def meets() -> None:
        raise cf.process.BrokenProcessPool("of somebody else")

    async def main() -> Recording:
        async with watch("elsewhere") as recording:
            with pytest.raises(cf.BrokenExecutor):
                await asyncio.to_thread(meets)
        return recording

    assert [job.outcome for job in asyncio.run(main()).jobs] == ["error"]


def test_leaving_while_threads_still_finish_jobs() -> None:
    """A watch can be left at any moment of what other threads do."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        with cf.ThreadPoolExecutor(4) as executor:
            for _ in range(30):
                async with watch("racing"):
                    late = [loop.run_in_executor(executor, total, n) for n in range(200)]
                    await late[0]
                await asyncio.gather(*late)

    asyncio.run(main())


@pytest.mark.parametrize("line", range(1, 60))
def test_an_interrupt_at_any_line_of_opening_and_closing_leaves_nothing(line: int) -> None:
    """KeyboardInterrupt inside ``join`` or ``leave`` leaves no wrapper the next watch doubles."""
    from hybrid_demo.instruments import patching, sharing

    left = line

    def interrupt(frame, event, argument):
        nonlocal left
        if frame.f_code.co_filename in (patching.__file__, sharing.__file__):
            left -= event == "line"
            if left == 0:
                sys.settrace(None)
                raise KeyboardInterrupt
            return interrupt
        return None

    async def interrupted() -> None:
        async with watch("interrupted"):
            pass

    async def main() -> Recording:
        async with watch("after") as recording:
            await asyncio.to_thread(total, 1)
        return recording

    tracing = sys.gettrace()
    sys.settrace(interrupt)
    try:
        coroutine = interrupted()
        loop = asyncio.new_event_loop()
        try:
            with contextlib.suppress(KeyboardInterrupt):
                loop.run_until_complete(coroutine)
        finally:
            sys.settrace(tracing)
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()
    finally:
        sys.settrace(tracing)
    assert len(asyncio.run(main()).jobs) == 1
