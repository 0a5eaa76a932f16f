"""Answers about a full house."""

import asyncio

from hybrid_demo import cpu_intensive_analysis
from tests.process.practice_answers.table import RIGHT, answer

SHED = "shed_at_once"


def handed_over(size, executor):
    return asyncio.get_running_loop().run_in_executor(executor, cpu_intensive_analysis, size)


@answer(SHED, RIGHT)
async def with_timeout(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    await places.acquire()
    future = executor.submit(cpu_intensive_analysis, size)
    job = asyncio.wrap_future(future)
    job.add_done_callback(lambda _: places.release())
    try:
        async with asyncio.timeout(deadline_s):
            return 200, await asyncio.shield(job)
    except TimeoutError:
        return 504, None


@answer(SHED, "waited_in_line")
async def waits_for_a_place(size, executor, places, deadline_s):
    try:
        async with places, asyncio.timeout(deadline_s):
            return 200, await handed_over(size, executor)
    except TimeoutError:
        return 504, None


@answer(SHED, "waited_in_line")
async def takes_it_a_turn_after_it_looked(size, executor, places, deadline_s):
    if places.locked():
        return 503, None

    async def run():
        async with places:
            return await handed_over(size, executor)

    job = asyncio.create_task(run())  # it takes a place when the whole crowd has looked
    done, _ = await asyncio.wait([job], timeout=deadline_s)
    return (200, job.result()) if done else (504, None)


@answer(SHED, "let_everybody_in")
async def only_looks(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    try:
        return 200, await asyncio.wait_for(handed_over(size, executor), deadline_s)
    except TimeoutError:
        return 504, None


@answer(SHED, "let_nobody_in")
async def the_wrong_way_round(size, executor, places, deadline_s):
    if not places.locked():
        return 503, None
    return 200, await handed_over(size, executor)


@answer(SHED, "too_late")
async def no_deadline(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    async with places:
        return 200, await handed_over(size, executor)


@answer(SHED, "raised_at_the_limit")
async def not_caught(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    async with places:
        return 200, await asyncio.wait_for(handed_over(size, executor), deadline_s)


@answer(SHED, "waited_anyway")
async def looks_at_the_clock(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    loop = asyncio.get_running_loop()
    until_s = loop.time() + deadline_s
    async with places:
        result = await handed_over(size, executor)
    return (200, result) if loop.time() < until_s else (504, None)


@answer(SHED, "freed_too_early")
async def the_client_gives_the_place_back(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    async with places:
        try:
            return 200, await asyncio.wait_for(handed_over(size, executor), deadline_s)
        except TimeoutError:
            return 504, None


@answer(SHED, "never_freed")
async def only_a_good_answer_frees(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    await places.acquire()
    try:
        result = await asyncio.wait_for(handed_over(size, executor), deadline_s)
    except TimeoutError:
        return 504, None
    places.release()
    return 200, result


@answer(SHED, "on_the_loop")
async def computes_here(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    async with places:
        return 200, cpu_intensive_analysis(size)


@answer(SHED, "waited_on_the_loop")
async def waits_with_the_thread(size, executor, places, deadline_s):
    if places.locked():
        return 503, None
    async with places:
        try:
            return 200, executor.submit(cpu_intensive_analysis, size).result(deadline_s)
        except TimeoutError:
            return 504, None
