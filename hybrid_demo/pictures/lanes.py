"""Where each job stands among the workers: arithmetic, no drawing.

Heights are in points, downwards from the top, so that lanes keep their size
however many recordings share a picture.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from dataclasses import dataclass, field

from ..recording import JobSpan, Recording, StepSeries
from ..spans import steps_of
from .naming import job_names
from .words import say

LANE_PT, GAP_PT = 25.0, 5.0
WAIT_PT, WAIT_GAP_PT = 17.0, 3.0
MOST_PT = 260.0  # of all worker lanes of one recording
ROWS_NAMED, ROWS_THIN = 6, 16  # waiting jobs as rows with names, as thin rows; else as an area
AREA_PT = 62.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A stretch of one job: where it lies, how it looks, how it may be written."""

    start_s: float
    stop_s: float
    top_pt: float
    height_pt: float
    kind: str
    forms: tuple[str, ...] = ()
    late_s: float | None = None

    @property
    def middle_pt(self) -> float:
        """Height of its middle, downwards."""
        return self.top_pt + self.height_pt / 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A row with a name at its left; `plain` has no ground of its own."""

    name: str
    top_pt: float
    height_pt: float
    plain: bool = False


@dataclass(slots=True)
class Lanes:
    """All rows of a recording's workers, and the bars in them."""

    lanes: list[Lane] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    waiting: StepSeries | None = None
    waiting_top_pt: float = 0.0
    height_pt: float = 0.0


def shows_workers(recording: Recording) -> bool:
    """Whether there is anything to draw in worker lanes."""
    return bool(recording.jobs)


def arrange(
    recording: Recording, *, until_s: float, waiting: bool = True, lane_pt: float = LANE_PT
) -> Lanes:
    """Return the lanes of a recording: those who wait on top, then one lane for each worker.

    Args:
        recording: a closed recording.
        until_s: the time axis's length, which decides what is too short to show.
        waiting: whether those who wait are shown.
        lane_pt: the height of a worker's lane, at most.
    """
    found = Lanes()
    forms = dict(zip(map(id, recording.jobs), job_names(recording.jobs), strict=True))
    ran = [job for job in recording.jobs if job.started_s is not None]
    unseen = [job for job in recording.jobs if _is_unseen(job)]
    waited = [
        job
        for job in recording.jobs
        if not _is_unseen(job) and _waited_until(job, recording) - job.submitted_s > until_s / 80
    ]
    _lay_waiting(found, recording, waited if waiting else [], forms)
    _lay_workers(found, recording, ran, forms, lane_pt)
    for pool in recording.pools:
        _lay_unseen(found, recording, pool.name, [j for j in unseen if j.pool == pool.name], forms)
    return found


def _is_unseen(job: JobSpan) -> bool:
    return job.started_s is None and job.executor == "other"


def _waited_until(job: JobSpan, recording: Recording) -> float:
    if job.started_s is not None:
        return job.started_s
    return job.delivered_s if job.delivered_s is not None else recording.duration_s


def _stacked(spans: list[tuple[float, float]]) -> list[int]:
    """Return for each span, by start, the lowest row that is free for it."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    rows: list[int] = []
    for start, stop in spans:
        while busy and busy[0][0] <= start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        row = heapq.heappop(free) if free else len(busy)
        heapq.heappush(busy, (stop, row))
        rows.append(row)
    return rows


def _lay_waiting(
    found: Lanes,
    recording: Recording,
    waited: list[JobSpan],
    forms: dict[int, tuple[str, ...]],
) -> None:
    if not waited:
        return
    waited.sort(key=lambda job: job.submitted_s)
    spans = [(job.submitted_s, _waited_until(job, recording)) for job in waited]
    rows = _stacked(spans)
    count = max(rows) + 1
    if count > ROWS_THIN:
        spans = [
            (job.submitted_s, max(job.submitted_s, _waited_until(job, recording)))
            for job in recording.jobs
            if not _is_unseen(job)
        ]
        changes = [(start, 1) for start, _ in spans] + [(stop, -1) for _, stop in spans]
        times, depths = steps_of(changes)
        found.waiting = StepSeries(name="waiting", times_s=times, depths=depths)
        found.waiting_top_pt = found.height_pt
        found.lanes.append(
            Lane(name=say("lane.waiting"), top_pt=found.height_pt, height_pt=AREA_PT, plain=True)
        )
        found.height_pt += AREA_PT + 2 * GAP_PT
        return
    named = count <= ROWS_NAMED
    height, gap = (WAIT_PT, WAIT_GAP_PT) if named else (6.0, 1.5)
    top = found.height_pt
    for job, (start, stop), row in zip(waited, spans, rows, strict=True):
        kind, labels = f"{job.executor} queued", forms[id(job)]
        if job.started_s is None and job.outcome in ("cancelled", "lost"):
            kind, labels = job.outcome, _with_fate(labels, job.outcome)
        found.bars.append(
            Bar(
                start_s=start,
                stop_s=stop,
                top_pt=top + row * (height + gap),
                height_pt=height,
                kind=kind,
                forms=labels if named else (),
            )
        )
    tall = count * (height + gap) - gap
    name = say("lane.waiting" if tall > 28 else "lane.waiting_short")
    found.lanes.append(Lane(name=name, top_pt=top, height_pt=tall, plain=True))
    found.height_pt += tall + 2 * GAP_PT


def _with_fate(forms: tuple[str, ...], fate: str) -> tuple[str, ...]:
    """Return the forms with what became of the job, then the fate alone."""
    word = say(f"bar.{fate}")
    return (*(f"{form}{'' if word[0] == '✕' else ':'} {word}" for form in forms), word)


def _kind(job: JobSpan) -> str:
    if job.outcome in ("error", "lost"):
        return job.outcome
    if job.abandoned:
        return "abandoned"
    return f"{job.executor} pending" if job.outcome == "pending" else job.executor


def _lane_names(recording: Recording, keys: list[tuple[str, str]]) -> list[str]:
    kinds = {pool.name: pool.kind for pool in recording.pools}
    pools = {kind: [p.name for p in recording.pools if p.kind == kind] for kind in kinds.values()}
    numbers: dict[str, int] = defaultdict(int)
    names = []
    for pool, _ in keys:
        kind = kinds.get(pool, "process")
        numbers[pool] += 1
        same = pools.get(kind, [pool])
        if len(same) < 2:
            names.append(say(f"lane.{kind}", number=numbers[pool]))
        else:
            at = same.index(pool) + 1
            names.append(say(f"lane.pool_{kind}", pool=at, number=numbers[pool]))
    return names


def _lay_workers(
    found: Lanes,
    recording: Recording,
    ran: list[JobSpan],
    forms: dict[int, tuple[str, ...]],
    lane_pt: float,
) -> None:
    order = {pool.name: at for at, pool in enumerate(recording.pools)}
    first = sorted(ran, key=lambda job: (order.get(job.pool, 0), job.started_s or 0.0))
    keys = list(dict.fromkeys((job.pool, job.worker) for job in first))
    if not keys:
        return
    pitch = min(lane_pt + GAP_PT, MOST_PT / len(keys))
    height = pitch - min(GAP_PT, pitch * 0.2)
    every = max(1, -(-13 // int(pitch))) if pitch < 13 else 1
    tops = {}
    for at, (key, name) in enumerate(zip(keys, _lane_names(recording, keys), strict=True)):
        tops[key] = found.height_pt
        shown = name if at % every == 0 else ""
        found.lanes.append(Lane(name=shown, top_pt=found.height_pt, height_pt=height))
        found.height_pt += pitch
    for job in ran:
        stop = job.finished_s
        if stop is None:
            stop = job.delivered_s if job.delivered_s is not None else recording.duration_s
        kind = _kind(job)
        fate = "pending" if job.outcome == "pending" else kind
        labels = forms[id(job)]
        if fate in ("error", "lost", "abandoned", "pending"):
            labels = _with_fate(labels, fate)
        found.bars.append(
            Bar(
                start_s=job.started_s or 0.0,
                stop_s=max(stop, job.started_s or 0.0),
                top_pt=tops[job.pool, job.worker],
                height_pt=height,
                kind=kind,
                forms=labels if height >= 12 else (),
                late_s=job.delivered_s if job.finished_s is not None else None,
            )
        )
    found.height_pt += GAP_PT


def _lay_unseen(
    found: Lanes,
    recording: Recording,
    pool: str,
    jobs: list[JobSpan],
    forms: dict[int, tuple[str, ...]],
) -> None:
    if not jobs:
        return
    spans = [
        (j.submitted_s, j.delivered_s if j.delivered_s is not None else recording.duration_s)
        for j in jobs
    ]
    rows = _stacked(spans)
    count = max(rows) + 1
    pitch = min(WAIT_PT + WAIT_GAP_PT, MOST_PT / 2 / count)
    height = pitch * 0.85
    for job, (start, stop), row in zip(jobs, spans, rows, strict=True):
        labels = forms[id(job)]
        if job.outcome in ("error", "lost", "cancelled", "pending"):
            labels = _with_fate(labels, job.outcome)
        found.bars.append(
            Bar(
                start_s=start,
                stop_s=stop,
                top_pt=found.height_pt + row * pitch,
                height_pt=height,
                kind=job.outcome if job.outcome in ("error", "lost") else "unseen",
                forms=labels if height >= 12 else (),
            )
        )
    found.lanes.append(
        Lane(
            name=say("lane.unseen", pool=pool),
            top_pt=found.height_pt,
            height_pt=count * pitch,
            plain=True,
        )
    )
    found.height_pt += count * pitch + GAP_PT
