"""Every picture carries its figures as tables, for whoever does not see it or wants more."""

from __future__ import annotations

import time

import pytest
from bs4 import BeautifulSoup, Tag

from hybrid_demo.pictures import Picture, compare, crossover, timeline
from hybrid_demo.pictures.tables import MOST_ROWS, tables_of
from hybrid_demo.recording import Recording, Visit
from tests.unit.recordings import crowd, mixed_outcomes, nothing, six_in_pool, six_inline


def tables(shown: Picture | Recording) -> list[Tag]:
    """Return the tables that a cell's last value brings with it."""
    html = shown._repr_mimebundle_()["text/html"]
    return BeautifulSoup(html, features="html.parser").select("figure details table")


def cells(table: Tag) -> list[list[str]]:
    """Return a table's texts, row by row, without the head."""
    return [[cell.get_text() for cell in row.select("th, td")] for row in table.select("tbody tr")]


@pytest.mark.parametrize("shown", [six_in_pool(), timeline(six_in_pool()), compare(six_in_pool())])
def test_a_recording_and_its_pictures_carry_tables(shown: Picture | Recording) -> None:
    """Whichever of them is the last value of a cell."""
    runs, *_, jobs = tables(shown)
    assert [row[0] for row in cells(runs)] == ["in a process pool"]
    assert len(cells(jobs)) == 6


def test_a_job_has_its_four_stamps_in_milliseconds() -> None:
    """Submitted, started, finished, delivered, its worker, and what became of it."""
    recording = six_in_pool()
    head = [th.get_text() for th in tables(recording)[-1].select("thead th")]
    assert head[2:6] == ["submitted", "started", "finished", "delivered"]
    for job, row in zip(recording.jobs, cells(tables(recording)[-1]), strict=True):
        stamps = (job.submitted_s, job.started_s, job.finished_s, job.delivered_s)
        told = [float(cell.replace(",", "")) for cell in row[2:6]]
        assert told == [pytest.approx((stamp or 0) * 1000, abs=0.051) for stamp in stamps]
        assert row[1] in ("1", "2", "3", "4")
        assert row[6] == job.outcome


def test_what_a_client_waited_stands_beside_each_run() -> None:
    """Median, 99th percentile and worst, of all that are compared."""
    both = (six_inline(), six_in_pool())
    rows = cells(tables(compare(*both))[0])
    assert [row[0] for row in rows] == [recording.label for recording in both]
    for recording, row in zip(both, rows, strict=True):
        lag = recording.lag
        told = [float(cell.replace(",", "")) for cell in row[2:5]]
        waits = (lag.p50_s, lag.p99_s, lag.max_s)
        assert told == [pytest.approx(each * 1000, abs=0.051) for each in waits]
        assert row[5] == str(len(recording.holds))


def test_who_held_the_loop_is_told_by_name_and_time() -> None:
    """In the order of time, with the cause in words."""
    recording = six_inline()
    rows = cells(tables(recording)[1])
    assert [row[0] for row in rows] == [f"request {at}" for at in range(6)]
    assert [row[1] for row in rows] == [f"{h.start_s * 1000:,.1f}" for h in recording.holds]
    assert {row[4] for row in rows} == {"computing"}


def test_what_never_came_to_a_stamp_says_none() -> None:
    """A cell is never empty, which a screen reader would pass over."""
    for table in tables(mixed_outcomes()):
        assert all(text.strip() for row in cells(table) for text in row)
    outcomes = {row[6].split(",")[0] for row in cells(tables(mixed_outcomes())[-1])}
    assert outcomes == {job.outcome for job in mixed_outcomes().jobs}


def test_thousands_of_jobs_make_a_short_table_that_says_so() -> None:
    """Spread over all of them, from the first on; and it takes no time worth a thought."""
    recording = crowd()
    begun = time.thread_time()
    *_, jobs = tables_of([recording])
    took_s = time.thread_time() - begun
    assert len(jobs.rows) == MOST_ROWS
    assert f"{MOST_ROWS} of 10000 jobs" in jobs.caption
    assert float(jobs.rows[-1][2].replace(",", "")) > 0.9 * 1000 * recording.jobs[-1].submitted_s
    begun = time.thread_time()
    timeline(recording).png()
    assert took_s < time.thread_time() - begun


def test_a_table_is_one_for_a_screen_reader() -> None:
    """A caption, columns and rows with names; folded, and open to the keyboard."""
    for table in tables(compare(six_inline(), six_in_pool())):
        assert table.caption is not None
        assert table.caption.get_text()
        columns = table.select("thead th[scope=col]")
        for row in table.select("tbody tr"):
            assert len(row.select("th[scope=row]")) == 1
            assert len(row.select("th, td")) == len(columns)
    fold = BeautifulSoup(
        timeline(six_inline())._repr_mimebundle_()["text/html"], features="html.parser"
    ).details
    assert fold is not None
    assert not fold.has_attr("open")
    assert fold.summary is not None
    assert fold.summary.get_text() == "The figures as a table"


def test_a_recording_of_nothing_has_one_row() -> None:
    """No empty tables."""
    (runs,) = tables(nothing())
    assert len(cells(runs)) == 1


def test_the_students_own_clicks_are_told() -> None:
    """When each arrived, when it was answered, and what lies between."""
    clicked = six_in_pool().with_visits(
        [Visit(arrived_s=0.1, answered_s=0.1052), Visit(arrived_s=0.3, answered_s=0.301)]
    )
    assert cells(tables(clicked)[-1])[0] == ["1", "100.0", "105.2", "5.2"]
    assert len(cells(tables(clicked)[-1])) == 2


def test_labels_are_text_and_not_html() -> None:
    """Whatever a student calls a recording."""
    strange = Recording(label="<script>1</script>", duration_s=1.0, cpus=1)
    assert "<script>" not in timeline(strange)._repr_mimebundle_()["text/html"]


def test_the_crossover_carries_its_points() -> None:
    """One row for each length of a job, one column for each way."""
    picture = crossover(
        [0.001, 0.01],
        loop_s=[0.001, 0.01],
        pooled_s=[0.002, 0.006],
        one_by_one_s=[0.003, 0.02],
        cpus=2,
    )
    (table,) = tables(picture)
    assert cells(table)[1] == ["10 ms", "10 ms", "6 ms", "20 ms"]
