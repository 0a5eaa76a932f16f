"""What `explore` is given: controls as `interact` makes them, and clear words for the rest."""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import ipywidgets
import pytest

from hybrid_demo import explore
from hybrid_demo.explorer.controls import check_function, controls_for, told
from hybrid_demo.teaching.trouble import shown_error


async def serve(workers: int, size: int, fast: bool = False) -> None:
    """Stand in for a student's coroutine function."""


class Callable:
    """An object that is called like a coroutine function."""

    async def __call__(self, workers: int) -> None:
        """Do nothing."""


def test_ranges_make_the_controls_that_interact_makes() -> None:
    """A pair is a slider, a list a choice, a truth a box; each is named by its parameter."""
    controls = controls_for(serve, {"workers": (1, 8), "size": [10, 100], "fast": True})
    kinds = [type(control) for control in controls.values()]
    assert kinds == [ipywidgets.IntSlider, ipywidgets.Dropdown, ipywidgets.Checkbox]
    assert [control.description for control in controls.values()] == ["workers", "size", "fast"]
    assert (controls["workers"].min, controls["workers"].max) == (1, 8)
    assert controls["workers"].continuous_update is False


def test_a_parameter_with_a_default_needs_no_range() -> None:
    """What the function can do without, nobody has to give; a widget of one's own is taken."""
    own = ipywidgets.IntText(value=3, description="how many")
    controls = controls_for(serve, {"workers": own, "size": (1, 2)})
    assert controls["workers"] is own
    assert own.description == "how many"


@pytest.mark.parametrize(
    ("ranges", "error", "said"),
    [
        ({"workers": (1, 8)}, ValueError, r"serve\(\) needs 'size', and there is no range for it"),
        ({"worker": (1, 8), "size": 1}, ValueError, r"has no such parameter; it has 'workers'"),
        ({"workers": object(), "size": 1}, TypeError, r"the range of 'workers' is <object"),
        ({"workers": (8, 1), "size": 1}, TypeError, r"the range of 'workers' is \(8, 1\)"),
        ([("workers", (1, 8))], TypeError, r"expected a range for each parameter, by its name"),
        ({1: (1, 8)}, TypeError, r"expected a range for each parameter, by its name"),
        (None, TypeError, r"ranges is None"),
    ],
)
def test_ranges_that_do_not_fit_are_refused(ranges: Any, error: type[Exception], said: str) -> None:
    """The parameter is named, and what to write instead."""
    with pytest.raises(error, match=said):
        controls_for(serve, ranges)


def test_any_way_of_writing_a_coroutine_function_is_one() -> None:
    """A partial of one, and an object that is called like one."""
    for fn in (serve, functools.partial(serve, 1), Callable()):
        assert check_function(fn) is fn


@pytest.mark.parametrize("fn", [max, 5, None, lambda: None, "serve"])
def test_what_is_no_coroutine_function_is_refused(fn: object) -> None:
    """The words say how to make one."""
    with pytest.raises(TypeError, match=r"expected a coroutine function, one made by `async def`"):
        check_function(fn)


def test_a_coroutine_is_refused_and_leaves_no_warning() -> None:
    """Whoever wrote the brackets is told to leave them out."""
    with pytest.raises(TypeError, match=r"which runs only once; give the function itself"):
        check_function(serve(1, 2))


def test_without_a_loop_it_says_where_to_call_it() -> None:
    """Outside a notebook or a coroutine there is nothing to run on."""
    with pytest.raises(RuntimeError, match=r"needs a running event loop; call it in a notebook"):
        explore(serve, {"workers": (1, 8), "size": (1, 2)})


def test_a_goal_is_a_sentence() -> None:
    """Anything but text is refused."""

    async def main() -> None:
        with pytest.raises(TypeError, match=r"goal is 5; expected a sentence"):
            explore(serve, {"workers": (1, 8), "size": (1, 2)}, goal=5)  # type: ignore[arg-type]

    asyncio.run(main())


def test_values_are_told_as_they_are_written() -> None:
    """A run is known by its values; a choice with a name is called by it."""

    async def serve_somehow(workers: int, mode: str, how: object) -> None:
        """Do nothing."""

    ranges = {"workers": [4], "mode": ["pool"], "how": {"await it": len}}
    controls = controls_for(serve_somehow, ranges)
    assert told(controls) == "workers=4, mode='pool', how='await it'"


def test_an_error_is_shown_with_the_students_lines_only() -> None:
    """Frames of libraries and of ours are left out, and words are words, not markup."""
    cell = compile("async def divide(n):\n    return 1 / n\n", "<ipython-input-1>", "exec")
    space: dict[str, Any] = {}
    exec(cell, space)
    try:
        asyncio.run(asyncio.wait_for(space["divide"](0), 1))
    except ZeroDivisionError as error:
        html = shown_error(error)
    assert "ZeroDivisionError: division by zero" in html
    assert "in divide, line 2 of its cell" in html
    assert "runners.py" not in html
    assert "base_events.py" not in html
    assert "&lt;b&gt;" in shown_error(ValueError("<b>"))
