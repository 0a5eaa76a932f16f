"""Answers about the bridge."""

import asyncio
import time

from hybrid_demo import cpu_intensive_analysis, open_pool
from tests.process.practice_answers import primes
from tests.process.practice_answers.table import RIGHT, answer

WAIT, LAYERS, OWN = "wait_rightly", "three_layers", "your_own_function"


@answer(WAIT, RIGHT)
async def over_the_bridge(rid, size, executor):
    loop = asyncio.get_running_loop()
    return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)


@answer(WAIT, RIGHT)
async def a_thread_waits(rid, size, executor):
    return rid, await asyncio.to_thread(executor.submit(cpu_intensive_analysis, size).result)


@answer(WAIT, RIGHT)
async def looks_now_and_then(rid, size, executor):
    future = executor.submit(cpu_intensive_analysis, size)
    while not future.done():
        await asyncio.sleep(0.005)
    return rid, future.result()


@answer(WAIT, "awaited_as_it_is")
async def awaited(rid, size, executor):
    return rid, await executor.submit(cpu_intensive_analysis, size)


@answer(WAIT, "awaited_as_it_is")
async def awaited_with_a_limit(rid, size, executor):
    future = executor.submit(cpu_intensive_analysis, size)
    return rid, await asyncio.wait_for(future, 5)


@answer(WAIT, "raised")
async def wrapped_with_an_argument_too_many(rid, size, executor):
    return rid, await asyncio.wrap_future(executor.submit(cpu_intensive_analysis, rid, size))


@answer(WAIT, "raised")
async def looks_for_the_loop_in_a_thread(rid, size, executor):
    def hand_over():
        return asyncio.get_running_loop().run_in_executor(executor, cpu_intensive_analysis, size)

    return rid, await (await asyncio.to_thread(hand_over))


@answer(WAIT, "waited_on_the_loop")
async def still_result(rid, size, executor):
    future = executor.submit(cpu_intensive_analysis, size)
    await asyncio.sleep(0)
    return rid, future.result(timeout=60)


@answer(WAIT, "asked_all_the_time")
async def asks_all_the_time(rid, size, executor):
    future = executor.submit(cpu_intensive_analysis, size)
    while not future.done():
        pass
    return rid, future.result()


@answer(WAIT, "waited_on_the_loop")
async def sleeps_with_the_thread(rid, size, executor):
    future = executor.submit(cpu_intensive_analysis, size)
    while not future.done():
        time.sleep(0.001)
    return rid, future.result()


@answer(WAIT, "promises")
async def wrapped_and_not_awaited(rid, size, executor):
    return rid, asyncio.wrap_future(executor.submit(cpu_intensive_analysis, size))


@answer(WAIT, "on_the_loop")
async def not_sent(rid, size, executor):
    return rid, cpu_intensive_analysis(size)


@answer(LAYERS, RIGHT)
async def with_to_thread(request, threads, processes):
    size = await request.read()
    future = asyncio.wrap_future(processes.submit(cpu_intensive_analysis, size))
    fact, result = await asyncio.gather(asyncio.to_thread(request.ask_library), future)
    return fact, result


@answer(LAYERS, "library_on_the_loop")
async def library_called(request, threads, processes):
    loop = asyncio.get_running_loop()
    size = await request.read()
    fact = request.ask_library()
    return fact, await loop.run_in_executor(processes, cpu_intensive_analysis, size)


@answer(LAYERS, "library_in_processes")
async def library_in_a_process(request, threads, processes):
    loop = asyncio.get_running_loop()
    size = await request.read()
    fact = await loop.run_in_executor(processes, request.ask_library)
    return fact, await loop.run_in_executor(processes, cpu_intensive_analysis, size)


@answer(LAYERS, "model_in_threads")
async def model_in_a_thread(request, threads, processes):
    loop = asyncio.get_running_loop()
    size = await request.read()
    fact = await loop.run_in_executor(threads, request.ask_library)
    return fact, await loop.run_in_executor(threads, cpu_intensive_analysis, size)


@answer(LAYERS, "model_on_the_loop")
async def model_called(request, threads, processes):
    loop = asyncio.get_running_loop()
    size = await request.read()
    fact = await loop.run_in_executor(threads, request.ask_library)
    return fact, cpu_intensive_analysis(size)


@answer(LAYERS, "own_pools")
async def a_pool_for_each_request(request, threads, processes):
    loop = asyncio.get_running_loop()
    size = await request.read()
    fact = await loop.run_in_executor(threads, request.ask_library)
    async with open_pool(1) as executor:
        return fact, await loop.run_in_executor(executor, cpu_intensive_analysis, size)


@answer(LAYERS, "wrong_answer")
async def read_in_a_worker(request, threads, processes):
    size = await request.read()
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(processes, cpu_intensive_analysis, size)


@answer(LAYERS, "unawaited")
async def reading_not_awaited(request, threads, processes):
    loop = asyncio.get_running_loop()
    size = request.read()
    fact = await loop.run_in_executor(threads, request.ask_library)
    return fact, await loop.run_in_executor(processes, cpu_intensive_analysis, size)


answer(OWN, RIGHT)(primes.by_sieve)
answer(OWN, "counts_wrong")(primes.counts_one)
answer(OWN, "counts_wrong")(primes.counts_the_limit)
answer(OWN, "returns_nothing")(primes.only_prints)
answer(OWN, "async_function")(primes.is_async)
answer(OWN, "not_in_the_module")(primes.needs_the_notebook)
answer(OWN, "broken_pool")(primes.crashes)
answer(OWN, "parameters")(primes.needs_nothing)
answer(OWN, "raised")(primes.divides_by_zero)


@answer(OWN, "in_a_cell")
def _in_a_cell(limit):
    return limit


_in_a_cell.__module__ = "__main__"


@answer(WAIT, "awaited_as_it_is")
async def waited_for_as_it_is(rid, size, executor):
    done, _ = await asyncio.wait([executor.submit(cpu_intensive_analysis, size)])
    return rid, done.pop().result()


@answer(LAYERS, "model_in_threads")
async def both_in_a_thread(request, threads, processes):
    size = await request.read()

    def both():
        return request.ask_library(), cpu_intensive_analysis(size)

    return await asyncio.to_thread(both)


answer(OWN, "counts_wrong")(primes.returns_a_list)
