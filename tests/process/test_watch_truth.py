"""Every stamp of a recording against one taken independently inside the watched code."""

import asyncio
import itertools
import statistics
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, thread_time

import pytest

from hybrid_demo import open_pool, watch
from hybrid_demo.recording import Recording

from .jobs import OwnStamps, compute, compute_in_thread

SLACK_S = 0.005  # the contract's; on a busy machine the idle loop's own lateness if that is more


@pytest.fixture(params=["idle", "busy"])
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the machine as it is, then with every CPU kept busy by others."""
    hogs = []
    if request.param == "busy":
        hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(4)]
    yield request.param
    for hog in hogs:
        hog.kill()
        hog.wait()


async def floor_s() -> float:
    """Return how late an idle loop serves its callbacks here and now."""
    async with watch("idle") as idle:
        await asyncio.sleep(0.3)
    return max(SLACK_S, idle.lag.max_s)


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_spans_bracket_the_jobs_own_stamps(machine: str, kind: str) -> None:
    """Submitted <= started <= the job's own start and end <= finished <= delivered, closely."""

    async def main() -> tuple[Recording, list[OwnStamps], list[tuple[float, float]], float, float]:
        loop = asyncio.get_running_loop()
        around = []

        async def handle_request(executor: object, work: object) -> OwnStamps:
            before = perf_counter()
            own = await loop.run_in_executor(executor, work, 0.02)
            around.append((before, perf_counter()))
            return own

        async def six(executor: object, work: object) -> tuple:
            floor = await floor_s()
            opened = perf_counter()
            async with watch("six") as recording:
                inside = perf_counter()
                own = [await handle_request(executor, work) for _ in range(12)]
            return recording, own, list(around), (opened, inside), floor

        if kind == "process":
            async with open_pool(2) as executor:
                return await six(executor, compute)
        with ThreadPoolExecutor(2) as executor:
            return await six(executor, compute_in_thread)

    recording, owns, around, (opened, inside), floor = asyncio.run(main())
    assert len(recording.jobs) == 12
    # Where the recording's zero lies is known only to within its opening.
    tolerance = inside - opened + 1e-6
    distances = []
    for job, own, (before, after) in zip(recording.jobs, owns, around, strict=True):
        assert job.outcome == "ok"
        assert job.worker == own.worker
        assert job.submitted_s <= job.started_s <= job.finished_s <= job.delivered_s
        pairs = [
            (before, job.submitted_s),
            (job.started_s, own.started),
            (own.finished, job.finished_s),
            (job.delivered_s, after),
        ]
        order = [
            before <= opened + job.submitted_s + tolerance,
            opened + job.started_s <= own.started + tolerance,
            own.finished <= opened + job.finished_s + tolerance,
            opened + job.delivered_s <= after + tolerance,
        ]
        assert all(order), (pairs, order)
        distances.append(abs(opened + job.started_s - own.started))
        distances.append(abs(opened + job.finished_s - own.finished))
        distances.append(abs(opened + job.submitted_s - before))
    assert statistics.median(distances) <= floor + tolerance


def test_holds_bracket_the_steps_that_made_them(machine: str) -> None:
    """A hold begins when its step does and ends when it does, and says whether it computed."""

    async def main() -> tuple[Recording, list[tuple[str, float, float]], float, float]:
        own = []

        async def computes() -> None:
            started, cpu = perf_counter(), thread_time()
            while thread_time() < cpu + 0.03:
                sum(range(100))
            own.append(("computes", started, perf_counter()))
            await asyncio.sleep(0)

        async def naps() -> None:
            started = perf_counter()
            pause.wait(0.03)
            own.append(("naps", started, perf_counter()))
            await asyncio.sleep(0)

        pause = threading.Event()
        floor = await floor_s()
        opened = perf_counter()
        async with (watching := watch("holds")) as recording:
            tolerance = perf_counter() - opened  # where the recording's zero may lie
            for _ in range(5):
                await asyncio.gather(computes(), naps())
        zero = watching.start
        assert opened <= zero <= opened + tolerance
        return recording, own, zero, floor + tolerance

    recording, own, zero, floor = asyncio.run(main())
    long = [hold for hold in recording.holds if hold.duration_s > 0.025]
    assert len(long) >= len(own) == 10
    distances = []
    for name, started, stopped in own:
        middle = (started + stopped) / 2 - zero
        (its,) = [hold for hold in long if hold.start_s <= middle <= hold.stop_s]
        assert its.name.startswith(name)
        distances += [abs(zero + its.start_s - started), abs(zero + its.stop_s - stopped)]
        if name == "naps":
            assert its.cause == "not running"
        elif 0.03 / (stopped - started) > 0.6:  # it had a CPU for most of the time
            assert its.cause == "computing"
    assert statistics.median(distances) <= floor


def test_lag_is_what_an_independent_client_waits(machine: str) -> None:
    """A client that arrives at a known moment waits as long as the recording says."""

    async def main() -> tuple[Recording, list[tuple[float, float]], float, float]:
        loop = asyncio.get_running_loop()
        served: list[tuple[float, float]] = []
        floor = await floor_s()
        offset = perf_counter() - loop.time()

        def arrives_at(moment: float) -> None:
            loop.call_at(moment - offset, lambda: served.append((moment, perf_counter())))

        opened = perf_counter()
        async with watch("lag") as recording:
            tolerance = perf_counter() - opened
            for number in range(40):
                arrives_at(opened + 0.01 + number * 0.0123)
            for _ in range(4):
                await asyncio.sleep(0.02)
                until = thread_time() + 0.1
                while thread_time() < until:
                    sum(range(100))
            await asyncio.sleep(0.1)
        return recording, served, opened, floor + tolerance

    recording, served, opened, floor = asyncio.run(main())
    inside = [
        (at - opened, done - opened) for at, done in served if done - opened < recording.duration_s
    ]
    assert len(inside) >= 20
    answers = [(s.deadline_s, s.deadline_s + s.late_s) for s in recording.lag.samples]
    errors = []
    for arrived_s, answered_s in inside:
        # Whoever came before was answered before, and whoever came after, after.
        before = max(answer for deadline, answer in answers if deadline <= arrived_s)
        after = min(answer for deadline, answer in answers if deadline >= arrived_s)
        errors.append(max(0.0, before - answered_s, answered_s - after))
    assert statistics.median(errors) <= floor
    assert recording.lag.max_s >= 0.1 - 0.01


def test_the_grid_leaves_no_deadline_out() -> None:
    """There is one sample for every deadline, also for all that a long hold has missed."""

    async def main() -> Recording:
        async with watch("grid", period_s=0.002) as recording:
            await asyncio.sleep(0.02)
            compute(0.2)
            await asyncio.sleep(0.02)
        return recording

    recording = asyncio.run(main())
    deadlines = [sample.deadline_s for sample in recording.lag.samples]
    steps = [later - earlier for earlier, later in itertools.pairwise(deadlines)]
    assert deadlines[0] == 0.0
    assert max(steps) == pytest.approx(0.002)
    assert min(steps) == pytest.approx(0.002)
    assert recording.duration_s - deadlines[-1] < 0.002 + 1e-9
    # Those who come during a hold wait the less the later they come: a saw-tooth.
    hold = max(recording.holds, key=lambda hold: hold.duration_s)
    tooth = [s for s in recording.lag.samples if hold.start_s < s.deadline_s < hold.stop_s]
    assert len(tooth) > 50
    assert all(a.late_s > b.late_s for a, b in itertools.pairwise(tooth))


def test_a_block_that_never_gives_way_is_one_hold_from_end_to_end() -> None:
    """The step that opened the block and the step that closed it are included, and clipped."""

    async def main() -> Recording:
        async with watch("one step") as recording:
            compute(0.03)
        return recording

    recording = asyncio.run(main())
    (hold,) = recording.holds
    assert hold.start_s == 0.0
    assert hold.stop_s == recording.duration_s
    assert hold.name == "main 0"
    assert recording.lag.max_s == pytest.approx(recording.duration_s)


def test_the_opening_and_the_closing_step_are_holds_of_their_own() -> None:
    """Work before the first await and after the last one holds the loop, and is seen."""

    async def main() -> Recording:
        async with watch("both ends") as recording:
            compute(0.03)
            await asyncio.sleep(0.02)
            compute(0.03)
        return recording

    recording = asyncio.run(main())
    first, last = [hold for hold in recording.holds if hold.duration_s > 0.02]
    assert first.start_s == 0.0
    assert last.stop_s == recording.duration_s
    assert first.stop_s < last.start_s


def test_queue_depths_are_what_the_code_saw() -> None:
    """The step series of a queue repeats what ``qsize`` said after each put and get."""

    async def main() -> tuple[Recording, list[int]]:
        own = [0]
        async with watch("queue") as recording:
            job_queue: asyncio.Queue[int] = asyncio.Queue(maxsize=3)
            for number in range(3):
                await job_queue.put(number)
                own.append(job_queue.qsize())
            await job_queue.get()
            own.append(job_queue.qsize())
            other: asyncio.Queue[int] = asyncio.LifoQueue()
            other.put_nowait(1)
        return recording, own

    recording, own = asyncio.run(main())
    job_queue, other = recording.queues
    assert list(job_queue.depths) == own
    assert job_queue.peak == job_queue.maxsize == 3
    assert job_queue.times_s[0] == 0.0
    assert list(job_queue.times_s) == sorted(job_queue.times_s)
    assert (other.depths, other.maxsize) == ((0, 1), 0)


def test_an_inner_watch_is_not_credited_with_cpu_from_before_it() -> None:
    """A step that computed, then opened a watch and slept in it, was not running in it."""

    async def main() -> Recording:
        async with watch("outer"):
            await asyncio.sleep(0)
            compute(0.2)
            async with watch("inner") as inner:
                threading.Event().wait(0.05)
        return inner

    (hold,) = asyncio.run(main()).holds
    assert hold.cause == "not running"


def test_a_queue_filled_by_another_way_is_told_from_when_it_is_seen() -> None:
    """A put that asyncio did not see appears at the next change, and no earlier."""

    async def main() -> Recording:
        async with watch("queue") as recording:
            job_queue: asyncio.Queue[int] = asyncio.Queue()
            job_queue.put_nowait(1)
            job_queue._put(2)
            await asyncio.sleep(0.01)
            job_queue.get_nowait()
        return recording

    (job_queue,) = asyncio.run(main()).queues
    assert job_queue.depths == (0, 1, 2, 1)


def test_a_suspended_block_collected_after_its_loop_is_no_hold() -> None:
    """A coroutine thrown away outside its loop held nobody meanwhile."""
    kept: list[Recording] = []

    async def block() -> None:
        async with watch("thrown away") as recording:
            kept.append(recording)
            await asyncio.sleep(60)

    loop = asyncio.new_event_loop()
    coroutine = block()
    try:
        loop.call_soon(coroutine.send, None)
        loop.call_later(0.02, loop.stop)
        loop.run_forever()
        compute(0.05)
    finally:
        coroutine.close()
        loop.close()
    assert all(hold.stop_s < 0.04 or hold.duration_s < 0.04 for hold in kept[0].holds)
