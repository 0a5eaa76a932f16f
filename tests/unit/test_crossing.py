"""The boundary rule: what cannot cross to a worker is refused where the student wrote it."""

import collections
import enum
import functools
import math
import operator
import sys
import types
from concurrent.futures.process import _process_chunk

import numpy as np
import pytest

from hybrid_demo import cpu_intensive_analysis
from hybrid_demo.crossing import check_crossing, main_script


async def handle_request(rid):
    """Stand in for a student's coroutine function."""
    return rid


async def stream(rid):
    """Stand in for a student's async generator function."""
    yield rid


class Model:
    """A class with methods of every kind."""

    def predict(self, rows):
        """Stand in for a method."""
        return rows

    @classmethod
    def load(cls, path):
        """Stand in for a class method."""
        return path

    @staticmethod
    def score(rows):
        """Stand in for a static method."""
        return rows

    def __call__(self, rows):
        """Stand in for a callable object."""
        return rows

    async def serve(self):
        """Stand in for a coroutine method."""
        return self


@pytest.fixture
def notebook(monkeypatch):
    """Return the main module of a made-up session that no worker could import."""
    main = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    return main


def in_cell(source, name):
    """Return what a cell with this source defines as `name`."""
    space = {"__name__": "__main__"}
    exec(source, space)
    return space[name]


@pytest.mark.parametrize(
    "fn",
    [
        cpu_intensive_analysis,
        math.sqrt,
        sum,
        str.upper,
        "text".upper,
        int,
        Model,
        Model().predict,
        Model.load,
        Model.score,
        Model(),
        np.sum,
        np.add,
        operator.itemgetter(0),
        functools.partial(cpu_intensive_analysis, 5),
        functools.partial(functools.partial(pow, 2), 3),
        functools.partial(_process_chunk, cpu_intensive_analysis),
        functools.lru_cache(math.sqrt),
    ],
)
def test_what_a_worker_can_run_crosses(fn):
    """Functions, builtins, methods, classes, callable objects and partials are let through."""
    check_crossing(
        fn, (1, "two", [3.0], np.zeros(3), {"a": Model()}), {"key": cpu_intensive_analysis}
    )


@pytest.mark.parametrize(
    "fn",
    [
        handle_request,
        stream,
        Model().serve,
        functools.partial(handle_request, 1),
        functools.partial(_process_chunk, handle_request),
    ],
)
def test_an_async_def_does_not_cross(fn):
    """TypeError says that a worker has no event loop and names the bridge."""
    with pytest.raises(
        TypeError, match=r"an `async def`; expected a regular function: .*run_in_ex"
    ):
        check_crossing(fn)


def test_a_coroutine_does_not_cross():
    """TypeError for `submit(handle_request(1))`, and for a coroutine among the arguments."""
    coroutine = handle_request(1)
    try:
        with pytest.raises(TypeError, match="a coroutine; expected a regular function"):
            check_crossing(coroutine)
        with pytest.raises(TypeError, match=r"an argument is .*Await it first"):
            check_crossing(print, (coroutine,))
        with pytest.raises(TypeError, match=r"an argument is .*Await it first"):
            check_crossing(print, (), {"key": coroutine})
    finally:
        coroutine.close()


def test_a_coroutine_function_crosses_as_an_argument():
    """A worker may be told which coroutine to run on a loop of its own."""
    check_crossing(Model.score, (handle_request,))


@pytest.mark.parametrize("result", [0.288, None, (1, 2), "analysis"])
def test_a_result_is_no_function(result):
    """TypeError for `submit(analysis(5))` says that the call ran here already."""
    with pytest.raises(TypeError, match="the call ran here already") as caught:
        check_crossing(result)
    assert repr(result) in str(caught.value)


def test_functions_without_a_name_of_their_own_do_not_cross():
    """ValueError for lambdas and inner functions, as the job or as an argument of it."""

    def inner():
        return 1

    for fn, what in [(lambda: 1, "a lambda"), (inner, "made inside another function")]:
        with pytest.raises(ValueError, match=f"the executor was given .*{what}; expected"):
            check_crossing(fn)
        with pytest.raises(ValueError, match=f"an argument is .*{what}; expected"):
            check_crossing(sorted, ([1],), {"key": fn})
        with pytest.raises(ValueError, match=what):
            check_crossing(functools.partial(_process_chunk, fn), (((1,),),))


CELL = """
import collections, enum, functools
def analysis(size): return size
cached = functools.lru_cache(analysis)
class Request:
    def answer(self): return 1
    def __call__(self): return 1
Row = collections.namedtuple("Row", "a", module="__main__")
class Wrong(Exception): pass
class Color(enum.Enum): RED = 1
class Own:
    def __reduce__(self): return (int, ())
request, row, wrong, red, own = Request(), Row(1), Wrong(), Color.RED, Own()
answer = request.answer
"""


@pytest.mark.parametrize("name", ["analysis", "cached", "Request", "request", "answer"])
def test_a_function_from_a_cell_does_not_cross(notebook, name):
    """ValueError says that workers cannot see the session, and names %%writefile."""
    fn = in_cell(CELL, name)
    for given in (fn, functools.partial(fn, 1), functools.partial(_process_chunk, fn)):
        with pytest.raises(ValueError, match=r"defined in a cell or at the prompt.*%%writefile"):
            check_crossing(given)


@pytest.mark.parametrize("name", ["analysis", "Request", "request", "row", "wrong", "red"])
def test_an_argument_from_a_cell_does_not_cross(notebook, name):
    """Objects of a class from a cell would break the pool, and are refused as well."""
    value = in_cell(CELL, name)
    with pytest.raises(ValueError, match=r"an argument is .*defined in a cell"):
        check_crossing(print, (value,))
    with pytest.raises(ValueError, match=r"an argument is .*defined in a cell"):
        check_crossing(functools.partial(_process_chunk, print), (((value,), (value,)),))


def test_an_argument_that_crosses_is_not_written_out():
    """The check costs the loop no time that grows with the argument."""

    class Large(list):
        def __repr__(self):
            raise AssertionError("written out")

    check_crossing(sum, (Large([1, 2]),))


def test_an_object_that_travels_in_its_own_way_crosses(notebook):
    """A class from a cell whose objects are pickled as something else is let through."""
    check_crossing(print, (in_cell(CELL, "own"),))


def test_functions_of_a_script_cross(notebook, tmp_path):
    """A worker imports the main script where it is a file or a module, and finds them there."""
    script = tmp_path / "script.py"
    script.write_text("")
    notebook.__file__ = str(script)
    check_crossing(in_cell(CELL, "analysis"))


@pytest.mark.parametrize(
    ("name", "file", "script"),
    [
        ("package.module", "anywhere", "package.module"),
        ("asyncio.__main__", "anywhere", ""),
        ("__main__", "anywhere", ""),
        (None, "<stdin>", ""),
        (None, None, ""),
    ],
)
def test_the_main_script_is_what_multiprocessing_takes_for_it(notebook, name, file, script):
    """A module run by -m is imported; a package's __main__, a prompt and standard input are not."""
    notebook.__spec__ = types.SimpleNamespace(name=name) if name else None
    if file:
        notebook.__file__ = file
    assert main_script() == script


def test_only_map_hands_over_chunks():
    """The name of map's chunk function still stands in concurrent.futures."""
    from hybrid_demo import crossing

    assert crossing._MAP_CHUNK is _process_chunk


def test_the_test_cell_is_as_a_cell():
    """The made-up cell's objects say that they are from __main__."""
    assert in_cell(CELL, "row").__module__ == "__main__"
    assert isinstance(in_cell(CELL, "red"), enum.Enum)
    assert isinstance(in_cell(CELL, "row"), tuple)
    assert collections.namedtuple("Row", "a").__module__ != "__main__"
