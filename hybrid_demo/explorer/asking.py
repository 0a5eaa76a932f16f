"""`explore`: its input is checked, and a cell that runs again ends its explorer of before.

Imports the panel, its controls, and how a value is said back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..given import shown
from .controls import check_function, controls_for
from .panel import Explorer

_live: dict[str, Explorer] = {}  # by cell, until the kernel ends


def explore(
    fn: Callable[..., Awaitable[object]], ranges: Mapping[str, Any], *, goal: str = ""
) -> Explorer:
    """Make controls for a coroutine function of yours; a click runs it and draws what it did.

    Args:
        fn: a coroutine function; each run awaits it once, with the controls' values.
        ranges: for each parameter, what it may be, as for ``ipywidgets.interact``:
            ``(1, 8)`` a slider, ``[10, 100]`` a choice, ``True`` a box; or a widget of
            your own, which stays yours.
        goal: the question, or the target to reach; stands above the controls.

    Returns:
        The explorer; as a cell's last value it shows itself. Nothing runs before a click.

    Raises:
        TypeError: `fn` is no coroutine function, or a range makes no control.
        ValueError: ranges and parameters do not match.
        RuntimeError: no event loop is running here.
    """
    check_function(fn)
    if not isinstance(goal, str):
        raise TypeError(f"goal is {shown(goal)}; expected a sentence")
    controls = controls_for(fn, ranges)
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        raise RuntimeError(
            "explore() needs a running event loop; call it in a notebook's cell, or in a coroutine"
        ) from None
    lent = [each for name, each in controls.items() if each is ranges[name]]
    explorer = Explorer(fn, controls, goal, loop, lent)
    cell = _this_cell()
    if cell:
        if cell in _live:
            _live.pop(cell).close()
        _live[cell] = explorer
    return explorer


def _this_cell() -> str:
    """Return the id of the running cell; "" outside a notebook, or where it has none."""
    with contextlib.suppress(Exception):
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        parent = shell.get_parent()
        return str(parent["metadata"].get("cellId") or "")
    return ""
