"""Recordings read back from files: every value is checked, because a file is somebody else's word.

It is JSON, of which nothing is ever run. What is no plain figure or text is refused
here, where the file and the place in it can be named, and not in some picture.
Imports the recording, its parts, and how values are said back.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NoReturn, TypeVar, get_args

from .given import as_number, is_text, shown
from .recording import Recording
from .spans import (
    Cause,
    ExecutorKind,
    Hold,
    InFlight,
    JobSpan,
    Lag,
    LagSample,
    Outcome,
    Pool,
    StepSeries,
    Visit,
)

T = TypeVar("T")
Check = Callable[[str, Any], T]  # given the value's place in the file, and the value

KIND = "hybrid_demo recording"
FORMAT = 1  # raised when an older hybrid_demo could no longer read what is written
_EXPECTED = "expected a file that Recording.save wrote"
_MOST_S = 1e9  # thirty years; beyond, axes and arithmetic mean nothing
_MOST_CPUS = 1_000_000
_MOST_COUNT = 10**12


def load(path: str | PathLike[str]) -> Recording:
    """Read a recording that ``save`` wrote.

    Raises:
        OSError: the file cannot be read.
        TypeError: `path` is no path.
        ValueError: it is damaged, of another kind, or of a newer format.
    """
    if not isinstance(path, (str, PathLike)):
        raise TypeError(f"path is {shown(path)}; expected a file's name, as in 'run.json'")
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        told = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ValueError(
            f"{str(path)!r} is no JSON ({told}); {_EXPECTED}; it may have been cut short, "
            "so copy or record it again"
        ) from None
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ValueError(f"{str(path)!r} is JSON, but not a recording; {_EXPECTED}")
    version = content.get("format")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ValueError(f"{str(path)!r} has the format {shown(version)}; {_EXPECTED}")
    if version > FORMAT:
        raise ValueError(
            f"{str(path)!r} has the format {shown(version)}, and this hybrid_demo reads up to "
            f"{FORMAT}; update hybrid_demo to read it"
        )
    try:
        return _recording(content)
    except (KeyError, TypeError, ValueError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ValueError(
            f"{str(path)!r} is damaged ({told}); {_EXPECTED}, so copy or record it again"
        ) from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _wrong(at: str, value: object, expected: str) -> ValueError:
    return ValueError(f"{at} is {shown(value)} and not {expected}")


def _text(at: str, value: object) -> str:
    if not isinstance(value, str) or not is_text(value):
        raise _wrong(at, value, "text")
    return value


def _flag(at: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(at, value, "true or false")
    return value


def _seconds(at: str, value: object) -> float:
    number = as_number(value)
    if number is None or not -_MOST_S <= number <= _MOST_S:
        raise _wrong(at, value, "seconds")
    return number


def _length(at: str, value: object) -> float:
    seconds = _seconds(at, value)
    if seconds < 0:
        raise _wrong(at, value, "0 seconds or more")
    return seconds


def _whole(least: int, most: int) -> Check[int]:
    def check(at: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _wrong(at, value, f"a whole number from {least} to {most}")
        return value

    return check


def _one_of(kind: Any) -> Check[Any]:
    def check(at: str, value: object) -> object:
        if value not in get_args(kind):
            raise _wrong(at, value, f"one of {', '.join(get_args(kind))}")
        return value

    return check


def _or_none(inner: Check[T]) -> Check[T | None]:
    return lambda at, value: None if value is None else inner(at, value)


def _list_of(inner: Check[T]) -> Check[tuple[T, ...]]:
    def check(at: str, value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise _wrong(at, value, "a list")
        return tuple(inner(f"{at}[{number}]", each) for number, each in enumerate(value))

    return check


def _part(kind: Callable[..., T], /, **fields: Check[Any]) -> Check[T]:
    """Return a check for a part of a recording, from those for its fields."""

    def check(at: str, value: object) -> T:
        if not isinstance(value, dict):
            raise _wrong(at, value, f"what is known of a {kind.__name__}")
        foreign = [name for name in value if name not in fields]
        if foreign:
            raise _wrong(f"a name in {at}", foreign[0], f"one of {', '.join(fields)}")
        return kind(**{name: fields[name](f"{at}.{name}", each) for name, each in value.items()})

    return check


def _sample(at: str, value: object) -> LagSample:
    if not isinstance(value, list) or len(value) != 2:
        raise _wrong(at, value, "a deadline and how late it was served")
    return LagSample(_seconds(at, value[0]), _length(at, value[1]))


def _series(at: str, series: StepSeries) -> StepSeries:
    times, depths = series.times_s, series.depths
    if not times or len(times) != len(depths):
        raise ValueError(f"{at} has {len(times)} times for {len(depths)} depths")
    if any(later < time for time, later in itertools.pairwise(times)):
        raise _wrong(f"{at}.times_s", times, "ascending")
    return series


_STEPS = {
    "name": _text,
    "times_s": _list_of(_seconds),
    "depths": _list_of(_whole(0, _MOST_COUNT)),
    "maxsize": _whole(-_MOST_COUNT, _MOST_COUNT),
}
_plain_steps = _part(StepSeries, **_STEPS)


def _steps(at: str, value: object) -> StepSeries:
    return _series(at, _plain_steps(at, value))


def _steps_by_name(at: str, value: object) -> Mapping[str, StepSeries]:
    if not isinstance(value, dict):
        raise _wrong(at, value, "a series for each pool")
    return {_text(at, name): _steps(f"{at}.{name}", each) for name, each in value.items()}


def _hold(at: str, value: object) -> Hold:
    hold = _part(Hold, name=_text, start_s=_seconds, stop_s=_seconds, cause=_one_of(Cause))(
        at, value
    )
    if hold.stop_s < hold.start_s:
        raise _wrong(f"{at}.stop_s", hold.stop_s, "its start or later")
    return hold


_job = _part(
    JobSpan,
    name=_text,
    by=_text,
    executor=_one_of(ExecutorKind),
    pool=_text,
    worker=_text,
    submitted_s=_seconds,
    started_s=_or_none(_seconds),
    finished_s=_or_none(_seconds),
    delivered_s=_or_none(_seconds),
    outcome=_one_of(Outcome),
    abandoned=_flag,
)
_pool = _part(
    Pool,
    name=_text,
    kind=_one_of(ExecutorKind),
    workers=_or_none(_whole(1, _MOST_CPUS)),
    start_method=_text,
)
_lag = _part(Lag, samples=_list_of(_sample))
_in_flight = _part(InFlight, **_STEPS, by_pool=_steps_by_name)
_visit = _part(Visit, arrived_s=_seconds, answered_s=_seconds)


def _recording(content: Mapping[str, Any]) -> Recording:
    def read(name: str, check: Check[T]) -> T:
        return check(name, content[name])

    in_flight = read("in_flight", _in_flight)
    _series("in_flight", in_flight)
    pools = read("pools", _list_of(_pool))
    jobs = read("jobs", _list_of(_job))
    known = {pool.name for pool in pools}
    for number, job in enumerate(jobs):
        if job.pool not in known:
            raise _wrong(f"jobs[{number}].pool", job.pool, "one of the recording's pools")
    return Recording(
        label=read("label", _text),
        duration_s=read("duration_s", _length),
        cpus=read("cpus", _whole(1, _MOST_CPUS)),
        jobs=jobs,
        holds=read("holds", _list_of(_hold)),
        lag=read("lag", _lag),
        queues=read("queues", _list_of(_steps)),
        in_flight=in_flight,
        pools=pools,
        notes=read("notes", _list_of(_text)),
        visits=_list_of(_visit)("visits", content.get("visits", [])),  # older files: none
        recorded=_text("recorded", content.get("recorded") or "earlier"),  # older name no day
    )
