"""Exercises about the bridge: wait for it rightly, send a function of your own, choose the layer.

Imports trials and findings.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ... import cpu_intensive_analysis
from ..findings import (
    Finding,
    differs,
    fault,
    own_pools,
    right,
    trouble,
    waited_on_the_loop,
    where,
)
from ..trial import Answer, Trial, attempt, lent_pool, size_of, together

_REQUESTS = 4
_LIBRARY_S = 0.06
_PRIMES = {10: 4, 100: 25, 2_000: 303}  # limit -> how many primes are below it


async def wait_rightly(answer: Answer) -> Finding:
    """Find whether a worker has the job, and the loop is free until the answer is back."""
    size = size_of(0.06)
    async with lent_pool(2) as executor:
        calls = [(rid, size, executor) for rid in range(_REQUESTS)]
        trial = await attempt(lambda: together(answer, calls), lent=[executor])
    return (
        _awaited_as_it_is(trial)
        or trouble(trial)
        or differs(trial, [(rid, cpu_intensive_analysis(size)) for rid in range(_REQUESTS)])
        or where(trial, _REQUESTS)
        or waited_on_the_loop(trial)
        or own_pools(trial)
        or right(trial)
    )


def _awaited_as_it_is(trial: Trial) -> Finding | None:
    """Return that the executor's own Future was given to asyncio; no job has raised that."""
    line = trial.lines[-1].text if trial.lines else ""
    jobs = trial.recording.jobs
    if (
        isinstance(trial.error, (TypeError, AttributeError))
        and jobs
        and all(job.outcome != "error" for job in jobs)
        and "await" in line
    ):
        return fault(trial, "awaited_as_it_is", line=line)
    return None


async def your_own_function(fn: Answer) -> Finding:
    """Find whether a function of the student's own module is run by a worker, and counts right."""
    module = sys.modules.get(fn.__module__)
    name = f"{getattr(fn, '__module__', '?')}.{getattr(fn, '__qualname__', '?')}"

    async def ask(limit: int, executor: Any) -> object:
        return await asyncio.get_running_loop().run_in_executor(executor, fn, limit)

    async with lent_pool(2) as executor:
        calls = [(limit, executor) for limit in _PRIMES]
        trial = await attempt(lambda: together(ask, calls), lent=[executor])
    if inspect.iscoroutinefunction(fn):
        return fault(trial, "async_function")
    if module is None or module.__name__ == "__main__":
        return fault(trial, "in_a_cell", name=getattr(fn, "__name__", "it"))
    if isinstance(trial.error, NotImplementedError):
        return fault(trial, "not_attempted")
    if isinstance(trial.error, NameError):
        return fault(trial, "not_in_the_module", error=str(trial.error))
    return (
        trouble(trial)
        or _returns_nothing(trial)
        or _counts_wrong(trial)
        or where(trial, len(_PRIMES))
        or right(trial, name=name, workers=" and ".join(trial.recording.workers()))
    )


def _returns_nothing(trial: Trial) -> Finding | None:
    return fault(trial, "returns_nothing") if trial.value == [None] * len(_PRIMES) else None


def _counts_wrong(trial: Trial) -> Finding | None:
    for (limit, expected), given in zip(_PRIMES.items(), trial.value, strict=True):
        if given != expected:
            return fault(trial, "counts_wrong", limit=limit, given=given, expected=expected)
    return None


class Request:
    """A request as ``three_layers`` gets it: it arrives, and asks a library that blocks.

    Attributes:
        asked_in: identifiers of the threads, in this process, that asked the library.
    """

    def __init__(self, rid: int, size: int) -> None:
        self.rid, self._size = rid, size
        self.asked_in: list[int] = []

    async def read(self) -> int:
        """Wait until the request has arrived, and return its data size."""
        await asyncio.sleep(0.02)
        return self._size

    def ask_library(self) -> str:
        """Ask a library that blocks, as a driver of a database does, and return its answer."""
        self.asked_in.append(threading.get_ident())
        time.sleep(_LIBRARY_S)
        return f"fact {self.rid}"


async def three_layers(answer: Answer) -> Finding:
    """Find whether waiting is left to the loop, blocking to threads, computing to processes."""
    size = size_of(0.06)
    requests = [Request(rid, size) for rid in range(_REQUESTS)]
    threads = ThreadPoolExecutor(_REQUESTS, thread_name_prefix="layer 2")
    try:
        async with lent_pool(2) as processes:
            calls = [(request, threads, processes) for request in requests]
            trial = await attempt(lambda: together(answer, calls), lent=[processes])
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
    result = cpu_intensive_analysis(size)
    return (
        trouble(trial)
        or differs(trial, [(f"fact {rid}", result) for rid in range(_REQUESTS)])
        or _library_layer(trial, requests)
        or model_layer(trial)
        or waited_on_the_loop(trial)
        or own_pools(trial)
        or right(trial)
    )


def _library_layer(trial: Trial, requests: list[Request]) -> Finding | None:
    """Judge by the thread that asked; a copy in another process leaves no trace here."""
    asked_in = {thread for request in requests for thread in request.asked_in}
    if threading.get_ident() in asked_in:
        return fault(trial, "library_on_the_loop")
    if not all(request.asked_in for request in requests):
        return fault(trial, "library_in_processes")
    return None


def model_layer(trial: Trial) -> Finding | None:
    """Return that the model did not run in worker processes, and where it ran."""
    if where(trial, _REQUESTS) is None:
        return None
    sent = sum(job.executor == "thread" for job in trial.recording.jobs)
    if sent > _REQUESTS:  # more than the library's; a quota may have held the loop as well
        return fault(trial, "model_in_threads")
    # One function may have been sent to a thread that asks and computes.
    held = trial.recording.held_s > trial.recording.duration_s / 3
    return fault(trial, "model_on_the_loop" if held else "model_in_threads")
