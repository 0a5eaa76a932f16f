"""A mistake is made in safety: its error is told, what waits is ended, an Interrupt passes."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from hybrid_demo.teaching import Mistake, mistake, predict
from hybrid_demo.teaching.mistakes import named


class Answered:
    """A guess that counts how often it was answered."""

    times = 0

    def answer_below(self) -> None:
        """Count."""
        self.times += 1


async def made(work: str) -> Mistake:
    """Return what came of a piece of code."""
    async with mistake(limit_s=0.05) as it:
        if work == "raises":
            raise LookupError("no such <request>")
        if work == "waits":
            await asyncio.get_running_loop().create_future()
        if work == "times out by itself":
            async with asyncio.timeout(0.001):
                await asyncio.sleep(10)
    return it


def test_an_error_is_told_and_the_notebook_goes_on() -> None:
    """Type and text are those of this Python, text and not markup."""
    it = asyncio.run(made("raises"))
    assert isinstance(it.error, LookupError)
    assert it.error.__traceback__ is None
    assert not it.stopped
    assert "LookupError: no such <request>, after" in repr(it)
    assert "no such &lt;request&gt;" in it._bundle()["text/html"]


def test_no_error_is_told_as_the_finding_it_is() -> None:
    """Where nothing complains, that is what is said."""
    it = asyncio.run(made("goes well"))
    assert it.error is None
    assert not it.stopped
    assert "no error at all" in repr(it)


def test_what_waits_for_ever_is_stopped_at_its_limit() -> None:
    """Still waiting is neither an error nor the end of the notebook."""
    it = asyncio.run(made("waits"))
    assert it.stopped
    assert it.error is None
    assert it.took_s >= 0.05
    assert "still waiting after" in repr(it)


def test_a_time_out_of_the_students_own_is_an_error() -> None:
    """Only our own limit counts as stopped."""
    it = asyncio.run(made("times out by itself"))
    assert isinstance(it.error, TimeoutError)
    assert not it.stopped


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_an_interrupt_passes(error: type[BaseException]) -> None:
    """Whoever stops the cell stops the cell."""

    async def interrupted() -> None:
        async with mistake():
            raise error

    with pytest.raises(error):
        asyncio.run(interrupted())


def test_a_cancel_from_outside_passes() -> None:
    """A task that is cancelled while its mistake waits is cancelled."""

    async def main() -> bool:
        waiting = asyncio.create_task(made("waits"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait([waiting])
        return waiting.cancelled()

    assert asyncio.run(main())


def test_the_parts_of_a_group_are_named() -> None:
    """A TaskGroup's error tells little; those in it tell the rest."""
    group = ExceptionGroup("two", [ValueError("a"), KeyError("b")])
    assert named(group).splitlines()[1:] == ["└ ValueError: a", "└ KeyError: 'b'"]
    assert named(TimeoutError()) == "TimeoutError"
    assert len(named(ValueError("x" * 10_000))) < 700


def test_it_holds_nothing_that_the_code_had_in_hand() -> None:
    """What the failed lines used can go, though the error is kept."""

    class Payload:
        pass

    async def main() -> tuple[Mistake, weakref.ref[Payload]]:
        async def fails(payload: Payload) -> None:
            raise ValueError("no")

        payload = Payload()
        kept = weakref.ref(payload)
        async with mistake() as it:
            await fails(payload)
        return it, kept

    it, kept = asyncio.run(main())
    gc.collect()
    assert isinstance(it.error, ValueError)
    assert kept() is None


def test_a_guess_is_answered_once_whatever_came_of_it() -> None:
    """The answer is asked for below the box, also where there was no error."""
    guess = Answered()

    async def main() -> None:
        async with mistake(guess=guess):
            raise ValueError
        async with mistake(guess=guess):
            pass

    asyncio.run(main())
    assert guess.times == 2


@pytest.mark.parametrize("limit_s", [None, "5", True, [1]])
def test_a_limit_is_a_number(limit_s: object) -> None:
    """Anything else is refused at the call, with an example."""
    with pytest.raises(TypeError, match=r"limit_s is .*for example mistake\(limit_s=5\)"):
        mistake(limit_s=limit_s)  # type: ignore[arg-type]


@pytest.mark.parametrize("limit_s", [0, -1, 61, float("nan"), float("inf")])
def test_a_limit_is_within_a_minute(limit_s: float) -> None:
    """Nobody waits longer in a lesson."""
    with pytest.raises(ValueError, match=r"limit_s is .*at most 60"):
        mistake(limit_s=limit_s)


def test_a_guess_is_what_predict_returned() -> None:
    """A letter is no guess that could be answered."""
    with pytest.raises(TypeError, match=r"guess is 'A'; expected what `predict"):
        mistake(guess="A")  # type: ignore[arg-type]
    assert isinstance(mistake(guess=predict("5-worst-wait")), Mistake)
