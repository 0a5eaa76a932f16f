"""Strange input for tests: values of any type, text of any kind, recordings of anything."""

from __future__ import annotations

import contextlib
import math
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, settings, strategies as st

from hybrid_demo.recording import Hold, JobSpan, Lag, LagSample, Pool, Recording, StepSeries, Visit
from hybrid_demo.spans import in_flight_of, steps_of

# The same examples in every run, so that a red test is red again; and no limit in time, because
# the machine may be busy.
FIXED = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=30,
    phases=[Phase.explicit, Phase.generate],  # what is found is small; to shrink it takes minutes
    suppress_health_check=list(HealthCheck),
)
# What nobody who used the package should have to read in a traceback.
FROM_INSIDE = (
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    NameError,
    RecursionError,
    MemoryError,
)
MARKUP = '<img src=x onerror="alert(1)"><script>alert(1)</script></td></table>&amp;'
TEX = r"$x^2$ \(y\) \[z\] $$w$$ \frac{1}{2} costs $5 or $10"
LABELS = [
    MARKUP,
    TEX,
    "m" * 1000,
    "many words " * 100,
    "Ünïcödé 漢字 \u202eright to left\u202c 👩‍💻 \u0301\u200b",
    "line\nbreak\ttab \x00 \x1b[31mred",
    "{braces} %s %(x)s `code` **bold** _x_ 'quote\" \\",
    "9" * 5000,
    "Task-" + "9" * 5000,
]


class Unsayable:
    """An object of a student's that cannot be written out."""

    def __repr__(self) -> str:
        if sys._getframe(1).f_globals["__name__"].startswith("hypothesis"):
            return "Unsayable()"  # for a report of what went wrong
        raise RuntimeError("no words")


numbers = st.one_of(
    st.integers(-10, 100),
    st.floats(),
    st.sampled_from([10**400, -(10**400), Fraction(1, 3), Decimal("NaN"), Decimal("sNaN"), 1e308]),
    st.builds(pow, st.just(10), st.just(5000)),  # Python refuses to write it out
    st.sampled_from([np.float64(0.5), np.int64(3), np.array([1.0, 2.0]), np.array(0.5)]),
)
text = st.one_of(st.text(max_size=30), st.sampled_from([*LABELS, "\ud800", "5.3", "1"]))
anything: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    text,
    st.binary(max_size=5),
    st.lists(st.one_of(numbers, text), max_size=4),
    st.dictionaries(text, numbers, max_size=3),
    st.tuples(numbers, numbers),
    st.builds(object),
    st.builds(Unsayable),
    st.sampled_from([int, max, print, math, lambda: None, Recording, complex(1, 2), range(3), ...]),
)

# Of a recording by hand: not a likely one, but all of its parts are of their kinds.
_times = st.one_of(st.floats(0, 2), st.floats(0, 1e6), st.sampled_from([0.0, 5e-324, 1e9]))
_kinds = st.sampled_from(["process", "thread", "other"])
_names = st.one_of(st.sampled_from(["handle 0", "handle 1", "main 0", "", *LABELS]), st.text())
_any_pool = st.integers(0, 2)


@st.composite
def _jobs(draw: st.DrawFn, pools: tuple[Pool, ...]) -> JobSpan:
    pool = draw(st.sampled_from(pools))
    return JobSpan(
        name=draw(_names),
        by=draw(_names),
        executor=pool.kind,
        pool=pool.name,
        worker=draw(st.sampled_from(["", "1", "2", MARKUP])),
        submitted_s=draw(_times),
        started_s=draw(st.none() | _times),
        finished_s=draw(st.none() | _times),
        delivered_s=draw(st.none() | _times),
        outcome=draw(st.sampled_from(["ok", "error", "cancelled", "lost", "pending"])),
        abandoned=draw(st.booleans()),
    )


@st.composite
def _series(draw: st.DrawFn) -> StepSeries:
    changes = draw(st.lists(st.tuples(_times, st.integers(1, 10**6)), max_size=5))
    times, depths = steps_of(changes)
    maxsize = draw(st.integers(-1, 10**6))
    return StepSeries(name=draw(_names), times_s=times, depths=depths, maxsize=maxsize)


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Return recordings that may hold anything that its parts allow."""
    kinds = draw(st.lists(_kinds, max_size=3))
    pools = tuple(
        Pool(name=f"{kind} pool {at}", kind=kind, workers=draw(st.none() | st.integers(1, 61)))
        for at, kind in enumerate(kinds)
    )
    jobs = draw(st.lists(_jobs(pools), max_size=6)) if pools else []
    jobs.sort(key=lambda job: job.submitted_s)
    edges = draw(st.lists(st.tuples(_times, _times).map(sorted), max_size=4))
    causes = st.sampled_from(["computing", "not running"])
    samples = draw(st.lists(st.tuples(_times, _times), max_size=6))
    visits = draw(st.lists(st.tuples(_times, _times).map(sorted), max_size=3))
    return Recording(
        label=draw(_names),
        duration_s=draw(_times),
        cpus=draw(st.integers(1, 64)),
        jobs=tuple(jobs),
        holds=tuple(
            Hold(name=draw(_names), start_s=start, stop_s=stop, cause=draw(causes))
            for start, stop in edges
        ),
        lag=Lag(tuple(LagSample(*sample) for sample in sorted(samples))),
        queues=tuple(draw(st.lists(_series(), max_size=2))),
        in_flight=in_flight_of(jobs, pools),
        pools=pools,
        notes=tuple(draw(st.lists(_names, max_size=2))),
        visits=tuple(Visit(arrived_s=came, answered_s=went) for came, went in visits),
    )


@contextlib.contextmanager
def answered_or_told(*allowed: type[Exception]) -> Iterator[None]:
    """Let a ValueError or a TypeError pass that tells what was expected; nothing else.

    Args:
        allowed: errors that may come besides, in whatever words.
    """
    try:
        yield
    except allowed:
        pass
    except (TypeError, ValueError) as error:
        told = str(error)
        assert len(told) < 2000, "an error as long as a book"
        assert any(word in told for word in ("expected", "give", "known keys", "it has")), told


def called(fn: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """Call it, and return what it returns, or None if it told what was wrong."""
    with answered_or_told():
        return fn(*args, **more)
