"""The boundary rule: only regular functions that a worker can import cross to a worker.

It refuses in the student's own line what a process pool would accept, and then
answer from far away: by a broken pool, by an error about pickling that names no
cause, or by a coroutine nobody can await. It imports nothing of this package but
how a value is said back.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import process
from pathlib import Path
from types import AsyncGeneratorType, CoroutineType, FunctionType
from typing import Any

from .given import shown

# What Executor.map hands to submit: a chunk's function around the student's.
_MAP_CHUNK = getattr(process, "_process_chunk", None)
_BRIDGE = "await loop.run_in_executor(executor, fn, *args)"


def check_crossing(
    fn: Callable[..., Any], args: Iterable[Any] = (), kwargs: Mapping[str, Any] | None = None
) -> None:
    """Refuse a function or an argument that cannot cross to a worker process.

    Only what can be told for certain and at no cost is refused: the function,
    seen through ``partial`` and ``map``, and its arguments, not what lies in them.

    Raises:
        TypeError: `fn` is no function, or an ``async def``; or a coroutine is among the arguments.
        ValueError: a worker could not find the function, or an argument's class, by its name.
    """
    arguments = [*args, *(kwargs or {}).values()]
    while isinstance(fn, functools.partial):
        if fn.func is _MAP_CHUNK and fn.args:
            arguments = _first_of_chunk(arguments)
            fn = fn.args[0]
        else:
            arguments += [*fn.args, *fn.keywords.values()]
            fn = fn.func
    _check_function(fn)
    for value in arguments:
        _check_argument(value)


def _check_function(fn: Callable[..., Any]) -> None:
    if isinstance(fn, CoroutineType):
        raise TypeError(
            f"the executor was given {shown(fn)}, a coroutine; expected a regular function: "
            f"no coroutine crosses to a worker. Put the CPU work in a plain `def` function of "
            f"a module, and write `{_BRIDGE}` in the coroutine"
        )
    if not callable(fn):
        raise TypeError(
            f"the executor was given {shown(fn)}; expected a function. If that is a result, the "
            f"call ran here already: give the function and its arguments apart, `{_BRIDGE}`"
        )
    if inspect.iscoroutinefunction(fn) or inspect.isasyncgenfunction(fn):
        raise TypeError(
            f"the executor was given {shown(fn)}, an `async def`; expected a regular function: "
            f"workers have no event loop to run a coroutine on. Put the CPU work in a plain `def` "
            f"function of a module, and write `{_BRIDGE}` in the coroutine"
        )
    _check_name(fn, "the executor was given")


def _check_argument(value: Any) -> None:
    if isinstance(value, (CoroutineType, AsyncGeneratorType)):
        raise TypeError(
            f"an argument is {shown(value)}, a coroutine; expected plain data: no coroutine "
            "crosses to a worker. Await it first, and send the worker what it returned"
        )
    _check_name(value, "an argument is")


def _check_name(value: Any, given: str) -> None:
    """Refuse what travels by a name that means nothing in a worker.

    It is written out only to be refused: the loop would wait for the repr of a large argument.
    """
    if isinstance(value, FunctionType):
        if "<lambda>" in value.__qualname__:
            raise ValueError(
                f"{given} {value!r:.200}, a lambda; expected a function with a name, for it "
                "travels to the worker by its name: write it with `def` in a module, and import "
                "it here"
            )
        if "<locals>" in value.__qualname__:
            raise ValueError(
                f"{given} {value!r:.200}, made inside another function; expected one at the top "
                "level of a module, where a worker can import it: move its `def` there, and "
                "import it here"
            )
    if getattr(value, "__module__", None) != "__main__" or main_script():
        return
    for way in (type(value).__reduce_ex__, type(value).__reduce__):
        if getattr(way, "__module__", None) == "__main__":
            return  # its author made it travel in some way of its own
    raise ValueError(
        f"{given} {value!r:.200}, defined in a cell or at the prompt; expected something a worker "
        "can import, and workers cannot see this session: write it to a module (`%%writefile "
        "my_jobs.py` as the cell's first line), `from my_jobs import ...`, and open a new pool"
    )


def main_script() -> str:
    """Return what a worker imports as its main module: a name or a path; "" in a notebook.

    As multiprocessing decides it (spawn.py, get_preparation_data and the two _fixup_main).
    """
    main = sys.modules.get("__main__")
    name = getattr(getattr(main, "__spec__", None), "name", None)
    if name:
        return "" if name == "__main__" or name.endswith(".__main__") else str(name)
    path = str(getattr(main, "__file__", None) or "")
    return path if Path(path).is_file() else ""


def _first_of_chunk(arguments: list[Any]) -> list[Any]:
    """Return the arguments of the first call in map's chunk, as one for all."""
    chunk = arguments[0] if arguments else ()
    return list(chunk[0]) if isinstance(chunk, (tuple, list)) and chunk else []
