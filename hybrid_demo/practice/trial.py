"""`attempt`: try an answer, whatever it does, and tell what it did.

The answer runs on the student's own loop, watched, as ordinary code. It is ended
if it does not end by itself, and nothing of it is left: no task, no process, no
pool, no warning. An Interrupt, or a cancel, ends it too, and is raised then.
Judging is not done here. Imports the stage and its leaves, instruments, errands.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ..errands import Errand
from ..instruments import watch
from ..machine import calibrate
from ..pools import WarmPool, open_pool
from ..recording import Recording
from ..teaching.trouble import StudentLine, lines_of
from .leftovers import NotedPool, Processes
from .patience import Patience
from .stage import Stage, asked
from .watchdog import Watchdog

PATIENCE_S = 4.0  # on an idle machine; every check's own work takes less than one
_POOL_STARTS = 4  # so many may have to be waited for in a trial, where a pool takes long to start
_BEAT_S = 0.1
HOLD_S = 0.003
_starts_s: list[float] = []

Answer = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What an answer did.

    Attributes:
        recording: what ``watch`` saw.
        value: what it returned.
        error: what it raised, without its traceback.
        lines: the student's lines that led to the error, the last one nearest to it.
        ended: whether it ended by itself.
        stuck: how many of its steps had to be ended, because they kept the loop.
        waiting: the student's lines in which what had not ended was waiting.
        left_tasks: tasks that were pending when it had ended.
        left_pools: pools of its own that were still open then.
        left_processes: other processes that were still running then.
        never_awaited: names of coroutines that it called and did not await.
        complaints: errors of its tasks that nobody awaited.
        printed: what it printed.
        busy: whether others used the CPUs meanwhile.
    """

    recording: Recording
    value: Any = None
    error: BaseException | None = None
    lines: tuple[StudentLine, ...] = ()
    ended: bool = True
    stuck: int = 0
    waiting: tuple[str, ...] = ()
    left_tasks: int = 0
    left_pools: int = 0
    left_processes: int = 0
    never_awaited: tuple[str, ...] = ()
    complaints: tuple[str, ...] = ()
    printed: str = ""
    busy: bool = False


async def attempt(
    work: Callable[[], Coroutine[Any, Any, Any]], *, lent: Sequence[Executor] = ()
) -> Trial:
    """Run the work, which calls the student's answer, and return what it did.

    Args:
        work: awaited once.
        lent: pools that the answer was given; jobs left in them are ended.
    """
    loop = asyncio.get_running_loop()
    patience = Patience(max(PATIENCE_S, _POOL_STARTS * await _pool_start_s()))
    processes = Processes()
    noted = [NotedPool(executor) for executor in lent]
    seen: dict[str, Any] = {}
    with Stage(loop) as stage, Watchdog(stage.is_here, patience) as watchdog:
        try:
            async with watch("your answer", hold_s=HOLD_S) as recording:
                task = stage.start(work)
                begun = perf_counter()
                while not task.done() and not patience.is_over(begun):
                    watchdog.beat()
                    await asyncio.wait([task], timeout=_BEAT_S)
            seen["ended"] = task.done()
        finally:
            clearing = functools.partial(_clear_up, stage, watchdog, processes, noted, seen)
            await _to_its_end(loop.create_task(clearing(), name="clearing up"))
        seen |= _outcome(task)
        _hush(seen.get("value"))
        del task  # a task keeps its error's frames, and they what was in hand
        stage.tasks.clear()
        gc.collect()  # what was never awaited says so when it is collected
        await asyncio.sleep(0)
    return Trial(
        recording=recording,
        stuck=watchdog.barked,
        never_awaited=stage.never_awaited,
        complaints=tuple(stage.complaints),
        printed=_told(stage),
        busy=patience.is_busy(),
        **seen,
    )


async def _pool_start_s() -> float:
    """Return how long a pool takes to start here; measured once in a session.

    Where it waits for a disk, or for a virus scanner, the CPUs look idle meanwhile.
    """
    if not _starts_s:
        begun = perf_counter()
        async with open_pool(1):
            _starts_s.append(perf_counter() - begun)
    return _starts_s[0]


async def together(answer: Answer, calls: Sequence[Sequence[Any]]) -> list[Any]:
    """Call the student's function for several requests at once, and return the answers in order.

    If one fails, the others are cancelled, and the first error is raised.
    """
    tasks: list[asyncio.Task[Any]] = []
    try:
        async with asyncio.TaskGroup() as group:
            for number, args in enumerate(calls):
                tasks.append(group.create_task(asked(answer, *args), name=f"request {number}"))
    except BaseExceptionGroup as errors:
        first = errors
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]
        raise first from None
    return [task.result() for task in tasks]


@contextlib.asynccontextmanager
async def lent_pool(workers: int) -> AsyncIterator[WarmPool]:
    """Open a warm pool for an answer; on leaving it waits for nothing."""
    pool = open_pool(workers)
    noted = NotedPool(pool)
    async with pool:
        try:
            yield pool
        finally:
            if noted.is_at_work:
                await Errand(lambda errand: noted.end()).awaited()


@functools.cache
def size_of(seconds: float) -> int:
    """Return the data size that takes that long here; measured once in a session."""
    return calibrate(seconds)


async def _clear_up(
    stage: Stage,
    watchdog: Watchdog,
    processes: Processes,
    lent: Sequence[NotedPool],
    seen: dict[str, Any],
) -> None:
    pending = await stage.still_pending()
    seen["waiting"] = tuple(line for line in map(_waits_in, pending) if line)
    seen["left_tasks"] = len(pending)
    await stage.end_tasks(watchdog.beat)
    seen["left_pools"] = sum(pool.is_open for pool in stage.pools)
    at_work = [pool for pool in lent if pool.is_at_work]

    def end_processes(errand: Errand) -> None:
        for pool in [*stage.pools, *at_work]:
            pool.end()
        seen["left_processes"] = processes.end_new(stage.pools)

    errand = asyncio.ensure_future(Errand(end_processes).awaited())
    while not errand.done():
        watchdog.beat()
        await asyncio.wait([errand], timeout=_BEAT_S)
    errand.result()
    await stage.end_tasks(watchdog.beat, by_force=True)  # their pools are gone by now


async def _to_its_end(task: asyncio.Task[None]) -> None:
    """Await a task that must not be left half done; a cancel is raised when it is."""
    cancel: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancel = error
    task.result()
    if cancel is not None:
        raise cancel


def _outcome(task: asyncio.Task[Any]) -> dict[str, Any]:
    """Return what came of the trial's task, and take the error from its frames."""
    if not task.done() or task.cancelled():
        error: BaseException | None = asyncio.CancelledError() if task.cancelled() else None
        return {"error": error}
    error = task.exception()
    if error is None:
        return {"value": task.result()}
    lines = lines_of(error)
    _forget_frames(error)
    return {"error": error, "lines": lines}


def _hush(value: object, depth: int = 2) -> None:
    """See to it that no future in a value complains, when it is gone, that nobody saw its error."""
    if isinstance(value, asyncio.Future) and not value.cancel() and not value.cancelled():
        value.exception()
    for each in value if depth and isinstance(value, (list, tuple, set)) else ():
        _hush(each, depth - 1)


def _forget_frames(error: BaseException) -> None:
    """Take an error from its frames, which would keep alive what the student's code had in hand."""
    error.__traceback__ = error.__cause__ = error.__context__ = None
    for each in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        _forget_frames(each)


def _waits_in(task: asyncio.Task[Any]) -> str:
    """Return the innermost of the student's own lines in which a task waits; "" if none."""
    coroutine: Any = task.get_coro()
    lines: list[StudentLine] = []
    while coroutine is not None and inspect.iscoroutine(coroutine):
        frame = coroutine.cr_frame
        if frame is not None:
            lines += lines_of((frame, frame.f_lineno))
        coroutine = coroutine.cr_await
    return lines[-1].text if lines else ""


def _told(stage: Stage) -> str:
    printed = stage.printed.getvalue()
    more = stage.printed.lost
    return f"{printed} … and {more} characters more" if more else printed
