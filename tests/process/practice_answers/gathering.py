"""Answers about several answers."""

import asyncio

from hybrid_demo import cpu_intensive_analysis
from tests.process.practice_answers.table import RIGHT, answer

COME, BAD = "as_they_come", "one_bad_request"


@answer(COME, RIGHT)
async def by_callback(coroutines):
    answers = []
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    for task in tasks:
        task.add_done_callback(lambda done: answers.append(done.result()))
    await asyncio.gather(*tasks)
    await asyncio.sleep(0)
    return answers


@answer(COME, RIGHT)
async def through_a_queue(coroutines):
    done = asyncio.Queue()

    async def run(coroutine):
        done.put_nowait(await coroutine)

    async with asyncio.TaskGroup() as group:
        for coroutine in coroutines:
            group.create_task(run(coroutine))
    return [done.get_nowait() for _ in coroutines]


@answer(COME, "in_request_order")
async def gathered(coroutines):
    return await asyncio.gather(*coroutines)


@answer(COME, "in_request_order")
async def tasks_in_their_order(coroutines):
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    return [await task for task in tasks]


@answer(COME, "one_by_one")
async def awaited_in_a_loop(coroutines):
    return [await coroutine for coroutine in coroutines]


@answer(COME, "unawaited")
async def not_awaited(coroutines):
    return list(asyncio.as_completed(coroutines))


@answer(COME, "another_order")
async def backwards(coroutines):
    return [await done for done in asyncio.as_completed(coroutines)][::-1]


@answer(COME, "returned_early")
async def tasks_not_awaited(coroutines):
    answers = []
    for coroutine in coroutines:
        task = asyncio.create_task(coroutine)
        task.add_done_callback(lambda done: answers.append(done.result()))
    return answers


@answer(COME, "wrong_answer")
async def only_the_first(coroutines):
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return [task.result() for task in done]


@answer(COME, "raised")
async def waits_for_coroutines(coroutines):
    done, _ = await asyncio.wait(coroutines)
    return [task.result() for task in done]


async def ask(rid, size, executor):
    loop = asyncio.get_running_loop()
    return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)


@answer(BAD, RIGHT)
async def sorted_out_afterwards(requests, executor):
    asked = [ask(rid, size, executor) for rid, size in requests]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    return [
        (rid, None) if isinstance(given, Exception) else given
        for (rid, _), given in zip(requests, answers, strict=True)
    ]


@answer(BAD, RIGHT)
async def in_order_of_completion(requests, executor):
    async def handle(rid, size):
        try:
            return await ask(rid, size, executor)
        except (ValueError, TypeError):
            return rid, None

    return [await done for done in asyncio.as_completed([handle(*each) for each in requests])]


@answer(BAD, "error_returned")
async def errors_as_answers(requests, executor):
    asked = [ask(rid, size, executor) for rid, size in requests]
    return await asyncio.gather(*asked, return_exceptions=True)


@answer(BAD, "wrong_answer")
async def caught_around_all(requests, executor):
    try:
        return await asyncio.gather(*[ask(rid, size, executor) for rid, size in requests])
    except Exception:
        return None


@answer(BAD, "some_missing")
async def caught_around_all_with_a_list(requests, executor):
    answers = []
    try:
        for done in asyncio.as_completed([ask(rid, size, executor) for rid, size in requests]):
            answers.append(await done)
    except Exception:
        pass
    return answers


@answer(BAD, "lost_all")
async def one_kind_of_error(requests, executor):
    async def handle(rid, size):
        try:
            return await ask(rid, size, executor)
        except ValueError:
            return rid, None

    return await asyncio.gather(*[handle(rid, size) for rid, size in requests])


@answer(BAD, "one_by_one")
async def one_after_another(requests, executor):
    answers = []
    for rid, size in requests:
        try:
            answers.append(await ask(rid, size, executor))
        except Exception:
            answers.append((rid, None))
    return answers


@answer(BAD, "some_missing")
async def left_out(requests, executor):
    asked = [ask(rid, size, executor) for rid, size in requests]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    return [given for given in answers if not isinstance(given, Exception)]


@answer(BAD, "on_the_loop")
async def computed_here(requests, executor):
    answers = []
    for rid, size in requests:
        try:
            answers.append((rid, cpu_intensive_analysis(size)))
        except Exception:
            answers.append((rid, None))
    return answers
