"""Answers about the life of an executor."""

import asyncio
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

from hybrid_demo import cpu_intensive_analysis, open_pool
from hybrid_demo.machine import start_method
from tests.process.practice_answers.table import RIGHT, answer

SHARE, CLOSE = "share_one_pool", "close_without_holding"


async def ask(rid, size, executor):
    loop = asyncio.get_running_loop()
    return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)


@answer(SHARE, RIGHT)
async def a_plain_pool_in_a_group(requests):
    context = multiprocessing.get_context(start_method())
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(ask(rid, size, executor)) for rid, size in requests]
        return [task.result() for task in tasks]


@answer(SHARE, "many_pools")
async def still_for_each(requests):
    async def handle_request(rid, size):
        async with open_pool(1) as executor:
            answers = await asyncio.gather(ask(rid, size, executor))
        return answers[0]

    return await asyncio.gather(*[handle_request(rid, size) for rid, size in requests])


@answer(SHARE, "many_pools")
async def for_each_in_a_loop(requests):
    answers = []
    for rid, size in requests:
        async with open_pool(1) as executor:
            answers.append(await ask(rid, size, executor))
    return answers


@answer(SHARE, "one_by_one")
async def awaited_in_a_loop(requests):
    async with open_pool(2) as executor:
        return [await ask(rid, size, executor) for rid, size in requests]


@answer(SHARE, "left_pools")
async def never_closed(requests):
    executor = open_pool(2)
    return await asyncio.gather(*[ask(rid, size, executor) for rid, size in requests])


@answer(SHARE, "in_threads")
async def one_pool_of_threads(requests):
    with ThreadPoolExecutor(2) as executor:
        return await asyncio.gather(*[ask(rid, size, executor) for rid, size in requests])


@answer(SHARE, "on_the_loop")
async def no_pool(requests):
    return [(rid, cpu_intensive_analysis(size)) for rid, size in requests]


@answer(SHARE, "waited_on_the_loop")
async def results_in_order(requests):
    async with open_pool(2) as executor:
        futures = [(rid, executor.submit(cpu_intensive_analysis, size)) for rid, size in requests]
        return [(rid, future.result()) for rid, future in futures]


@answer(SHARE, "unawaited")
async def handlers_not_awaited(requests):
    async with open_pool(2) as executor:
        return [ask(rid, size, executor) for rid, size in requests]


@answer(SHARE, "raised")
async def closed_too_soon(requests):
    async with open_pool(2) as executor:
        handlers = [ask(rid, size, executor) for rid, size in requests]
    return await asyncio.gather(*handlers)


@answer(CLOSE, RIGHT)
async def left_as_a_context(executor):
    async with executor:
        pass


@answer(CLOSE, RIGHT)
async def by_a_pool_of_threads(executor):
    with ThreadPoolExecutor(1) as threads:
        await asyncio.get_running_loop().run_in_executor(threads, executor.shutdown)


@answer(CLOSE, "held_until_done")
async def by_itself(executor):
    executor.shutdown()


@answer(CLOSE, "held_until_done")
async def left_as_a_plain_context(executor):
    with executor:
        await asyncio.sleep(0)


@answer(CLOSE, "not_waited")
async def told_and_gone(executor):
    executor.shutdown(wait=False)


@answer(CLOSE, "cancelled_jobs")
async def thrown_away(executor):
    await asyncio.to_thread(executor.shutdown, cancel_futures=True)


@answer(CLOSE, "not_closed")
async def only_waited(executor):
    await asyncio.sleep(0.01)


@answer(CLOSE, "unawaited")
async def thread_not_awaited(executor):
    asyncio.to_thread(executor.shutdown)


@answer(CLOSE, "sent_to_itself")
async def sent_to_a_worker(executor):
    await asyncio.get_running_loop().run_in_executor(executor, executor.shutdown)


@answer(CLOSE, "raised")
async def awaited_a_plain_function(executor):
    await executor.shutdown(wait=False)


@answer(CLOSE, "stuck")
async def waits_in_c(executor):
    await asyncio.to_thread(executor.shutdown)
    time.sleep(1_000)
