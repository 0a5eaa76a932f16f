"""Recordings as files: JSON to keep them, Trace Event Format to open them in Perfetto."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .recording import Recording
from .spans import Hold, InFlight, JobSpan, Lag, LagSample, Pool, StepSeries, Visit

KIND = "hybrid_demo recording"
FORMAT = 1  # raised when an older hybrid_demo could no longer read what is written


def save(recording: Recording, path: str | os.PathLike[str]) -> Path:
    """Write `recording` as JSON, whole or not at all, and return the path."""
    content = {"kind": KIND, "format": FORMAT}
    for name in Recording.__dataclass_fields__:
        content[name] = _plain(getattr(recording, name))
    content["recorded"] = recording.recorded or time.strftime("%Y-%m-%d")
    return _write_whole(Path(path), json.dumps(content, separators=(",", ":"), allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Lag):
        return {"samples": [[*sample] for sample in value.samples]}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def load(path: str | os.PathLike[str]) -> Recording:
    """Read a recording that ``save`` wrote.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, of another kind, or of a newer format.
    """
    path = Path(path)
    expected = "expected a file that Recording.save wrote"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f"{str(path)!r} is no JSON ({error}); {expected}; it may have been cut short, "
            "so copy or record it again"
        ) from error
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ValueError(f"{str(path)!r} is JSON, but not a recording; {expected}")
    version = content.get("format")
    if not isinstance(version, int) or version < 1:
        raise ValueError(f"{str(path)!r} has the format {version!r}; {expected}")
    if version > FORMAT:
        raise ValueError(
            f"{str(path)!r} has the format {version}, and this hybrid_demo reads up to "
            f"{FORMAT}; update hybrid_demo to read it"
        )
    try:
        return _recording(content)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            f"{str(path)!r} is damaged ({type(error).__name__}: {error}); {expected}, "
            "so copy or record it again"
        ) from error


def _recording(content: Mapping[str, Any]) -> Recording:
    in_flight = dict(content["in_flight"])
    by_pool = {name: _steps(each) for name, each in in_flight.pop("by_pool").items()}
    samples = content["lag"]["samples"]
    return Recording(
        label=str(content["label"]),
        duration_s=float(content["duration_s"]),
        cpus=int(content["cpus"]),
        jobs=tuple(JobSpan(**job) for job in content["jobs"]),
        holds=tuple(Hold(**hold) for hold in content["holds"]),
        lag=Lag(tuple(LagSample(float(due), float(late)) for due, late in samples)),
        queues=tuple(_steps(queue) for queue in content["queues"]),
        in_flight=InFlight(**_tuples(in_flight), by_pool=by_pool),
        pools=tuple(Pool(**pool) for pool in content["pools"]),
        notes=tuple(str(note) for note in content["notes"]),
        visits=tuple(Visit(**each) for each in content.get("visits", ())),  # older files: none
        recorded=str(content.get("recorded") or "earlier"),  # older files name no day
    )


def _steps(content: Mapping[str, Any]) -> StepSeries:
    return StepSeries(**_tuples(content))


def _tuples(content: Mapping[str, Any]) -> dict[str, Any]:
    times, depths = content["times_s"], content["depths"]
    if len(times) != len(depths):
        raise ValueError(f"{len(times)} times for {len(depths)} depths")
    return {**content, "times_s": tuple(map(float, times)), "depths": tuple(map(int, depths))}


def save_chrome_trace(recording: Recording, path: str | os.PathLike[str]) -> Path:
    """Write `recording` in the Trace Event Format and return the path.

    The loop is one track, each worker one, jobs waiting for a worker are
    asynchronous slices; lag, queue depths and jobs in flight are counters.
    Source: "Trace Event Format", the Chromium project.
    """
    trace = {"traceEvents": list(_events(recording)), "displayTimeUnit": "ms"}
    return _write_whole(Path(path), json.dumps(trace, separators=(",", ":"), allow_nan=False))


def _events(recording: Recording) -> Iterator[dict[str, Any]]:
    def named(what: str, track: int, name: str) -> dict[str, Any]:
        return {"ph": "M", "pid": 1, "tid": track, "name": what, "args": {"name": name}}

    def slice_of(track: int, name: str, start_s: float, stop_s: float, **args: Any) -> Any:
        span = {"ts": start_s * 1e6, "dur": max(0.0, stop_s - start_s) * 1e6}
        return {"ph": "X", "pid": 1, "tid": track, "name": name, **span, "args": args}

    def counter(name: str, time_s: float, value: float) -> dict[str, Any]:
        return {"ph": "C", "pid": 1, "ts": time_s * 1e6, "name": name, "args": {"value": value}}

    yield named("process_name", 0, recording.label or "recording")
    yield named("thread_name", 0, "event loop")
    tracks: dict[tuple[str, str], int] = {}
    for pool in recording.pools:
        for worker in recording.workers(pool.name):
            tracks[pool.name, worker] = len(tracks) + 1
            yield named("thread_name", len(tracks), f"{pool.name}: worker {worker}")
    for hold in recording.holds:
        yield slice_of(0, hold.name, hold.start_s, hold.stop_s, cause=hold.cause)
    end = recording.duration_s
    for number, job in enumerate(recording.jobs):
        title = f"{job.by}: {job.name}"
        if job.started_s is not None:
            stop = _first_known(job.finished_s, job.delivered_s, end)
            track = tracks[job.pool, job.worker]
            yield slice_of(track, title, job.started_s, stop, outcome=job.outcome)
        waited_until = _first_known(job.started_s, job.delivered_s, end)
        common = {"pid": 1, "tid": 0, "cat": "waiting", "id": number, "name": title}
        yield {"ph": "b", "ts": job.submitted_s * 1e6, **common}
        yield {"ph": "e", "ts": waited_until * 1e6, **common}
    for number, visit in enumerate(recording.visits):
        common = {"pid": 1, "tid": 0, "cat": "visit", "id": number, "name": "you"}
        yield {"ph": "b", "ts": visit.arrived_s * 1e6, **common}
        yield {"ph": "e", "ts": visit.answered_s * 1e6, **common}
    for deadline_s, late_s in recording.lag.samples:
        yield counter("lag (ms)", deadline_s, late_s * 1000)
    for series in (*recording.queues, recording.in_flight):
        for time_s, depth in zip(series.times_s, series.depths, strict=True):
            yield counter(series.name, time_s, depth)


def _first_known(*moments: float | None) -> float:
    return next(moment for moment in moments if moment is not None)


def _write_whole(path: Path, text: str) -> Path:
    """Write beside `path` first, so that an older file is not lost if this one fails."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    return path
