"""Whatever a student gives to a public function: a right result, or words that help."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import patch

import matplotlib
import pytest
from hypothesis import given, settings, strategies as st

import hybrid_demo
from hybrid_demo import (
    Recording,
    calibrate,
    claim,
    compare,
    cpu_intensive_analysis,
    crossover,
    exercises,
    explore,
    mistake,
    model_inference,
    open_pool,
    plot_crossover,
    plot_depths,
    plot_lag,
    plot_loop,
    plot_visits,
    plot_workers,
    predict,
    run_program,
    sizing,
    timeline,
    under_load,
    upload_analysis,
    watch,
)
from hybrid_demo.beside import beside
from hybrid_demo.cluster import connect, open_cluster
from hybrid_demo.pictures import Picture
from hybrid_demo.schedule import schedule
from tests.unit.recordings import mixed_outcomes, six_in_pool
from tests.unit.strange import FIXED, answered_or_told, anything, called, numbers, recordings, text

PLOTS = (plot_lag, plot_loop, plot_workers, plot_depths, plot_visits)
FEW = settings(FIXED, max_examples=12)
NEEDS_NOTHING = {"describe_machine", "effective_cpus"}
# Here, or in a test of its own below.
FUZZED = {
    *("watch", "Recording", "timeline", "compare", "crossover", "plot_crossover", "under_load"),
    *("plot_lag", "plot_loop", "plot_workers", "plot_depths", "plot_visits"),
    *("open_pool", "calibrate", "predict", "claim", "explore", "exercises", "mistake"),
    *("run_program", "cpu_intensive_analysis", "model_inference", "upload_analysis"),
}


async def serve(workers: int, size: int = 1) -> None:
    """Stand in for a student's coroutine function."""


def test_no_public_name_is_left_out() -> None:
    """A new one gets its strange input, too."""
    apart = set(hybrid_demo.__all__) ^ (FUZZED | NEEDS_NOTHING)
    assert not apart, f"give it strange input in a test here, and enter it into FUZZED: {apart}"


@given(anything, anything, anything)
@FIXED
def test_watch(label: Any, period_s: Any, hold_s: Any) -> None:
    """It records, or refuses at the call."""
    made = called(watch, label, period_s=period_s, hold_s=hold_s)

    async def use() -> Recording:
        async with made as recording:
            pass
        return recording

    if made is not None:
        assert asyncio.run(use()).label == label


@given(anything, anything)
@FIXED
def test_open_pool(workers: Any, nice: Any) -> None:
    """A pool, or a refusal at the call; no worker starts before it is entered."""
    pool = called(open_pool, workers, nice=nice)
    if pool is not None:
        pool.shutdown()


@given(anything.filter(lambda size: not isinstance(size, int) or size < 100_000))
@FIXED
def test_workloads(size: Any) -> None:
    """A result that is finite work, or a refusal."""
    called(cpu_intensive_analysis, size)
    called(model_inference, size)
    called(upload_analysis, size, 3)
    called(upload_analysis, b"", size)


def test_calibrate(monkeypatch: pytest.MonkeyPatch) -> None:
    """A size, or a refusal; measured by a clock that takes no time."""
    monkeypatch.setattr("hybrid_demo.machine._seconds_of", lambda size: size / 1e7)

    @given(anything)
    @FIXED
    def answers(seconds: Any) -> None:
        size = called(calibrate, seconds)
        assert size is None or size >= 1

    answers()


@given(anything, anything, anything)
@FIXED
def test_claim_and_predict(key: Any, condition: Any, needs_cpus: Any) -> None:
    """A verdict, a prediction, or a refusal that lists the keys."""
    with answered_or_told(AssertionError):  # under the tests, what does not hold is a failure
        claim(key, condition)
    with answered_or_told(AssertionError):
        claim("5.3", True, needs_cpus=needs_cpus)._bundle()
    called(predict, key)
    with answered_or_told():
        predict("2-worst-wait").choice = key if key is not None else "A"
    predict("2-worst-wait").choice = None


@given(anything, anything, anything)
@FIXED
def test_explore(fn: Any, ranges: Any, goal: Any) -> None:
    """An explorer, or a refusal at the call."""

    async def make() -> None:
        for function, given_ranges, aim in (
            (fn, {"workers": (1, 2)}, ""),
            (serve, ranges, ""),
            (serve, {"workers": ranges}, ""),
            (serve, {"workers": (1, 2), "size": goal}, ""),
            (serve, {"workers": (1, 2)}, goal),
        ):
            explorer = called(explore, function, given_ranges, goal=aim)
            if explorer is not None:
                explorer.close()

    asyncio.run(make())


@given(anything, anything)
@FIXED
def test_mistake_and_run_program(limit_s: Any, program: Any) -> None:
    """Refused at the call; what can be run is not run here."""

    async def use() -> None:
        called(mistake, limit_s=limit_s, guess=program)
        with answered_or_told(FileNotFoundError):
            await run_program(program, limit_s=-1)
        with answered_or_told():
            await run_program("", limit_s=limit_s)

    asyncio.run(use())


@pytest.mark.parametrize("source", ["print(1)\0", "print('\ud800')", "1\n" * 100_000, " "])
def test_a_program_that_cannot_be_handed_over_is_refused(source: str) -> None:
    """Before anything is started."""
    with pytest.raises(ValueError, match="program "):
        asyncio.run(run_program(source))


@given(anything)
@FEW
def test_exercises(answer: Any) -> None:
    """An answer that is none is told so; nobody meets a traceback."""

    async def check() -> None:
        for exercise in exercises:
            if not callable(answer):
                outcome = await exercise.check(answer)
                assert outcome.status == "not yet"
                outcome._bundle()

    asyncio.run(check())


@given(st.one_of(anything, st.floats(0, 1e3)), st.one_of(anything, st.integers(1, 2000)))
@FIXED
def test_sizing(figure: Any, number: Any) -> None:
    """A figure, or a refusal; and it ends, however many workers that makes."""
    usual = {"rate": 1_000, "service_s": 0.2, "within_s": 0.5, "percent": 99, "cv2": 0.5}
    called(sizing.in_system, figure, number)
    called(sizing.erlang_c, number, figure)
    called(sizing.mean_wait_s, figure, 0.2, number, cv2=number)
    for name in usual:
        answered = {key: each for key, each in usual.items() if key != "within_s"}
        called(sizing.answer_s, **(answered | {name: figure}), workers=number)
        called(sizing.workers_for, **(usual | {name: figure}))
        called(sizing.machines_for, **(usual | {name: figure}), cpus=number)


@given(anything, anything, anything)
@FIXED
def test_beside_and_cluster(words: Any, number: Any, other: Any) -> None:
    """Refused at the call; what can be started is not started here."""
    called(beside, words, until="ready")
    called(beside, "dask scheduler", until=words, limit_s=number)
    called(open_cluster, other)
    called(connect, words, workers=number)


@given(anything)
@FIXED
def test_submit(job: Any) -> None:
    """What cannot cross is refused where it is submitted; what can is not run: no worker is up."""
    executor = open_pool(1)
    with patch.object(ProcessPoolExecutor, "submit"):
        called(executor.submit, job)
        called(executor.submit, model_inference, job)
    executor.shutdown()


@given(anything, anything)
@FIXED
def test_recording(given_: Any, path: Any) -> None:
    """One made by hand is refused unless all its parts are of their kinds."""
    for name in Recording.__dataclass_fields__:
        parts = {"label": "by hand", "duration_s": 1.0, "cpus": 1, name: given_}
        called(Recording, **parts)
    recording = six_in_pool()
    recording.workers(given_)
    called(recording.lag.percentile, given_)
    called(recording.with_visits, [given_])
    if not isinstance(path, (str, bytes)):
        for method in (recording.save, recording.to_chrome_trace, Recording.load):
            called(method, path)
    called(schedule, recording, cpus=given_)
    called(schedule, recording, cpus=2, workers=given_)


@given(anything, anything)
@FIXED
def test_pictures_of_what_is_no_recording(given_: Any, guess: Any) -> None:
    """Refused at the call, before anything is drawn."""
    recording = mixed_outcomes()
    for draw in (timeline, compare, *PLOTS):
        with pytest.raises(TypeError, match="is not a Recording; give"):
            draw(given_)
    with answered_or_told():
        compare(recording, given_)
    if guess is not None:
        with pytest.raises(TypeError, match=r"expected|give"):
            timeline(recording, guess=guess)
    for plot in PLOTS:
        if given_ is not None:
            with pytest.raises(TypeError, match="expected axes"):
                plot(recording, ax=given_)


@pytest.mark.parametrize(
    ("plot", "name"),
    [
        *((plot, "until_s") for plot in PLOTS),
        (plot_lag, "scale_s"),
        (plot_lag, "mark"),
        (plot_depths, "scale"),
        (plot_depths, "mark"),
        (plot_workers, "lanes"),
    ],
)
def test_what_a_piece_of_a_picture_is_given(plot: Callable[..., Any], name: str) -> None:
    """Each draws, or refuses."""
    recording = mixed_outcomes()

    @given(anything)
    @FEW
    def draws(value: Any) -> None:
        called(plot, recording, **{name: value})

    draws()


@given(st.one_of(anything, st.lists(numbers, min_size=2, max_size=3)), anything, anything)
@FIXED
def test_crossover_and_load(one: Any, other: Any, third: Any) -> None:
    """Figures of any kind: a picture, or a refusal."""
    times = {"loop_s": [0.1, 0.2], "pooled_s": [0.2, 0.1]}
    for draw, more in ((crossover, {"cpus": 2}), (plot_crossover, {})):
        called(draw, one, **times, **more)
        called(draw, [0.1, 0.2], **{**times, "loop_s": one}, **more)
        called(draw, [0.1, 0.2], **times, one_by_one_s=one, **more)
    called(crossover, [0.1, 0.2], **times, cpus=other)
    plenty: dict[str, Any] = {each: {"inline": [0.1, 0.2]} for each in ("p50_s", "p99_s")}
    plenty |= {"health_s": {"inline": [0.1, 0.2]}, "shed": {"inline": [0.0, 0.1]}}
    plenty |= {"deadline_s": 1.0, "capacity": 4.0}
    called(under_load, one, **plenty)
    for name in plenty:
        called(under_load, [1, 2], **{**plenty, name: other})
        called(under_load, [1, 2], **{**plenty, name: {"inline": one}})
    called(under_load, [1, 2], **plenty, computed=(one, third))
    called(under_load, [1, 2], **plenty, computed=third)


@given(recordings())
@settings(FIXED, max_examples=12)
def test_any_recording_can_be_drawn_told_kept_and_computed(recording: Recording) -> None:
    """Whatever its parts hold, it is a picture with words, a file, and a line."""
    for picture in (timeline(recording), compare(recording, six_in_pool())):
        assert isinstance(picture, Picture)
        assert picture.alt_text
    recording._repr_mimebundle_()
    called(schedule, recording, cpus=2)
    with matplotlib.rc_context():
        for plot in PLOTS:
            plot(recording)
    assert repr(recording).startswith("<Recording ")


@given(recordings())
@FIXED
def test_any_recording_comes_back_from_its_file(
    tmp_path_factory: pytest.TempPathFactory, recording: Recording
) -> None:
    """As it was, and in Perfetto's format."""
    folder = tmp_path_factory.getbasetemp()
    path: Path = recording.save(folder / "strange.json")
    assert Recording.load(path) == recording
    recording.to_chrome_trace(folder / "strange.trace.json")


@given(text)
@FIXED
def test_a_new_exercise_name_is_told_the_known_ones(name: str) -> None:
    """As an attribute that is not there: an AttributeError, but one that helps."""
    if not name.startswith("_") and name not in dir(exercises):
        with pytest.raises(AttributeError, match="known keys"):
            getattr(exercises, name)
