"""Exercises about several answers: in which order they come, and when one of them fails.

Imports trials and findings.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from dataclasses import replace
from itertools import accumulate
from time import perf_counter
from typing import Any

from ... import cpu_intensive_analysis
from ..findings import (
    Finding,
    differs,
    fault,
    one_by_one,
    right,
    trouble,
    waited_on_the_loop,
    where,
)
from ..stage import asked
from ..trial import Answer, Trial, attempt, lent_pool, size_of

_LONG, _SHORT = 0.24, 0.03
_REQUESTS = 6
_TOGETHER_S = 0.03  # those done so soon after each other may come in either order


async def as_they_come(answer: Answer) -> Finding:
    """Find whether the answers stand in the order in which they were done."""
    done_at: dict[str, float] = {}
    async with lent_pool(2) as executor:

        async def handle_request(rid: int) -> str:
            size = size_of(_SHORT if rid else _LONG)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(executor, cpu_intensive_analysis, size)
            done_at[f"answer {rid}"] = perf_counter()
            return f"answer {rid}"

        async def work() -> object:
            coroutines = [handle_request(rid) for rid in range(_REQUESTS)]
            return await _awaiting_all(answer, coroutines)

        trial = await attempt(work, lent=[executor])
    names = [f"answer {rid}" for rid in range(_REQUESTS)]
    return (
        trouble(trial)
        or differs(trial, names, same=_same_answers(trial.value, names))
        or one_by_one(trial)
        or _order(trial, names, done_at)
        or right(trial, order=", ".join(trial.value))
    )


async def _awaiting_all(answer: Answer, coroutines: list[Coroutine[Any, Any, str]]) -> object:
    """Ask, and close what was not even started: its answer is missed anyway."""
    try:
        return await asked(answer, coroutines)
    finally:
        await asyncio.sleep(0)  # tasks that were just made begin now
        for coroutine in coroutines:
            if inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED:
                coroutine.close()


def _same_answers(value: object, names: list[str]) -> bool:
    return isinstance(value, (list, tuple)) and sorted(map(str, value)) == sorted(names)


def _order(trial: Trial, names: list[str], done_at: dict[str, float]) -> Finding | None:
    """Compare with the order in which they were done, as each of them noted it."""
    really = sorted(done_at, key=lambda name: done_at[name])
    order, truth = ", ".join(trial.value), ", ".join(really)
    seen = [done_at[name] for name in trial.value]
    early_s = max(
        before - moment for moment, before in zip(seen, accumulate(seen, max), strict=True)
    )
    if list(trial.value) == names:
        found = fault(trial, "in_request_order", order=order, really=truth)
        return replace(found, sure=early_s > _TOGETHER_S)  # or they were done in this very order
    return (
        fault(trial, "another_order", order=order, really=truth) if early_s > _TOGETHER_S else None
    )


async def one_bad_request(answer: Answer) -> Finding:
    """Find whether four are answered, all at once, when two fail, each in its own way."""
    size = size_of(_SHORT)
    sizes: dict[int, Any] = {rid: size for rid in range(_REQUESTS)}
    sizes[2], sizes[4] = -1, "many"
    async with lent_pool(2) as executor:
        requests = list(sizes.items())
        trial = await attempt(lambda: asked(answer, requests, executor), lent=[executor])
    good = cpu_intensive_analysis(size)
    expected = [(rid, None if rid in (2, 4) else good) for rid in sizes]
    return (
        _lost(trial)
        or trouble(trial)
        or _errors_among(trial)
        or _missing(trial, len(expected))
        or differs(trial, expected, same=_pairs(trial.value) == expected)
        or where(trial, 4)
        or waited_on_the_loop(trial)
        or one_by_one(trial)
        or right(trial)
    )


def _lost(trial: Trial) -> Finding | None:
    """Return that a job's own error came through, and took the other answers with it."""
    error = trial.error
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, (ValueError, TypeError)) or not str(error).startswith("data_size"):
        return None
    return fault(trial, "lost_all", kind=type(error).__name__)


def _errors_among(trial: Trial) -> Finding | None:
    value = trial.value if isinstance(trial.value, (list, tuple)) else []
    parts = [part for each in value for part in (each if isinstance(each, tuple) else (each,))]
    kinds = [type(part).__name__ for part in parts if isinstance(part, BaseException)]
    return fault(trial, "error_returned", kinds=" and a ".join(kinds)) if kinds else None


def _missing(trial: Trial, expected: int) -> Finding | None:
    value = trial.value
    if value is None:
        return fault(trial, "all_given_up", value=value)
    if isinstance(value, (list, tuple)) and len(value) < expected:
        return fault(trial, "some_missing", given=len(value), expected=expected)
    return None


def _pairs(value: Any) -> list[Any] | None:
    """Return the answers by request, whatever their order; None if they are no pairs."""
    try:
        return sorted(value, key=lambda pair: pair[0])
    except (TypeError, LookupError):
        return None
