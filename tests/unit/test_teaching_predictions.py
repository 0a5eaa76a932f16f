"""Predictions: a guess is committed, survives its cell, and becomes one figure to draw."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hybrid_demo.recording import Recording
from hybrid_demo.spans import Hold, JobSpan, Lag, LagSample, Pool, StepSeries, in_flight_of
from hybrid_demo.teaching import marks, predict, predictions
from hybrid_demo.teaching.data import Option, Question, questions


@pytest.fixture
def shown_later(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is shown, in words, when the running cell is done."""
    said: list[str] = []
    monkeypatch.setattr(predictions, "once_this_cell_is_done", lambda what: said.append(repr(what)))
    return said


@pytest.fixture(autouse=True)
def _no_guess_yet() -> Iterator[None]:
    """Every test begins as a fresh kernel does."""
    predictions._of_this_process.cache_clear()
    yield
    predictions._of_this_process.cache_clear()


def ran(start_s: float, finish_s: float, worker: str, executor: str = "process") -> JobSpan:
    """Return a delivered job, submitted at 0.1 s."""
    return JobSpan(
        name="cpu_intensive_analysis",
        by="handle_request 0",
        executor=executor,  # type: ignore[arg-type]
        pool=f"{executor} pool 1",
        worker=worker,
        submitted_s=0.1,
        started_s=start_s,
        finished_s=finish_s,
        delivered_s=finish_s,
    )


FROZEN = Recording(
    label="frozen",
    duration_s=0.7,
    cpus=2,
    holds=tuple(
        Hold(name="a", start_s=start, stop_s=stop, cause="computing")
        for start, stop in ((0.0, 0.2), (0.2, 0.5))
    ),
)
# Six equal jobs of 0.2 s CPU, four workers on two CPUs: 0.4 s, then 0.2 s.
POOLED = Recording(
    label="pooled",
    duration_s=0.8,
    cpus=2,
    jobs=(
        *(ran(0.1, 0.5, worker=f"{number}") for number in range(4)),
        ran(0.5, 0.7, worker="0"),
        ran(0.5, 0.7, worker="1"),
    ),
)


def test_a_guess_is_not_made_until_somebody_makes_it() -> None:
    """Without a choice there is no mark, so that Run All needs no click."""
    guess = predict("5-worst-wait")
    assert guess.choice is None
    assert guess.mark(FROZEN) is None


def test_a_guess_survives_running_its_cell_again() -> None:
    """The same key gives the same guess until the kernel ends."""
    predict("5-worst-wait").choice = "B"
    assert predict("5-worst-wait").choice == "B"
    assert predict("5-last-answer").choice is None


def test_a_click_chooses() -> None:
    """The control's buttons and the choice follow each other, both ways."""
    guess = predict("5-worst-wait")
    guess._bundle()
    assert guess._control is not None
    buttons, said = guess._control.children
    buttons.value = "C"
    assert guess.choice == "C"
    assert said.value == "you chose C: as long as all six"
    guess.choice = "A"
    assert buttons.value == "A"
    guess.choice = None
    assert buttons.value is None


def test_the_control_says_what_each_letter_means() -> None:
    """A letter alone tells nothing to whom cannot see the question: its option is its title."""
    guess = predict("5-worst-wait")
    guess._bundle()
    assert guess._control is not None
    buttons = guess._control.children[0]
    assert buttons.options == ("A", "B", "C")
    assert buttons.description == "Your guess"
    assert buttons.tooltips[1] == "B: as long as one request"


def test_only_an_option_can_be_chosen() -> None:
    """A letter that is not offered is refused and changes nothing."""
    guess = predict("5-worst-wait")
    guess.choice = "A"
    with pytest.raises(ValueError, match=r"choice is 'D'; expected one of A, B, C"):
        guess.choice = "D"
    assert guess.choice == "A"


def test_an_unknown_prediction_names_the_nearest() -> None:
    """A mistyped key is answered with the nearest one and with all there are."""
    with pytest.raises(ValueError, match=r"did you mean '5-worst-wait'\? known keys: "):
        predict("5-worst-wat")
    with pytest.raises(ValueError, match=r"no prediction has the key 5;"):
        predict(5)  # type: ignore[arg-type]


@pytest.mark.parametrize(("letter", "value_s"), [("A", 0.0), ("B", 0.3), ("C", 0.5)])
def test_a_guessed_wait_is_measured_in_requests(letter: str, value_s: float) -> None:
    """One request is the longest hold, all of them are the sum of the holds."""
    guess = predict("5-worst-wait")
    guess.choice = letter
    mark = guess.mark(FROZEN)
    assert mark is not None
    assert mark.value_s == pytest.approx(value_s)
    assert (mark.measure, mark.words.split(":")[0]) == ("wait", "your guess")


def test_a_right_guess_looks_right_with_two_inferences() -> None:
    """As long as what is computed: all holds in the way of whoever waited longest, no other."""
    early = Hold(name="clients", start_s=0.0, stop_s=0.02, cause="not running")
    two = [
        Hold(name="handle_request_inline", start_s=start, stop_s=start + 0.2, cause="computing")
        for start in (0.1, 0.302)
    ]
    late = Hold(name="clients", start_s=0.52, stop_s=0.53, cause="computing")
    samples = (LagSample(0.0, 0.02), LagSample(0.105, 0.397), LagSample(0.3, 0.202))
    recording = replace(FROZEN, holds=(early, *two, late), lag=Lag(samples))
    guess = predict("2-worst-wait")
    guess.choice = "C"
    mark = guess.mark(recording)
    assert mark is not None
    assert mark.value_s == pytest.approx(0.4)
    assert marks.waited_for(FROZEN) == marks.longest_hold(FROZEN)  # nobody's wait was measured


def test_whoever_guessed_is_answered_after_the_picture(shown_later: list[str]) -> None:
    """The answer names the choice and the belief behind it; the right one has no belief."""
    guess = predict("5-worst-wait")
    guess.mark(FROZEN)
    assert shown_later == []
    for choice in "AC":
        guess.choice = choice
        guess.mark(FROZEN)
    wrong, right = shown_later
    assert wrong.startswith("You chose A: hardly at all. Behind it is a belief that many share: ")
    assert wrong.endswith(guess.question.options["A"].answer)
    assert right == f"You chose C: as long as all six. {guess.question.options['C'].answer}"


def test_no_answer_without_a_mark(shown_later: list[str]) -> None:
    """What is not drawn is not answered: `compare` offers the guess to the blocked run too."""
    guess = predict("5-last-answer")
    guess.choice = "A"
    guess.mark(FROZEN)
    assert shown_later == []
    guess.mark(POOLED)
    assert len(shown_later) == 1


def test_an_answer_is_shown_as_text() -> None:
    """Words are text, not markup."""
    option = Option(words="a < b", value="nothing", belief="c & d", answer="e > f.")
    html = predictions.Answer(letter="A", option=option)._bundle()["text/html"]
    for part in ("<b>A</b>: a &lt; b.", "<i>c &amp; d</i>", "e &gt; f."):
        assert part in html


@pytest.mark.parametrize(("letter", "value_s"), [("A", 0.5), ("B", 0.7), ("C", 1.3)])
def test_a_guessed_end_is_measured_in_rounds(letter: str, value_s: float) -> None:
    """The first round ends with the jobs that did not queue; one by one is all their CPU work."""
    guess = predict("5-last-answer")
    guess.choice = letter
    mark = guess.mark(POOLED)
    assert mark is not None
    assert mark.value_s == pytest.approx(value_s)
    assert mark.measure == "end"


@pytest.mark.parametrize(
    ("key", "letter", "value_s"),
    [("5-last-answer", "C", 0.6), ("2-thread-end", "B", 0.6), ("2-thread-end", "A", 0.1 + 0.5 / 4)],
)
def test_one_by_one_is_what_the_loop_needed(key: str, letter: str, value_s: float) -> None:
    """Where the loop's own run is drawn first, it is the measure, not the workers' spans.

    On a busy machine those are stretched far beyond what the work is.
    """
    guess = predict(key)
    guess.choice = letter
    assert guess.mark(FROZEN) is None  # held for 0.5 s in all
    mark = guess.mark(POOLED)
    assert mark is not None
    assert mark.value_s == pytest.approx(value_s)


def test_threads_share_one_turn() -> None:
    """Threads overlap in time and add no work: one by one they end when they ended."""
    threads = Recording(
        label="threads",
        duration_s=1.0,
        cpus=4,
        jobs=tuple(ran(0.1, 0.9, worker=f"{n}", executor="thread") for n in range(4)),
    )
    assert marks.one_by_one(threads) == pytest.approx(0.9)
    assert marks.shared_out(threads) == pytest.approx(0.1 + 0.8 / 4)


def test_a_guess_about_jobs_has_no_mark_where_no_job_ran() -> None:
    """`compare` offers the guess to each recording; it is drawn into one that has jobs."""
    for letter in "ABC":
        guess = predict("5-last-answer")
        guess.choice = letter
        assert guess.mark(FROZEN) is None


@pytest.mark.parametrize("key", questions())
def test_every_option_has_a_figure_and_an_answer(key: str) -> None:
    """Each option names a formula, answers whoever chose it, and fits into a picture."""
    question = questions()[key]
    assert list(question.options) == list("ABCD")[: len(question.options)]
    for option in question.options.values():
        known = question.measure == "outcome" or option.value in marks.FORMULAS
        assert known, (
            f"no formula {option.value!r} in teaching/marks.py: {', '.join(marks.FORMULAS)}"
        )
        assert option.answer.endswith("."), f"no sentence: {option.answer!r}"
        assert len(option.words) <= 40, f"a picture has room for 40 characters: {option.words!r}"


def test_exactly_one_option_is_right() -> None:
    """Every wrong option has a mistaken belief behind it, and the right one none."""
    wrong = Option(words="w", value="nothing", belief="b", answer="a.")
    with pytest.raises(ValueError, match=r"options without a belief are \[\]; expected one"):
        Question(key="k", asks="?", measure="wait", options={"A": wrong})
    found = {key: question.right for key, question in questions().items()}
    expected = {
        "2-worst-wait": "C",
        "2-thread-end": "B",
        "5-worst-wait": "C",
        "5-last-answer": "B",
    }
    assert expected.items() <= found.items()


OUTCOME = Question(
    key="k",
    asks="What happens?",
    measure="outcome",
    options={
        "A": Option(words="it works", belief="b", answer="It does not."),
        "B": Option(words="an error", answer="Yes."),
    },
)


def test_a_guessed_outcome_is_answered_and_not_drawn(shown_later: list[str]) -> None:
    """What happens is no figure: the picture is as it would be without, and the answer comes."""
    guess = predictions.Prediction(OUTCOME)
    assert guess.mark(FROZEN) is None
    guess.answer_below()
    assert shown_later == []
    guess.choice = "A"
    assert guess.mark(FROZEN) is None
    guess.answer_below()
    assert (
        shown_later
        == ["You chose A: it works. Behind it is a belief that many share: b. It does not."] * 2
    )


@pytest.mark.parametrize(("measure", "value"), [("outcome", "nothing"), ("wait", "")])
def test_a_figure_goes_with_what_can_be_drawn(measure: str, value: str) -> None:
    """An outcome has no formula; everything else needs one."""
    option = Option(words="w", value=value, answer="a.")
    with pytest.raises(ValueError, match=r"option A: value is .*give a formula where"):
        Question(key="k", asks="?", measure=measure, options={"A": option})  # type: ignore[arg-type]


def test_a_guessed_peak_is_a_count() -> None:
    """The queue's bound, the workers, all jobs, or what was really in flight at once."""
    jobs = POOLED.jobs
    pool = Pool(name="process pool 1", kind="process", workers=4)
    recording = replace(
        POOLED,
        queues=(
            StepSeries(name="unbounded", times_s=(0.0,), depths=(3,)),
            StepSeries(name="job_queue", times_s=(0.0,), depths=(1,), maxsize=10),
        ),
        pools=(pool,),
        in_flight=in_flight_of(jobs, (pool,)),
    )
    assert marks.queue_bound(recording) == 10
    assert marks.workers(recording) == 4
    assert marks.most_in_flight(recording) == 6
    assert marks.every_job(recording) == 6


def test_a_guessed_peak_needs_something_to_count() -> None:
    """Without a queue, a pool or a job there is nothing to draw."""
    for formula in (marks.queue_bound, marks.workers, marks.most_in_flight, marks.every_job):
        assert formula(FROZEN) is None


def test_guesses_about_given_up_jobs_count_who_was_in_the_way() -> None:
    """One worker: nobody in the way, the first only, or every job that was handed over."""
    gone = JobSpan(
        name="cpu_intensive_analysis",
        by="impatient 1",
        executor="process",
        pool="process pool 1",
        submitted_s=0.2,
        outcome="cancelled",
    )
    last = replace(ran(0.6, 0.8, worker="0"), submitted_s=0.5)
    recording = replace(POOLED, jobs=(ran(0.1, 0.3, worker="0"), gone, last))
    assert marks.last_alone(recording) == pytest.approx(0.5 + 0.2)
    assert marks.behind_the_first(recording) == pytest.approx(0.3 + 0.2)
    assert marks.behind_all(recording) == pytest.approx(0.1 + 3 * 0.2)
    assert marks.one_job(recording) == pytest.approx(0.1 + 0.2)
    for formula in (marks.last_alone, marks.behind_the_first, marks.behind_all, marks.one_job):
        assert formula(FROZEN) is None
        assert formula(replace(POOLED, jobs=(gone,))) is None


def test_a_pool_shares_by_its_workers_busy_or_not() -> None:
    """Jobs awaited one by one may all run in one worker; the guess was about the pool's two."""
    pool = Pool(name="process pool 1", kind="process", workers=2)
    jobs = (ran(0.1, 0.3, worker="0"), ran(0.3, 0.5, worker="0"))
    recording = replace(POOLED, jobs=jobs, pools=(pool,))
    assert marks.shared_by_the_pool(recording) == pytest.approx(0.1 + 0.4 / 2)
    assert marks.shared_by_the_pool(recording, 1.0) == pytest.approx(0.1 + 1.0 / 2)
    assert marks.shared_by_the_pool(replace(recording, pools=())) is None
    assert marks.shared_by_the_pool(FROZEN) is None


def test_a_guessed_wait_can_be_what_was_measured_or_a_part_of_a_hold() -> None:
    """Three equal computations in one hold: one of them is a third."""
    recording = replace(FROZEN, lag=Lag((LagSample(0.1, 0.05), LagSample(0.2, 0.4))))
    assert marks.worst_wait(recording) == pytest.approx(0.4)
    assert marks.third_of_a_hold(FROZEN) == pytest.approx(0.1)


def test_a_guess_of_one_start_adds_what_the_first_job_queued() -> None:
    """Two jobs, each with a pool to start: their computing and one of the two starts."""
    first = replace(ran(0.5, 0.7, worker="0"), submitted_s=0.1)
    second = replace(ran(1.3, 1.5, worker="1"), submitted_s=0.8)
    recording = replace(POOLED, jobs=(first, second))
    assert marks.one_start_more(recording) == pytest.approx(0.1 + 0.4 + 2 * 0.2)
    assert marks.one_start_more(FROZEN) is None


def test_a_guess_about_layers_is_measured_by_the_last_stage() -> None:
    """What the workers did in one stretch is a wait; a job shared by its pool ends sooner."""
    pool = Pool(name="process pool 1", kind="process", workers=4)
    calls = (ran(0.1, 0.2, worker="0"), ran(0.1, 0.25, worker="1"))
    models = (ran(0.3, 0.5, worker="0"), ran(0.4, 0.7, worker="1"))
    recording = replace(POOLED, jobs=(*calls, *models), pools=(pool,))
    assert marks.longest_stretch(recording) == pytest.approx(0.7 - 0.3)
    assert marks.split_up(recording) == pytest.approx(0.7 - 0.3 * 3 / 4)
    assert marks.split_up(replace(recording, pools=())) is None
    assert marks.longest_stretch(FROZEN) is None
    assert marks.split_up(FROZEN) is None
