"""Recordings as files: JSON to keep them, Trace Event Format to open them in Perfetto.

Imports the recording and its parts, and from `loading`, which reads the JSON back, its format.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .given import shown
from .loading import FORMAT, KIND
from .recording import Recording
from .spans import Lag


def save(recording: Recording, path: str | os.PathLike[str]) -> Path:
    """Write `recording` as JSON, whole or not at all, and return the path."""
    content = {"kind": KIND, "format": FORMAT}
    for name in Recording.__dataclass_fields__:
        content[name] = _plain(getattr(recording, name))
    content["recorded"] = recording.recorded or time.strftime("%Y-%m-%d")
    return _write_whole(path, json.dumps(content, separators=(",", ":"), allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, Lag):
        return {"samples": [[*sample] for sample in value.samples]}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value


def save_chrome_trace(recording: Recording, path: str | os.PathLike[str]) -> Path:
    """Write `recording` in the Trace Event Format and return the path.

    The loop is one track, each worker one, jobs waiting for a worker are
    asynchronous slices; lag, queue depths and jobs in flight are counters.
    Source: "Trace Event Format", the Chromium project.
    """
    trace = {"traceEvents": list(_events(recording)), "displayTimeUnit": "ms"}
    return _write_whole(path, json.dumps(trace, separators=(",", ":"), allow_nan=False))


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
    order = {pool.name: at for at, pool in enumerate(recording.pools)}
    ran = [job for job in recording.jobs if job.started_s is not None]
    for job in sorted(ran, key=lambda job: (order.get(job.pool, 0), job.started_s)):
        if (job.pool, job.worker) not in tracks:
            tracks[job.pool, job.worker] = len(tracks) + 1
            yield named("thread_name", len(tracks), f"{job.pool}: worker {job.worker}")
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


def _write_whole(path: str | os.PathLike[str], text: str) -> Path:
    """Write beside it first, so that an older file is not lost if this one fails."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path is {shown(path)}; expected a file's name, as in 'run.json'")
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    return path
