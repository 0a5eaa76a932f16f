"""Answers about what goes wrong under way."""

import asyncio
import contextlib
import time
from concurrent.futures.process import BrokenProcessPool

from hybrid_demo import cpu_intensive_analysis, open_pool
from tests.process.practice_answers.table import RIGHT, answer

DEADLINE, RETRY = "deadline", "crash_and_retry"


@answer(DEADLINE, RIGHT)
async def with_timeout(size, executor, limit_s):
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(limit_s):
            return await loop.run_in_executor(executor, cpu_intensive_analysis, size)
    except TimeoutError:
        return None


@answer(DEADLINE, RIGHT)
async def with_wait(size, executor, limit_s):
    future = asyncio.wrap_future(executor.submit(cpu_intensive_analysis, size))
    done, _ = await asyncio.wait([future], timeout=limit_s)
    return future.result() if done else None


@answer(DEADLINE, "raised_at_the_limit")
async def not_caught(size, executor, limit_s):
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(executor, cpu_intensive_analysis, size)
    return await asyncio.wait_for(future, limit_s)


@answer(DEADLINE, "too_late")
async def no_limit(size, executor, limit_s):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor, cpu_intensive_analysis, size)


@answer(DEADLINE, "waited_anyway")
async def looks_at_the_clock(size, executor, limit_s):
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    result = await loop.run_in_executor(executor, cpu_intensive_analysis, size)
    return result if time.perf_counter() - begun < limit_s else None


@answer(DEADLINE, "thread_waited")
async def result_with_a_limit(size, executor, limit_s):
    try:
        return executor.submit(cpu_intensive_analysis, size).result(timeout=limit_s)
    except TimeoutError:
        return None


@answer(DEADLINE, "never_an_answer")
async def never_returned(size, executor, limit_s):
    loop = asyncio.get_running_loop()
    future = loop.run_in_executor(executor, cpu_intensive_analysis, size)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(future, min(limit_s, 0.3))
    return None


@answer(DEADLINE, "waited_anyway")
async def a_pool_of_its_own(size, executor, limit_s):
    loop = asyncio.get_running_loop()
    async with open_pool(1) as own:
        future = loop.run_in_executor(own, cpu_intensive_analysis, size)
        try:
            return await asyncio.wait_for(future, limit_s)
        except TimeoutError:
            return None


@answer(DEADLINE, "on_the_loop")
async def on_the_loop(size, executor, limit_s):
    async def compute():
        return cpu_intensive_analysis(size)

    try:
        return await asyncio.wait_for(compute(), limit_s)
    except TimeoutError:
        return None


@answer(DEADLINE, "left_tasks")
async def a_task_goes_on(size, executor, limit_s):
    async def run():
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(executor, cpu_intensive_analysis, size)

    done, _ = await asyncio.wait([asyncio.create_task(run())], timeout=limit_s)
    return done.pop().result() if done else None


async def run_in(make_pool, fn, arg):
    async with make_pool() as executor:
        return await asyncio.get_running_loop().run_in_executor(executor, fn, arg)


@answer(RETRY, RIGHT)
async def in_a_loop(fn, arg, make_pool):
    for last in (False, True):
        try:
            return await run_in(make_pool, fn, arg)
        except BrokenProcessPool:
            if last:
                raise


@answer(RETRY, "no_retry")
async def once(fn, arg, make_pool):
    return await run_in(make_pool, fn, arg)


@answer(RETRY, "same_pool")
async def again_in_the_same(fn, arg, make_pool):
    loop = asyncio.get_running_loop()
    async with make_pool() as executor:
        try:
            return await loop.run_in_executor(executor, fn, arg)
        except BrokenProcessPool:
            return await loop.run_in_executor(executor, fn, arg)


@answer(RETRY, "again_and_again")
async def for_ever(fn, arg, make_pool):
    while True:
        try:
            return await run_in(make_pool, fn, arg)
        except BrokenProcessPool:
            continue


@answer(RETRY, "swallowed")
async def gives_up_silently(fn, arg, make_pool):
    for _ in range(2):
        try:
            return await run_in(make_pool, fn, arg)
        except BrokenProcessPool:
            pass


@answer(RETRY, "retries_everything")
async def whatever_it_was(fn, arg, make_pool):
    try:
        return await run_in(make_pool, fn, arg)
    except Exception:
        return await run_in(make_pool, fn, arg)


@answer(RETRY, "not_in_a_worker")
async def the_second_time_here(fn, arg, make_pool):
    try:
        return await run_in(make_pool, fn, arg)
    except BrokenProcessPool:
        return fn(arg)


@answer(RETRY, "no_pool")
async def here(fn, arg, make_pool):
    try:
        return await asyncio.to_thread(fn, arg)
    except BrokenProcessPool:
        return await asyncio.to_thread(fn, arg)


@answer(RETRY, "spare_pool")
async def two_in_advance(fn, arg, make_pool):
    async with make_pool() as first, make_pool() as second:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(first, fn, arg)
        except BrokenProcessPool:
            return await loop.run_in_executor(second, fn, arg)


@answer(RETRY, "left_pools")
async def never_closed(fn, arg, make_pool):
    loop = asyncio.get_running_loop()
    try:
        return await loop.run_in_executor(make_pool(), fn, arg)
    except BrokenProcessPool:
        return await loop.run_in_executor(make_pool(), fn, arg)


@answer(RETRY, "waited_on_the_loop")
async def result_at_once(fn, arg, make_pool):
    try:
        with make_pool() as executor:
            return executor.submit(fn, arg).result()
    except BrokenProcessPool:
        with make_pool() as executor:
            return executor.submit(fn, arg).result()
