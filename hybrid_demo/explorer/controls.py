"""Controls made from ranges, as ipywidgets' `interact` makes them, and checked against the code.

Imports nothing of this package but how a value is said back.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from ..given import shown

_RANGES = "expected (least, most), a list of choices, True or False, or text"
_EXAMPLE = 'explore(run, {"workers": (1, 8), "size": [10_000, 100_000]})'


def check_function(fn: object) -> Callable[..., Awaitable[object]]:
    """Return the coroutine function, or say what else was given.

    Raises:
        TypeError: it is no coroutine function.
    """
    inner = fn
    while isinstance(inner, functools.partial):
        inner = inner.func
    call = getattr(inner, "__call__", None)  # noqa: B004 - an object may have an async one
    if inspect.iscoroutinefunction(inner) or inspect.iscoroutinefunction(call):
        return fn  # type: ignore[return-value]
    if inspect.iscoroutine(fn):
        fn.close()
        raise TypeError(
            f"explore() was given {shown(fn)}, a coroutine, which runs only once; give the "
            f"function itself, without brackets, as in {_EXAMPLE}"
        )
    raise TypeError(
        f"explore() was given {shown(fn)}; expected a coroutine function, one made by `async def`, "
        f"as in {_EXAMPLE}"
    )


def controls_for(fn: Callable[..., object], ranges: object) -> dict[str, Any]:
    """Return a control for each range, by the parameter's name.

    Args:
        fn: the function that is to get the values.
        ranges: parameter -> abbreviation as for ``ipywidgets.interact``: (min, max) or
            (min, max, step) a slider, a list or a dict a choice, True or False a box,
            text a line of text; or a widget with a value.

    Raises:
        TypeError: `ranges` is no mapping, or one of them makes no control.
        ValueError: a range for a parameter that the function does not have, or none for
            one that it needs.
    """
    if not isinstance(ranges, Mapping) or not all(isinstance(name, str) for name in ranges):
        raise TypeError(
            f"ranges is {shown(ranges)}; expected a range for each parameter, by its name, as in "
            f"{_EXAMPLE}"
        )
    _check_names(fn, list(ranges))
    return {name: _control(name, abbreviation) for name, abbreviation in ranges.items()}


def _check_names(fn: Callable[..., object], names: list[str]) -> None:
    try:
        parameters = inspect.signature(fn).parameters
    except (TypeError, ValueError) as error:  # a partial with more than the function takes, say
        raise TypeError(
            f"{_named(fn)} cannot be called ({error}); give explore() a function that can"
        ) from error
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    for name in names:
        known = name in parameters and parameters[name].kind in (
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            inspect.Parameter.KEYWORD_ONLY,
        )
        if not known and not takes_any:
            raise ValueError(
                f"there is a range for {name!r}, and {_named(fn)} has no such parameter; "
                f"it has {', '.join(map(repr, parameters)) or 'none at all'}"
            )
    for name, each in parameters.items():
        if each.kind in (each.VAR_KEYWORD, each.VAR_POSITIONAL) or each.default is not each.empty:
            continue
        if name not in names:
            raise ValueError(
                f"{_named(fn)} needs {name!r}, and there is no range for it; add one, as in "
                f'{{"{name}": (1, 8)}}, or give the parameter a default'
            )


def _control(name: str, abbreviation: object) -> Any:
    try:
        control = ipywidgets.interactive.widget_from_abbrev(abbreviation)
    except Exception as error:  # traitlets' own, and those of whatever was given
        raise TypeError(
            f"the range of {name!r} is {shown(abbreviation)} ({error}); {_RANGES}"
        ) from error
    if control is None or not hasattr(control, "value"):
        raise TypeError(f"the range of {name!r} is {shown(abbreviation)}; {_RANGES}")
    if not control.description:
        control.description = name
    control.style.description_width = "initial"
    if hasattr(control, "continuous_update"):
        control.continuous_update = False
    return control


def _named(fn: Callable[..., object]) -> str:
    return f"{getattr(fn, '__name__', repr(fn))}()"


def told(controls: Mapping[str, Any]) -> str:
    """Return what controls are set to, as it is said: "workers=4, place='a pool'".

    A choice that its range gave a name, as in ``{"result()": handle_request_frozen}``,
    is called by it.
    """
    return ", ".join(f"{name}={_said(each)!r}" for name, each in controls.items())


def _said(control: Any) -> object:
    label = getattr(control, "label", None)
    return control.value if label is None or label == str(control.value) else label
