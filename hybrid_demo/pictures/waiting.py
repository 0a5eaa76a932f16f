"""Jobs that no worker runs yet: those who wait for one, and those nobody tells about."""

from __future__ import annotations

from ..recording import JobSpan, Recording, StepSeries
from ..spans import steps_of
from .rows import GAP_PT, MOST_PT, Bar, Forms, Lane, Lanes, is_unseen, stacked, with_fate
from .words import say

WAIT_PT, WAIT_GAP_PT = 17.0, 3.0
ROWS_NAMED, ROWS_THIN = 6, 16  # waiting jobs as rows with names, as thin rows; else as an area
AREA_PT = 62.0


def waited_until(job: JobSpan, recording: Recording) -> float:
    """Return when a job stopped waiting for a worker: it started, or it never will."""
    if job.started_s is not None:
        return job.started_s
    return job.delivered_s if job.delivered_s is not None else recording.duration_s


def lay_waiting(
    found: Lanes,
    recording: Recording,
    waited: list[JobSpan],
    forms: Forms,
    *,
    named: bool = True,
) -> None:
    """Lay those who wait on top: in rows, or as one area where they are very many."""
    if not waited:
        return
    waited.sort(key=lambda job: job.submitted_s)
    spans = [(job.submitted_s, waited_until(job, recording)) for job in waited]
    rows = stacked(spans)
    count = max(rows) + 1
    if count > ROWS_THIN:
        spans = [
            (job.submitted_s, max(job.submitted_s, waited_until(job, recording)))
            for job in recording.jobs
            if not is_unseen(job)
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
    named = named and count <= ROWS_NAMED
    height, gap = (WAIT_PT, WAIT_GAP_PT) if named else (6.0, 1.5)
    top = found.height_pt
    for job, (start, stop), row in zip(waited, spans, rows, strict=True):
        kind, labels = f"{job.executor} queued", forms[id(job)]
        if job.started_s is None and job.outcome in ("cancelled", "lost"):
            kind, labels = job.outcome, with_fate(labels, job.outcome)
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


def lay_unseen(
    found: Lanes,
    recording: Recording,
    name: str,
    jobs: list[JobSpan],
    forms: Forms,
) -> None:
    """Lay the jobs of an executor that tells nothing: from submission to delivery, in one lane."""
    if not jobs:
        return
    spans = [
        (j.submitted_s, j.delivered_s if j.delivered_s is not None else recording.duration_s)
        for j in jobs
    ]
    rows = stacked(spans)
    count = max(rows) + 1
    pitch = min(WAIT_PT + WAIT_GAP_PT, MOST_PT / 2 / count)
    height = pitch * 0.85
    for job, (start, stop), row in zip(jobs, spans, rows, strict=True):
        labels = forms[id(job)]
        if job.outcome in ("error", "lost", "cancelled", "pending"):
            labels = with_fate(labels, job.outcome)
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
            name=name,
            top_pt=found.height_pt,
            height_pt=count * pitch,
            plain=True,
        )
    )
    found.height_pt += count * pitch + GAP_PT
