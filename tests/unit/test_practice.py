"""Exercises as a notebook shows them: words, hints, solutions, and no run without an answer."""

from __future__ import annotations

import ast
import asyncio
import gc
import inspect
import string
import warnings
from collections.abc import Callable
from dataclasses import replace
from time import perf_counter
from typing import Any

import pytest

from hybrid_demo.practice import patience, solutions
from hybrid_demo.practice.checks import CHECKS
from hybrid_demo.practice.checks.crossing import model_layer
from hybrid_demo.practice.data import tasks
from hybrid_demo.practice.exercise import Exercise
from hybrid_demo.practice.findings import Finding, fault, waited_on_the_loop
from hybrid_demo.practice.outcome import outcome_of
from hybrid_demo.practice.starters import STARTERS, is_untouched
from hybrid_demo.practice.suite import Exercises
from hybrid_demo.practice.trial import Trial
from hybrid_demo.recording import Hold, Recording
from tests.unit.recordings import job, made, six_in_pool

NAME = "free_the_loop"


@pytest.fixture
def exercise() -> Exercise:
    """Return an exercise nobody has looked at."""
    return Exercise(tasks()[NAME])


def checked(exercise: Exercise, answer: Any) -> Any:
    """Check an answer on a loop of its own."""

    async def main() -> Any:
        return await exercise.check(answer)

    return asyncio.run(main())


async def dots(rid, size, executor):  # noqa: D103
    ...


async def words(rid, size, executor):
    """Return something."""


async def raises(rid, size, executor):
    """Raise what stands for code to be written."""
    raise NotImplementedError("your code")


def test_the_room_is_complete() -> None:
    """Every exercise has words, a check and a solution; there are a dozen, of both kinds."""
    assert list(tasks()) == list(CHECKS), (
        "practice.toml and the table CHECKS in practice/checks/__init__.py do not have the same "
        "exercises in the same order"
    )
    assert len(tasks()) >= 12
    assert {task.kind for task in tasks().values()} == {"modify", "make"}
    for key, task in tasks().items():
        assert callable(getattr(solutions, key, None)), f"no {key} in practice/solutions.py"
        assert (task.kind == "modify") == (key in STARTERS), (
            f"{key} is to {task.kind}: practice/starters.py has what to modify, and only that"
        )


def test_every_sentence_can_be_said() -> None:
    """Every figure that a sentence names is known to the check that says it."""
    trial = Trial(recording=Recording(label="", duration_s=1.0, cpus=2))
    known = set(fault(trial, "").figures) | KNOWN
    for key, task in tasks().items():
        said = [task.done, *task.hints, *(f.says for f in task.faults.values())]
        said += [f.look for f in task.faults.values()]
        for text in said:
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert named <= known, (
                f"{key} says {text!r}: hand {named - known} over in its check, and enter it in "
                "KNOWN, below this test"
            )


# What single checks add to the common figures; that they do is tested where they are said.
KNOWN = {
    *("line", "lines", "error", "at", "names", "returned", "value", "expected", "over", "tasks"),
    *("left", "name", "given", "called", "yours", "chunks", "requests", "under_way", "cancelled"),
    *("all", "order", "really", "kind", "kinds", "bound", "pauses", "waiting", "queued"),
    *("consumers", "workers", "limit", "made", "refused", "missing", "rows"),
}


@pytest.mark.parametrize("answer", [dots, words, raises, STARTERS[NAME]])
def test_what_nobody_has_begun_is_not_attempted(exercise: Exercise, answer: Any) -> None:
    """The starter, three dots, or NotImplementedError: no failure, and no check is counted."""
    outcome = checked(exercise, answer)
    assert outcome.status == "not attempted"
    assert exercise.checks == 0
    assert "Not attempted yet" in repr(outcome)


@pytest.mark.parametrize("name", STARTERS)
def test_a_starter_is_told_by_what_it_does(name: str) -> None:
    """Comments, a docstring and another name change nothing; one more step does."""
    starter = STARTERS[name]
    source = inspect.getsource(starter).replace(f"def {name}", "def renamed")
    space = dict(starter.__globals__)
    exec(compile(f"{source}    # a comment\n", "<cell>", "exec"), space)
    assert is_untouched(space["renamed"], name)
    step = "await asyncio.sleep(0)" if inspect.iscoroutinefunction(starter) else "size += 1"
    begun = source.replace("):\n", f"):\n    {step}\n", 1)
    exec(compile(begun, "<cell>", "exec"), space)
    assert not is_untouched(space["renamed"], name)


def test_a_forgotten_await_explains_itself(exercise: Exercise) -> None:
    """Nothing runs, and Python's own warning about it never appears."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        forgotten = exercise.check(dots)
        text, html = repr(forgotten), forgotten._repr_html_()
        del forgotten
        gc.collect()
    assert "await exercises.free_the_loop.check" in text
    assert "<code>await exercises.free_the_loop.check(...)</code>" in html


async def right_parameters(rid, size, executor):
    """Return something."""
    return rid


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (lambda: right_parameters(1, 2, 3), "called_already"),
        (lambda: 7, "no_function"),
        (lambda: "free_the_loop", "no_function"),
        (lambda: checked, "parameters"),
    ],
)
def test_what_cannot_be_called_is_told_before_anything_runs(
    exercise: Exercise, given: Callable[[], Any], key: str
) -> None:
    """A coroutine, a value, a function with other parameters; nothing stays un-awaited."""
    outcome = checked(exercise, given())
    assert (outcome.status, outcome.fault, outcome.recording) == ("not yet", key, None)


def test_hints_say_more_and_more_and_end(exercise: Exercise) -> None:
    """Two, graded; then it says that there are no more."""
    first, second, third = (repr(exercise.hint()) for _ in range(3))
    assert first.startswith("Hint 1 of 2")
    assert second.startswith("Hint 2 of 2")
    assert "no more hints" in third
    assert "run_in_executor" not in first
    assert "run_in_executor" in second


@pytest.mark.parametrize("name", tasks())
def test_a_solution_is_the_code_that_the_tests_run(name: str) -> None:
    """It is shown from its file, as it can be copied into a cell."""
    shown = repr(Exercise(tasks()[name]).solution())
    source = shown.split("\n\n", 1)[1]
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef)
    assert function.name == name
    assert not [each for each in ast.walk(function) if getattr(each, "annotation", None)]


def test_the_summary_is_one_line_with_every_exercise() -> None:
    """For an instructor: the version, what is done, what is not, and how often it was checked."""
    exercises = Exercises()
    exercises.free_the_loop.status, exercises.free_the_loop.checks = "done", 3
    exercises.take_turns.status, exercises.take_turns.checks = "not yet", 1
    line = repr(exercises.summary())
    assert "\n" not in line
    assert "hybrid-demo 0." in line
    assert "done: free_the_loop (3); not yet: take_turns (1); not attempted: share_one_pool" in line
    assert all(name in line for name in tasks())


def test_the_suite_lists_itself_and_helps_with_a_typo() -> None:
    """All names, in plain words and in HTML; a wrong name leads to the right one."""
    exercises = Exercises()
    assert len(repr(exercises).splitlines()) == len(tasks())
    assert "exercises.free_the_loop" in exercises._repr_mimebundle_()["text/html"]
    assert {*tasks(), "summary"} <= set(dir(exercises))
    with pytest.raises(AttributeError, match="did you mean 'free_the_loop'"):
        _ = exercises.free_loop


def test_done_is_done_until_a_check_says_otherwise(exercise: Exercise) -> None:
    """Running the starter cell again, or a busy machine, takes nothing back."""
    exercise.status, exercise.checks = "done", 2
    checked(exercise, dots)
    assert (exercise.status, exercise.checks) == ("done", 2)


def test_an_outcome_speaks_once_in_words_and_once_in_markup() -> None:
    """Text of the student's is escaped; the fault's picture stands below, if it shows it."""
    task = tasks()[NAME]
    trial = Trial(recording=six_in_pool(), printed="<script>")
    finding = fault(trial, "raised", error="ValueError: <b>", at="")
    outcome = outcome_of(task, finding)
    bundle = outcome._bundle()
    assert "ValueError: &lt;b&gt;" in bundle["text/html"]
    assert "<script>" not in bundle["text/html"]
    assert "<img" in bundle["text/html"]
    assert bundle["text/plain"].startswith("✗ Not yet: Free the loop. It raised ValueError: <b>.")
    without = outcome_of(
        task,
        replace(
            finding, fault="wrong_answer", figures={**finding.figures, "value": 1, "expected": 2}
        ),
    )
    assert "<img" not in without._bundle()["text/html"]


def test_what_a_busy_machine_may_have_done_is_not_called_wrong() -> None:
    """It says that it is not sure, and asks to run it again."""
    trial = Trial(recording=six_in_pool(), busy=True)
    finding = fault(trial, "waited_on_the_loop", by_time=True, over="2 jobs")
    outcome = outcome_of(tasks()[NAME], finding)
    assert outcome.status == "not sure yet"
    assert "Run the cell again" in repr(outcome)


def test_what_was_left_behind_is_told_beside_another_fault() -> None:
    """It is not the fault itself, but it has been ended, and that is said."""
    trial = Trial(recording=six_in_pool(), left_tasks=2, left_pools=1)
    told = repr(outcome_of(tasks()[NAME], fault(trial, "on_the_loop")))
    assert "2 tasks still pending, 1 pool still open" in told


def test_an_unfit_answer_has_no_run() -> None:
    """Nothing was measured, so there is nothing to draw."""
    outcome = outcome_of(tasks()[NAME], Finding(fault="generator"))
    assert outcome.recording is None
    assert not outcome.picture


@pytest.mark.parametrize(("sent", "key"), [(8, "model_in_threads"), (4, "model_on_the_loop")])
def test_a_held_loop_does_not_say_where_a_model_ran(sent: int, key: str) -> None:
    """Four jobs for the library, and four more or none. A quota may hold any loop."""
    jobs = [job(at, 0.01, 0.02, 0.08, executor="thread", pool="threads") for at in range(sent)]
    holds = [Hold(name="request 0", start_s=0.1, stop_s=0.6, cause="not running")]
    found = model_layer(Trial(recording=made("your answer", 1.0, jobs=jobs, holds=holds)))
    assert found is not None
    assert found.fault == key


WAITED = [(0.0, 0.101), (0.1011, 0.161), (0.1611, 0.261)]  # for one job after the other
SERVED = [(0.0, 0.002), (0.099, 0.101), (0.159, 0.161)]  # handed over, and taken back


@pytest.mark.parametrize(("steps", "key"), [(WAITED, "waited_on_the_loop"), (SERVED, None)])
def test_a_loop_may_be_held_for_a_job_by_several_steps(
    steps: list[tuple[float, float]], key: str | None
) -> None:
    """Two workers, and a quota that stops one of them: no step waits for all of a second job."""
    jobs = [job(0, 0.0, 0.001, 0.1), job(1, 0.0, 0.001, 0.16), job(2, 0.1, 0.1, 0.26)]
    holds = [Hold(name="a request", start_s=a, stop_s=b, cause="not running") for a, b in steps]
    found = waited_on_the_loop(Trial(recording=made("your answer", 1.0, jobs=jobs, holds=holds)))
    assert (found and found.fault) == key
    if found is not None:
        assert found.figures["over"] == "3 jobs"


@pytest.mark.parametrize(("stopped_s", "over"), [(0.0, True), (1e6, False)])
def test_one_waits_longer_where_a_quota_stops_everything(
    stopped_s: float, over: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What half a CPU makes slow is not called endless: ten seconds in, of five to twenty."""
    told = iter([7.0, 7.0 + stopped_s])
    monkeypatch.setattr(patience, "throttled_s", lambda: next(told))
    monkeypatch.setattr(patience, "_BUSY", 1e9)  # whatever others do meanwhile
    assert patience.Patience(5.0).is_over(perf_counter() - 10.0) is over
