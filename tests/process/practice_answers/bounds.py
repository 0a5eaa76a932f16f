"""Answers about bounds."""

import asyncio

from hybrid_demo import cpu_intensive_analysis
from tests.process.practice_answers.table import RIGHT, answer

BOUND, CONSUMERS = "bound_in_flight", "n_consumers"


async def ask(size, executor):
    return await asyncio.get_running_loop().run_in_executor(executor, cpu_intensive_analysis, size)


@answer(BOUND, RIGHT)
async def by_workers_on_the_loop(sizes, executor, bound):
    answers, numbers = {}, iter(range(len(sizes)))

    async def work():
        for number in numbers:
            answers[number] = await ask(sizes[number], executor)

    await asyncio.gather(*[work() for _ in range(bound)])
    return [answers[number] for number in range(len(sizes))]


@answer(BOUND, RIGHT)
async def permits_given_back_by_callback(sizes, executor, bound):
    permits, futures = asyncio.Semaphore(bound), []
    loop = asyncio.get_running_loop()
    for size in sizes:
        await permits.acquire()
        future = loop.run_in_executor(executor, cpu_intensive_analysis, size)
        future.add_done_callback(lambda _: permits.release())
        futures.append(future)
    return await asyncio.gather(*futures)


@answer(BOUND, "unbounded")
async def all_at_once(sizes, executor, bound):
    return await asyncio.gather(*[ask(size, executor) for size in sizes])


@answer(BOUND, "unbounded")
async def a_box_for_each(sizes, executor, bound):
    async def analyse(size):
        async with asyncio.Semaphore(bound):
            return await ask(size, executor)

    return await asyncio.gather(*[analyse(size) for size in sizes])


@answer(BOUND, "unbounded")
async def the_permit_too_late(sizes, executor, bound):
    permits = asyncio.Semaphore(bound)
    loop = asyncio.get_running_loop()

    async def wait(future):
        async with permits:
            return await future

    futures = [loop.run_in_executor(executor, cpu_intensive_analysis, size) for size in sizes]
    return await asyncio.gather(*[wait(future) for future in futures])


@answer(BOUND, "unbounded")
async def a_bounded_queue(sizes, executor, bound):
    queue, futures = asyncio.Queue(maxsize=bound), []
    loop = asyncio.get_running_loop()
    for size in sizes:
        await queue.put(size)
        futures.append(loop.run_in_executor(executor, cpu_intensive_analysis, await queue.get()))
    return await asyncio.gather(*futures)


@answer(BOUND, "one_by_one")
async def awaited_in_a_loop(sizes, executor, bound):
    return [await ask(size, executor) for size in sizes]


@answer(BOUND, "too_few")
async def two_permits(sizes, executor, bound):
    permits = asyncio.Semaphore(2)

    async def analyse(size):
        async with permits:
            return await ask(size, executor)

    return await asyncio.gather(*[analyse(size) for size in sizes])


@answer(BOUND, "in_batches")
async def batch_after_batch(sizes, executor, bound):
    answers = []
    for first in range(0, len(sizes), bound):
        batch = sizes[first : first + bound]
        answers += await asyncio.gather(*[ask(size, executor) for size in batch])
    return answers


@answer(BOUND, "another_order")
async def as_they_come(sizes, executor, bound):
    permits = asyncio.Semaphore(bound)

    async def analyse(size):
        async with permits:
            return await ask(size, executor)

    done = [await each for each in asyncio.as_completed([analyse(size) for size in sizes])]
    return sorted(done) if done == sorted(done, reverse=True) else sorted(done, reverse=True)


@answer(BOUND, "never_ended")
async def permits_never_given_back(sizes, executor, bound):
    permits = asyncio.Semaphore(bound)

    async def analyse(size):
        await permits.acquire()
        return await ask(size, executor)

    return await asyncio.gather(*[analyse(size) for size in sizes])


@answer(CONSUMERS, RIGHT)
async def a_pill_for_each(job_queue, executor, consumers):
    answers = []
    for _ in range(consumers - 1):
        await job_queue.put(None)

    async def consume():
        while (size := await job_queue.get()) is not None:
            answers.append(await ask(size, executor))

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(consume())
    return answers


@answer(CONSUMERS, RIGHT)
async def cancelled_when_all_is_done(job_queue, executor, consumers):
    answers, ended = [], asyncio.Event()

    async def consume():
        while True:
            size = await job_queue.get()
            if size is None:
                ended.set()
            else:
                answers.append(await ask(size, executor))
            job_queue.task_done()

    tasks = [asyncio.create_task(consume()) for _ in range(consumers)]
    await ended.wait()
    await job_queue.join()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return answers


@answer(CONSUMERS, "still_waiting")
async def one_pill_for_all(job_queue, executor, consumers):
    answers = []

    async def consume():
        while (size := await job_queue.get()) is not None:
            answers.append(await ask(size, executor))

    await asyncio.gather(*[consume() for _ in range(consumers)])
    return answers


@answer(CONSUMERS, "left_tasks")
async def ends_with_the_first(job_queue, executor, consumers):
    answers, ended = [], asyncio.Event()

    async def consume():
        while (size := await job_queue.get()) is not None:
            answers.append(await ask(size, executor))
        ended.set()

    tasks = [asyncio.create_task(consume()) for _ in range(consumers)]
    await ended.wait()
    while len(answers) < 12:
        await asyncio.sleep(0.01)
    assert tasks
    return answers


@answer(CONSUMERS, "lost_jobs")
async def cancelled_under_way(job_queue, executor, consumers):
    answers = []

    async def consume():
        while (size := await job_queue.get()) is not None:
            answers.append(await ask(size, executor))

    tasks = [asyncio.create_task(consume()) for _ in range(consumers)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    return answers


@answer(CONSUMERS, "not_awaited")
async def handed_over_at_once(job_queue, executor, consumers):
    futures = []
    loop = asyncio.get_running_loop()

    async def consume():
        while (size := await job_queue.get()) is not None:
            futures.append(loop.run_in_executor(executor, cpu_intensive_analysis, size))
        await job_queue.put(None)

    await asyncio.gather(*[consume() for _ in range(consumers)])
    return await asyncio.gather(*futures)


@answer(CONSUMERS, "too_few")
async def one_consumer(job_queue, executor, consumers):
    answers = []
    while (size := await job_queue.get()) is not None:
        answers.append(await ask(size, executor))
    return answers


@answer(CONSUMERS, "pill_as_a_job")
async def until_it_is_empty(job_queue, executor, consumers):
    answers = []

    async def consume():
        while not job_queue.empty():
            answers.append(await ask(await job_queue.get(), executor))

    await asyncio.gather(*[consume() for _ in range(consumers)])
    return answers


@answer(CONSUMERS, "still_joining")
async def joins_without_reporting(job_queue, executor, consumers):
    answers = []

    async def consume():
        while (size := await job_queue.get()) is not None:
            answers.append(await ask(size, executor))
        await job_queue.put(None)

    await asyncio.gather(*[consume() for _ in range(consumers)])
    await job_queue.join()
    return answers
