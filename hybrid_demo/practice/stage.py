"""What is done to the process while an answer is tried, so that nothing of it gets loose.

It notes the tasks and pools that the student's code makes (and only those: they
are told by a context variable, which tasks and callbacks inherit), keeps what
it prints, and catches warnings and errors that would appear in some later cell.
All of it is restored when the trial ends. Imports the leaves of this room only.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import io
import re
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextvars import ContextVar, copy_context
from typing import Any

from ..instruments.sharing import is_watched
from .leftovers import NotedPool, note_pool
from .watchdog import Stuck

_MOST_PRINTED = 2_000  # characters
_TURNS = 5  # of the loop, in which what has just been cancelled may end
_CANCELS = 2
_GRACE_S = 0.3
_NEVER_AWAITED = re.compile(r"coroutine '(?:.*\.)?([^'.]+)' was never awaited")

_inside: ContextVar[object] = ContextVar("the trial that this code belongs to", default=None)


class Printed(io.StringIO):
    """Keeps the beginning of what is printed.

    Attributes:
        lost: characters that were printed after that.
    """

    lost = 0

    def write(self, text: str) -> int:
        """Keep the text, or count it."""
        room = max(0, _MOST_PRINTED - self.tell())
        super().write(text[:room])
        self.lost += max(0, len(text) - room)
        return len(text)


class Stage(contextlib.ExitStack):
    """Where an answer is tried.

    Attributes:
        tasks: every task that its code made, in their order.
        pools: every executor that its code made.
        printed: what it printed.
        complaints: errors that the loop was told of, because nobody awaited them.
    """

    _in_use = False  # what is done to a process can be undone in one order only

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.tasks: list[asyncio.Task[Any]] = []
        self.pools: list[NotedPool] = []
        self.printed = Printed()
        self.complaints: list[str] = []
        self._loop = loop
        self._warned: list[warnings.WarningMessage] = []

    def __enter__(self) -> Stage:
        if Stage._in_use:
            raise RuntimeError(
                "a check was begun while another one is under way; expected one at a time: await "
                "the first before the next"
            )
        if is_watched(self._loop):
            raise RuntimeError(
                "something else is being watched, and its jobs would be taken for your answer's. "
                "Does an explorer run? Wait until it is through, or press Stop in it; then run "
                "this cell again. (Nor may a `watch` stand around a check.)"
            )
        super().__enter__()
        Stage._in_use = True
        self.callback(setattr, Stage, "_in_use", False)
        loop = self._loop
        self.callback(loop.set_task_factory, loop.get_task_factory())
        loop.set_task_factory(self._make_task)
        self._handler = loop.get_exception_handler()
        self.callback(loop.set_exception_handler, self._handler)
        loop.set_exception_handler(self._on_error)
        for kind in (ProcessPoolExecutor, ThreadPoolExecutor):
            self._note_pools_of(kind)
        self.enter_context(contextlib.redirect_stdout(self.printed))
        self._warned = self.enter_context(warnings.catch_warnings(record=True))
        warnings.simplefilter("always")
        gc.collect()  # what earlier cells left un-awaited is not this answer's
        self._warned.clear()
        return self

    def start(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> asyncio.Task[Any]:
        """Start the trial's own task; everything it makes belongs to the trial."""
        context = copy_context()
        context.run(_inside.set, self)
        return self._loop.create_task(work(), name="your function", context=context)

    def is_here(self) -> bool:
        """Whether the code that asks, or that is interrupted by the question, is the trial's."""
        return _inside.get() is self

    @property
    def never_awaited(self) -> tuple[str, ...]:
        """The names of coroutines that were called and never awaited."""
        found = [_NEVER_AWAITED.search(str(warned.message)) for warned in self._warned]
        return tuple(match[1] for match in found if match)

    async def still_pending(self) -> list[asyncio.Task[Any]]:
        """Return the tasks that have not ended, after a few turns of the loop."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        return [task for task in self.tasks if not task.done()]

    async def end_tasks(self, beat: Callable[[], None], *, by_force: bool = False) -> None:
        """Cancel every task, a few times; by force, its coroutine is closed as well."""
        for _ in range(_CANCELS):
            pending = [task for task in self.tasks if not task.done()]
            for task in pending:
                task.cancel()
                if by_force:
                    with contextlib.suppress(Exception, Stuck):
                        _close(task)
            beat()
            if pending:
                await asyncio.wait(pending, timeout=_GRACE_S)
        for task in self.tasks:
            if task.done() and not task.cancelled():
                task.exception()  # seen; or the loop would complain in some later cell

    def _make_task(
        self, loop: asyncio.AbstractEventLoop, coro: Any, **options: Any
    ) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, **options)
        # The trial's own first task is made outside, in a context that is inside.
        context = options.get("context")
        if self.is_here() or (context is not None and context.get(_inside) is self):
            self.tasks.append(task)
        return task

    def _on_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, Stuck):
            return
        about = context.get("task") or context.get("future")
        if isinstance(about, asyncio.Task) and about not in self.tasks:
            (self._handler or asyncio.AbstractEventLoop.default_exception_handler)(loop, context)
            return
        told = f"{type(error).__name__}: {error}" if error is not None else context.get("message")
        self.complaints.append(str(told))

    def _note_pools_of(self, kind: type[Executor]) -> None:
        original: Any = kind.__init__

        @functools.wraps(original)
        def note(executor: Executor, *args: Any, **kwargs: Any) -> None:
            original(executor, *args, **kwargs)
            # The loop makes an executor of its own at the first to_thread, and keeps it.
            if self.is_here() and kwargs.get("thread_name_prefix") != "asyncio":
                pool = note_pool(executor)
                if pool is not None:
                    self.pools.append(pool)

        self.callback(setattr, kind, "__init__", original)
        setattr(kind, "__init__", note)  # noqa: B010 - a method, as the type checker says


def _close(task: asyncio.Task[Any]) -> None:
    """Throw GeneratorExit into a task that swallows every cancel."""
    coroutine: Any = task.get_coro()
    coroutine.close()


async def asked(answer: Callable[..., Any], *args: Any) -> Any:
    """Call the student's function and await what it returns.

    Raises:
        NotAwaitable: what it returned cannot be awaited.
        Quit: it raised what would end the kernel.
    """
    try:
        returned = answer(*args)
        if not isinstance(returned, Awaitable):
            raise NotAwaitable(returned)
        return await returned
    except (SystemExit, KeyboardInterrupt) as error:
        raise Quit(type(error).__name__) from error


class NotAwaitable(Exception):
    """The student's function returned at once."""

    def __init__(self, returned: object) -> None:
        super().__init__(returned)
        self.returned = returned


class Quit(Exception):
    """The student's function raised SystemExit or KeyboardInterrupt, which end an event loop."""
