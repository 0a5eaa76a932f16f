"""Names for functions, tasks and threads as a student would call them.

A task is noted by its names alone, never kept: a watch must not lengthen the
life of what it watches.
"""

from __future__ import annotations

import asyncio
import functools
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import process
from contextvars import Context
from typing import Any, NamedTuple

from ..given import as_text

_DEFAULT_TASK_NAME = re.compile(r"Task-(\d{1,18})")
_OF_THE_KERNEL = re.compile(r"[/\\](?:ipykernel|IPython)[/\\]")
_CHUNK = getattr(process, "_process_chunk", None)

THIS_CELL = "this cell"


class Actor(NamedTuple):
    """Who did something: a task by its own name and its coroutine's, or a thread."""

    name: str
    coroutine: str = ""

    @property
    def serial(self) -> int | None:
        """The number asyncio gave an unnamed task in order of creation, else None."""
        match = _DEFAULT_TASK_NAME.fullmatch(self.name)
        return int(match[1]) if match and self.coroutine else None


def function_name(fn: Any, args: tuple[Any, ...] = ()) -> str:
    """Return the name of the function that `fn` called with `args` comes down to."""
    while True:
        if isinstance(fn, functools.partial):
            fn, args = fn.func, (*fn.args, *args)
        elif args and isinstance(owner_of(fn), Context):
            fn, args = args[0], args[1:]  # Context.run(fn, *args), as to_thread submits it
        elif args and fn is _CHUNK and fn is not None:
            fn, args = args[0], args[1:]  # a chunk of Executor.map
        else:
            break
    name = _attribute(fn, "__name__")
    return as_text(name if isinstance(name, str) and name else type(fn).__name__)


def owner_of(callback: Any) -> Any:
    """Return the object whose method `callback` is; None if it is a plain function."""
    return _attribute(callback, "__self__")


def _attribute(thing: Any, name: str) -> Any:
    try:
        return getattr(thing, name, None)
    except Exception:  # the student's class may answer with any error
        return None


@functools.lru_cache
def _is_the_kernels(filename: str) -> bool:
    return _OF_THE_KERNEL.search(filename) is not None


def actor_of(task: Any) -> Actor:
    """Return what is noted of `task`, an asyncio task."""
    coroutine = task.get_coro()
    code = getattr(coroutine, "cr_code", None) or getattr(coroutine, "gi_code", None)
    if code is not None and _is_the_kernels(code.co_filename):
        return Actor(THIS_CELL)  # the kernel's own task, which runs the cell
    name = getattr(coroutine, "__name__", None) or type(coroutine).__name__
    return Actor(task.get_name(), str(name))


def current_actor(loop: asyncio.AbstractEventLoop | None) -> Actor:
    """Return who is running in this thread: `loop`'s current task, or else the thread."""
    task = asyncio.current_task(loop) if loop is not None else None
    return actor_of(task) if task is not None else Actor(threading.current_thread().name)


def callback_actor(callback: Callable[..., Any] | None) -> Actor:
    """Return whose step a loop's `callback` is: its task's, or else the plain function's."""
    owner = owner_of(callback)
    if isinstance(owner, asyncio.Future) and hasattr(owner, "get_coro"):
        return actor_of(owner)
    return Actor(function_name(callback))


def spoken(actors: Iterable[Actor]) -> dict[Actor, str]:
    """Return a name for each actor: an unnamed task's is its coroutine and its order.

    The order is that of creation among the tasks given, so that the fourth
    ``handle_request`` is ``"handle_request 3"`` whichever was seen first.
    """
    unnamed: defaultdict[str, dict[int, Actor]] = defaultdict(dict)
    names: dict[Actor, str] = {}
    for actor in actors:
        if actor.serial is None:
            names[actor] = actor.name
        else:
            unnamed[actor.coroutine][actor.serial] = actor
    for coroutine, tasks in unnamed.items():
        for order, serial in enumerate(sorted(tasks)):
            names[tasks[serial]] = f"{coroutine} {order}"
    return {actor: as_text(name) for actor, name in names.items()}
