"""A claim's figures are read from its cell, and nothing that matters is worked out twice."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from hybrid_demo.recording import Recording
from hybrid_demo.spans import Lag, LagSample
from hybrid_demo.teaching import claim
from hybrid_demo.teaching.figures import figures_of

QUICK = Recording(label="quick", duration_s=0.4, cpus=2, lag=Lag((LagSample(0.0, 0.005),)))
SLOW = Recording(label="slow", duration_s=1.2, cpus=2, lag=Lag((LagSample(0.0, 0.31),)))


def judged(key: str, condition: object) -> tuple[str, str]:
    """Stand in for `claim`: return what is told of the call that is being made."""
    source, figures, _ = figures_of(sys._getframe(1))
    return source, figures


def test_seconds_are_told_as_they_are_said() -> None:
    """Names that end in _s are times; a time divided by a number is still one."""
    source, figures = judged("5.3", QUICK.lag.max_s < SLOW.lag.max_s / 4)
    assert source == "QUICK.lag.max_s < SLOW.lag.max_s / 4"
    assert figures == "5 ms < 78 ms"
    assert judged("5.3", QUICK.lag.percentile(75) < SLOW.lag.percentile(75))[1].endswith(" ms")


def test_what_is_compared_with_a_time_is_told_as_one() -> None:
    """A figure typed in, or kept under a name that does not say it, has the other's unit."""
    longest = 0.0153
    assert judged("5.3", QUICK.lag.max_s < longest < 1)[1] == "5 ms < 15 ms < 1.00 s"


def test_a_quotient_of_two_times_is_a_plain_number() -> None:
    """A ratio has no unit."""
    assert judged("5.3", SLOW.duration_s / QUICK.duration_s > 2)[1] == "3 > 2"


def test_each_comparison_of_a_conjunction_is_told() -> None:
    """Two conditions give two figures, whole numbers as they are, chains in one piece."""
    peak, bound = 4, 10
    told = judged("5.3", peak <= bound and (0 < peak < bound and len("abc") == 3))
    assert told == (
        "peak <= bound and 0 < peak < bound and len('abc') == 3",
        "4 ≤ 10, 0 < 4 < 10, 3 = 3",
    )


def test_a_condition_given_by_name_is_told_too() -> None:
    """`claim("5.3", condition=...)` is the same call."""
    assert judged("5.3", condition=1 < 2)[1] == "1 < 2"


def test_nothing_that_might_change_something_is_worked_out_again() -> None:
    """A call of something unknown is made once, by the student's own line."""
    calls: list[int] = []

    def count() -> int:
        calls.append(1)
        return len(calls)

    assert judged("5.3", count() < 5) == ("", "")
    assert len(calls) == 1
    assert judged("5.3", calls.pop() < 5) == ("", "")


def test_what_compares_nothing_has_no_figures() -> None:
    """A plain truth, an `or`, or a figure that cannot be had again is told without figures."""
    fine = True
    assert judged("5.3", fine) == ("", "")
    assert judged("5.3", fine or 1 < 2) == ("", "")
    assert judged("5.3", _once().gone < 5) == ("", "")
    assert figures_of(None) == ("", "", False)


def _once() -> Any:
    return SimpleNamespace(gone=1)


def test_types_and_long_values_are_told_briefly() -> None:
    """A type by its name, anything long with its end cut off."""
    number = 1
    assert judged("5.3", type(number) == int)[1] == "int = int"  # noqa: E721
    long = list(range(100))
    figures = judged("5.3", long == long)[1]
    assert figures.startswith("[0, 1, 2,")
    assert len(figures) < 110


def test_a_verdict_carries_what_it_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures stand in the verdict, in its words, in its box and in what is collected."""
    monkeypatch.delenv("HYBRID_DEMO_TESTING", raising=False)
    verdict = claim("5.3", QUICK.lag.max_s < SLOW.lag.max_s / 4)
    assert verdict.figures == "5 ms < 78 ms"
    assert "Measured: 5 ms < 78 ms." in repr(verdict)
    bundle = verdict._bundle()
    assert "measured: 5 ms &lt; 78 ms" in bundle["text/html"]
    assert bundle["application/vnd.hybrid-demo.verdict+json"] == {
        "key": "5.3",
        "status": "held",
        "compared": "QUICK.lag.max_s < SLOW.lag.max_s / 4",
        "figures": "5 ms < 78 ms",
        "reason": "",
    }
