"""What a watch refuses, and what it says then."""

import asyncio
import math

import pytest

from hybrid_demo import watch


@pytest.mark.parametrize("name", ["period_s", "hold_s"])
@pytest.mark.parametrize(
    ("value", "error"),
    [
        (-0.001, ValueError),
        (math.nan, ValueError),
        (math.inf, ValueError),
        (True, TypeError),
        ("5 ms", TypeError),
        (None, TypeError),
    ],
)
def test_wrong_seconds_are_refused_at_the_call(name: str, value: object, error: type) -> None:
    """The error says what was given and what is expected."""
    with pytest.raises(error, match=rf"{name} is .*expected a number of seconds"):
        watch("wrong", **{name: value})


def test_a_period_of_zero_is_refused_and_a_hold_of_zero_is_not() -> None:
    """Every step may count as a hold; a heartbeat needs a rhythm."""
    with pytest.raises(ValueError, match=r"period_s is 0; expected .* 0.0005 or more"):
        watch("wrong", period_s=0)
    watch("every step", hold_s=0)


def test_a_label_is_a_string() -> None:
    """A forgotten label is the likely slip: watch(0.01)."""
    with pytest.raises(TypeError, match=r"label is 0.01; expected a string"):
        watch(0.01)  # type: ignore[arg-type]


def test_plain_with_is_refused_with_the_mend() -> None:
    """``with watch(...)`` says to write ``async with``."""
    with pytest.raises(TypeError, match="async with watch"), watch("plain"):
        pytest.fail("the block was entered")


def test_a_watch_is_opened_once() -> None:
    """Opening it again would change a recording."""

    async def main() -> None:
        once = watch("once")
        async with once:
            pass
        with pytest.raises(RuntimeError, match="make a new watch"):
            async with once:
                pass

    asyncio.run(main())


def test_a_recording_questioned_inside_its_block_says_so() -> None:
    """The error names the question and the way out."""

    async def main() -> None:
        async with watch("inside") as recording:
            with pytest.raises(RuntimeError, match=r"'inside'.*'lag'.*one indentation"):
                recording.lag  # noqa: B018

    asyncio.run(main())
