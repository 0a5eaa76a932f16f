"""Answers to what holds the loop."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from hybrid_demo import cpu_intensive_analysis, open_pool
from tests.process.practice_answers.table import RIGHT, answer

FREE, TURNS = "free_the_loop", "take_turns"


@answer(FREE, RIGHT)
async def wrapped(rid, size, executor):
    await asyncio.sleep(0.02)
    return rid, await asyncio.wrap_future(executor.submit(cpu_intensive_analysis, size))


@answer(FREE, RIGHT)
def a_task_from_a_plain_function(rid, size, executor):
    async def handle():
        loop = asyncio.get_running_loop()
        return (rid, *await asyncio.gather(loop.run_in_executor(executor, abs, 0))) and (
            rid,
            await loop.run_in_executor(executor, cpu_intensive_analysis, size),
        )

    return asyncio.create_task(handle())


@answer(FREE, "on_the_loop")
async def only_more_waiting(rid, size, executor):
    await asyncio.sleep(0.02)
    await asyncio.sleep(0)
    return rid, cpu_intensive_analysis(size)


@answer(FREE, "on_the_loop")
async def in_another_coroutine(rid, size, executor):
    async def compute():
        return cpu_intensive_analysis(size)

    await asyncio.sleep(0.02)
    return rid, await compute()


@answer(FREE, "in_threads")
async def in_a_thread(rid, size, executor):
    return rid, await asyncio.to_thread(cpu_intensive_analysis, size)


@answer(FREE, "in_threads")
async def in_a_pool_of_threads(rid, size, executor):
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(4) as threads:
        return rid, await loop.run_in_executor(threads, cpu_intensive_analysis, size)


@answer(FREE, "waited_on_the_loop")
async def result_at_once(rid, size, executor):
    await asyncio.sleep(0.02)
    return rid, executor.submit(cpu_intensive_analysis, size).result()


@answer(FREE, "raised")
async def called_too_early(rid, size, executor):
    loop = asyncio.get_running_loop()
    return rid, await loop.run_in_executor(executor, cpu_intensive_analysis(size))


@answer(FREE, "promises")
async def await_forgotten(rid, size, executor):
    loop = asyncio.get_running_loop()
    return rid, loop.run_in_executor(executor, cpu_intensive_analysis, size)


@answer(FREE, "wrong_answer")
async def request_forgotten(rid, size, executor):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(executor, cpu_intensive_analysis, size)


@answer(FREE, "plain_function")
def not_async(rid, size, executor):
    return rid, cpu_intensive_analysis(size)


@answer(FREE, "second_loop")
async def a_loop_in_the_loop(rid, size, executor):
    async def compute():
        return cpu_intensive_analysis(size)

    return rid, asyncio.run(compute())


@answer(FREE, "parameters")
async def a_parameter_too_few(rid, size):
    return rid, cpu_intensive_analysis(size)


@answer(FREE, "generator")
async def yields(rid, size, executor):
    yield rid, cpu_intensive_analysis(size)


@answer(FREE, "raised")
async def sends_a_lambda(rid, size, executor):
    loop = asyncio.get_running_loop()
    return rid, await loop.run_in_executor(executor, lambda: cpu_intensive_analysis(size))


@answer(FREE, "raised")
async def leaves_the_notebook(rid, size, executor):
    raise SystemExit


@answer(TURNS, RIGHT)
async def a_wait_that_is_over(sizes):
    done = []
    for size in sizes:
        done.append(cpu_intensive_analysis(size))
        await asyncio.sleep(0.0001)
    return sum(done)


@answer(TURNS, RIGHT)
async def one_task_after_another(sizes):
    async def chunk(size):
        return cpu_intensive_analysis(size)

    return sum([await asyncio.create_task(chunk(size)) for size in sizes])


@answer(TURNS, "in_one_go")
async def never(sizes):
    return sum(cpu_intensive_analysis(size) for size in sizes)


@answer(TURNS, "in_one_go")
async def once_before(sizes):
    await asyncio.sleep(0.05)
    return sum(cpu_intensive_analysis(size) for size in sizes)


@answer(TURNS, "in_one_go")
async def the_wrong_sleep(sizes):
    total = 0
    for size in sizes:
        total += cpu_intensive_analysis(size)
        time.sleep(0)
    return total


@answer(TURNS, "in_one_go")
async def an_await_that_does_not_suspend(sizes):
    async def chunk(size):
        return cpu_intensive_analysis(size)

    total = 0
    for size in sizes:
        total += await chunk(size)
    return total


@answer(TURNS, "in_one_go")
async def gathered(sizes):
    async def chunk(size):
        return cpu_intensive_analysis(size)

    return sum(await asyncio.gather(*[chunk(size) for size in sizes]))


@answer(TURNS, "too_rarely")
async def now_and_then(sizes):
    total = 0
    for number, size in enumerate(sizes):
        total += cpu_intensive_analysis(size)
        if number % 4 == 3:
            await asyncio.sleep(0)
    return total


@answer(TURNS, "elsewhere")
async def in_threads(sizes):
    return sum([await asyncio.to_thread(cpu_intensive_analysis, size) for size in sizes])


@answer(TURNS, "unawaited")
async def sleep_not_awaited(sizes):
    total = 0
    for size in sizes:
        total += cpu_intensive_analysis(size)
        asyncio.sleep(0)
    return total


@answer(TURNS, "wrong_answer")
async def returns_early(sizes):
    total = 0
    for size in sizes:
        total += cpu_intensive_analysis(size)
        await asyncio.sleep(0)
        return total


@answer(TURNS, "stuck")
async def counts_for_ever(sizes):
    done = 0
    while done < len(sizes):
        cpu_intensive_analysis(1_000)


@answer(FREE, "own_pools")
async def a_pool_of_its_own(rid, size, executor):
    loop = asyncio.get_running_loop()
    async with open_pool(1) as own:
        return rid, await loop.run_in_executor(own, cpu_intensive_analysis, size)
