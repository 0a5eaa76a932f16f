"""The fifteen misconceptions that the suite is made against: each is met, and named."""

from __future__ import annotations

import pytest

from hybrid_demo.practice.data import tasks
from hybrid_demo.teaching.data import beliefs, questions

# What students believe of concurrency, and our name for it.
FIFTEEN = {
    "async def makes code concurrent": "async-is-concurrent",
    "awaiting calls one after another overlaps them": "awaits-overlap",
    "gather helps blocking code": "gather-helps-blocking",
    "to_thread fixes CPU work": "threads-fix-cpu-work",
    "a pool makes one job faster": "pool-speeds-one-job",
    "more workers than CPUs is faster": "more-workers-are-faster",
    "workers exist as soon as the pool does": "workers-with-the-pool",
    "executor.submit can be awaited": "submit-is-awaitable",
    ".result() is harmless": "result-is-harmless",
    "coroutines, lambdas and cell functions can be sent": "anything-can-be-sent",
    "globals and arguments are shared with workers": "memory-is-shared",
    "a bounded queue bounds the backlog": "bounded-queue-bounds-all",
    "a pool per request is fine": "a-pool-per-request",
    "cancelling the await stops the worker": "cancel-stops-the-worker",
    "a worker can use the parent's loop": "worker-uses-our-loop",
}


def named() -> set[str]:
    """Return the beliefs that are told to whoever chose or wrote something wrong."""
    chosen = {option.belief for each in questions().values() for option in each.options.values()}
    written = {fault.belief for task in tasks().values() for fault in task.faults.values()}
    return chosen | written


@pytest.mark.parametrize("key", FIFTEEN.values(), ids=FIFTEEN)
def test_each_misconception_is_behind_a_wrong_answer(key: str) -> None:
    """A wrong option of a prediction, or a fault that an exercise finds, names it."""
    assert beliefs()[key] in named()


def test_no_belief_is_kept_for_nothing() -> None:
    """Whatever the data file holds is said to somebody."""
    assert set(beliefs().values()) <= named()
