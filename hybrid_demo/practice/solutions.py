"""The reference solutions: what ``exercises.NAME.solution()`` shows, and the tests run.

Each is one way of many, called like its exercise, and written as a student would
write it in a cell, to be copied into one: without annotations, and with nothing
of this package but public names.
"""
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

import asyncio
from concurrent.futures.process import BrokenProcessPool

from .. import cpu_intensive_analysis, open_pool


async def free_the_loop(rid, size, executor):
    """Hand the computing over the bridge; only the waiting stays on the loop."""
    await asyncio.sleep(0.02)
    loop = asyncio.get_running_loop()
    return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)


async def take_turns(sizes):
    """Give way after every chunk: sleep(0) lets the loop serve whoever is due."""
    total = 0.0
    for size in sizes:
        total += cpu_intensive_analysis(size)
        await asyncio.sleep(0)
    return total


async def share_one_pool(requests):
    """Make the pool once, before the requests, and close it once, after the last."""
    loop = asyncio.get_running_loop()

    async def handle_request(rid, size, executor):
        return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)

    async with open_pool(2) as executor:
        return await asyncio.gather(
            *[handle_request(rid, size, executor) for rid, size in requests]
        )


async def close_without_holding(executor):
    """Let a thread wait for the jobs, and await the thread."""
    await asyncio.to_thread(executor.shutdown)


async def as_they_come(coroutines):
    """Take whichever is done next, again and again."""
    return [await done for done in asyncio.as_completed(coroutines)]


async def one_bad_request(requests, executor):
    """Let each request deal with its own error, so that it concerns no other."""

    async def handle_request(rid, size):
        loop = asyncio.get_running_loop()
        try:
            return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)
        except Exception:
            return rid, None

    return await asyncio.gather(*[handle_request(rid, size) for rid, size in requests])


async def bound_in_flight(sizes, executor, bound):
    """One semaphore for all: a permit is taken before the job is handed over."""
    permits = asyncio.Semaphore(bound)
    loop = asyncio.get_running_loop()

    async def analyse(size):
        async with permits:
            return await loop.run_in_executor(executor, cpu_intensive_analysis, size)

    return await asyncio.gather(*[analyse(size) for size in sizes])


async def n_consumers(job_queue, executor, consumers):
    """Whoever meets the pill passes it on, so that all of them end."""
    loop, answers = asyncio.get_running_loop(), []

    async def consume():
        while (size := await job_queue.get()) is not None:
            answers.append(await loop.run_in_executor(executor, cpu_intensive_analysis, size))
        await job_queue.put(None)

    await asyncio.gather(*[consume() for _ in range(consumers)])
    return answers


async def wait_rightly(rid, size, executor):
    """Make a Future of asyncio from the executor's own, and await that."""
    future = executor.submit(cpu_intensive_analysis, size)
    return rid, await asyncio.wrap_future(future)


def your_own_function(limit):
    """Return how many primes are below `limit`: a regular function, in a module."""
    found = 0
    for number in range(2, limit):
        if all(number % divisor for divisor in range(2, int(number**0.5) + 1)):
            found += 1
    return found


async def three_layers(request, threads, processes):
    """Wait on the loop, call what blocks in a thread, compute in a process."""
    loop = asyncio.get_running_loop()
    size = await request.read()
    fact = await loop.run_in_executor(threads, request.ask_library)
    return fact, await loop.run_in_executor(processes, cpu_intensive_analysis, size)


async def deadline(size, executor, limit_s):
    """Give up waiting, not the job: a worker that computes cannot be cancelled."""
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(executor, cpu_intensive_analysis, size)
    try:
        return await asyncio.wait_for(future, limit_s)
    except TimeoutError:
        return None


async def crash_and_retry(fn, arg, make_pool):
    """Make a new pool when one breaks, once: every other error is the caller's."""

    async def run():
        loop = asyncio.get_running_loop()
        async with make_pool() as executor:
            return await loop.run_in_executor(executor, fn, arg)

    try:
        return await run()
    except BrokenProcessPool:
        return await run()


async def shed_at_once(size, executor, places, deadline_s):
    """Refuse when no place is free; give a place back when its job has left the worker."""
    if places.locked():
        return 503, None
    await places.acquire()  # at once: nobody came in between
    loop = asyncio.get_running_loop()
    job = loop.run_in_executor(executor, cpu_intensive_analysis, size)
    job.add_done_callback(lambda _: places.release())
    try:
        return 200, await asyncio.wait_for(asyncio.shield(job), deadline_s)
    except TimeoutError:
        return 504, None


def note_once(rid, size, ledger):
    """Write to the request's own place: the second run writes the same thing there again."""
    result = cpu_intensive_analysis(size)
    ledger[rid] = result
    return result
