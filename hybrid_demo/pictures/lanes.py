"""Where each job stands among the workers: arithmetic, no drawing."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict

from ..recording import JobSpan, Recording
from .naming import job_names
from .rows import (
    COMPACT_GAP_PT,
    COMPACT_LANE_PT,
    GAP_PT,
    LANE_PT,
    MOST_PT,
    Bar,
    Forms,
    Lane,
    Lanes,
    is_unseen,
    with_fate,
)
from .waiting import lay_unseen, lay_waiting, waited_until
from .words import say


def arrange(
    recording: Recording, *, until_s: float, waiting: bool = True, lane_pt: float = LANE_PT
) -> Lanes:
    """Return the lanes of a recording: those who wait on top, then one lane for each worker.

    Args:
        recording: a closed recording.
        until_s: the time axis's length, which decides what is too short to show.
        waiting: whether those who wait are shown.
        lane_pt: the height of a worker's lane, at most; if low, waiting jobs have no names.
    """
    found = Lanes()
    forms = dict(zip(map(id, recording.jobs), job_names(recording.jobs), strict=True))
    ran = [job for job in recording.jobs if job.started_s is not None]
    unseen = [job for job in recording.jobs if is_unseen(job)]
    waited = [
        job
        for job in recording.jobs
        if not is_unseen(job) and waited_until(job, recording) - job.submitted_s > until_s / 80
    ]
    named = lane_pt > COMPACT_LANE_PT
    lay_waiting(found, recording, waited if waiting else [], forms, named=named)
    _lay_workers(found, recording, ran, forms, lane_pt, max(until_s / 25, 0.02))
    others = [pool.name for pool in recording.pools if pool.kind == "other"]
    for number, pool in enumerate(others, start=1):
        name = say("lane.unseen") if len(others) == 1 else say("lane.unseen_several", number=number)
        lay_unseen(found, recording, name, [j for j in unseen if j.pool == pool], forms)
    return found


def _kind(job: JobSpan) -> str:
    if job.outcome in ("error", "lost"):
        return job.outcome
    if job.abandoned:
        return "abandoned"
    return f"{job.executor} pending" if job.outcome == "pending" else job.executor


def _late(job: JobSpan, notable_s: float) -> float | None:
    """Return when the result was taken, if that was more than `notable_s` after it was ready."""
    if job.finished_s is None or job.delivered_s is None:
        return None
    return job.delivered_s if job.delivered_s - job.finished_s > notable_s else None


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
            key = "lone" if sum(each == pool for each, _ in keys) == 1 else "pool"
            names.append(say(f"lane.{key}_{kind}", pool=at, number=numbers[pool]))
    return names


def _lay_workers(
    found: Lanes,
    recording: Recording,
    ran: list[JobSpan],
    forms: Forms,
    lane_pt: float,
    notable_s: float,
) -> None:
    order = {pool.name: at for at, pool in enumerate(recording.pools)}
    first = sorted(ran, key=lambda job: (order.get(job.pool, 0), job.started_s or 0.0))
    keys = list(dict.fromkeys((job.pool, job.worker) for job in first))
    if not keys:
        return
    gap = GAP_PT if lane_pt > COMPACT_LANE_PT else COMPACT_GAP_PT
    pitch = min(lane_pt + gap, MOST_PT / len(keys))
    height = pitch - min(gap, pitch * 0.2)
    every = max(1, -(-13 // int(pitch))) if pitch < 13 else 1
    tops = {}
    for at, (key, name) in enumerate(zip(keys, _lane_names(recording, keys), strict=True)):
        tops[key] = found.height_pt
        shown = name if at % every == 0 else ""
        found.lanes.append(Lane(name=shown, top_pt=found.height_pt, height_pt=height))
        found.height_pt += pitch
    starts: dict[tuple[str, str], list[float]] = defaultdict(list)
    for job in ran:
        starts[job.pool, job.worker].append(job.started_s or 0.0)
    for each in starts.values():
        each.sort()
    for job in ran:
        stop = job.finished_s
        if stop is None:
            stop = job.delivered_s if job.delivered_s is not None else recording.duration_s
        kind = _kind(job)
        fate = "pending" if job.outcome == "pending" else kind
        labels = forms[id(job)]
        top = tops[job.pool, job.worker]
        late = _late(job, notable_s)
        after = starts[job.pool, job.worker]
        crossed = late is not None and bisect(after, stop - 1e-9) < bisect(after, late)
        if fate in ("error", "lost", "abandoned", "pending"):
            labels = with_fate(labels, fate)
        found.bars.append(
            Bar(
                start_s=job.started_s or 0.0,
                stop_s=max(stop, job.started_s or 0.0),
                top_pt=top,
                height_pt=height,
                kind=kind,
                forms=labels if height >= 12 else (),
                late_s=late,
                late_pt=top + (height if crossed else height / 2),
            )
        )
    found.height_pt += GAP_PT
