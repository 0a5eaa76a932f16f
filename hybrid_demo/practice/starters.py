"""What the notebooks begin with where an exercise is to be repaired, not to be made.

A check compares with it, so that an answer nobody has begun is not called wrong.
A test holds that the notebooks' cells are the same. It computes on the loop, makes
a pool for every request, loses answers and writes them twice, as the exercises say.
"""
# mypy: disable-error-code="no-untyped-def, no-untyped-call"

from __future__ import annotations

import asyncio
import dis
from types import CodeType
from typing import Any

from .. import cpu_intensive_analysis, open_pool


async def free_the_loop(rid, size, executor):
    """Compute on the loop."""
    await asyncio.sleep(0.02)  # the request arrives
    return rid, cpu_intensive_analysis(size)


async def share_one_pool(requests):
    """Make a pool for every request."""
    loop = asyncio.get_running_loop()

    async def handle_request(rid, size):
        async with open_pool(1) as executor:
            return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)

    return await asyncio.gather(*[handle_request(rid, size) for rid, size in requests])


async def one_bad_request(requests, executor):
    """Lose all answers to one error."""
    loop = asyncio.get_running_loop()

    async def handle_request(rid, size):
        return rid, await loop.run_in_executor(executor, cpu_intensive_analysis, size)

    return await asyncio.gather(*[handle_request(rid, size) for rid, size in requests])


async def wait_rightly(rid, size, executor):
    """Wait with the loop's own thread."""
    future = executor.submit(cpu_intensive_analysis, size)
    return rid, future.result()


def note_once(rid, size, ledger):
    """Write a new row at every run."""
    result = cpu_intensive_analysis(size)
    ledger[len(ledger)] = rid, result  # a new row at the end
    return result


STARTERS: dict[str, Any] = {
    starter.__name__: starter
    for starter in (free_the_loop, share_one_pool, one_bad_request, wait_rightly, note_once)
}


def is_untouched(answer: object, name: str) -> bool:
    """Whether an answer is still what its notebook began with: the starter, or nothing at all."""
    code = getattr(answer, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    begun_with: list[Any] = [_nothing, _nothing_regular]
    begun_with += [STARTERS[name]] if name in STARTERS else []
    return any(_steps(code) == _steps(each.__code__) for each in begun_with)


def _steps(code: CodeType) -> list[tuple[str, Any]]:
    """Return what a function does step by step: not its name, its place, or its docstring.

    Nor what depends on whether a module it uses is imported in the same file or cell.
    """
    return [
        (step.opname.replace("LOAD_METHOD", "LOAD_ATTR"), _what(step))
        for step in dis.get_instructions(code)
        if step.opname not in ("NOP", "PUSH_NULL")
    ]


def _what(step: dis.Instruction) -> Any:
    if step.opcode in dis.hasjrel or step.opcode in dis.hasjabs:
        return None  # how far to jump
    return _steps(step.argval) if isinstance(step.argval, CodeType) else step.argval


async def _nothing() -> None:
    """Do nothing, as ``...`` and ``pass`` do."""


def _nothing_regular() -> None:
    """Do nothing, as ``...`` and ``pass`` do."""
