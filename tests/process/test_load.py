"""The load generator, against a server whose delays are known."""

from __future__ import annotations

import asyncio
import itertools
import math
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from hybrid_demo.load import Load, _offer, arrivals, offer, readings

DELAY_S = 0.05
STALL_AT, STALL_S = 10, 0.5  # with the tenth POST
TICK_S = 1 / 64  # of the clock that Windows gives a loop


@asynccontextmanager
async def known_server(stamps: list[float], *, stall_at: int | None = None) -> AsyncIterator[str]:
    """Answer every POST after a known delay, and note when; with one of them, hold the loop."""
    posts = itertools.count(1)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = [line for line in head.split(b"\r\n") if b"ontent-" in line[:9]]
                for line in length:
                    if line.lower().startswith(b"content-length"):
                        await reader.readexactly(int(line.split(b":")[1]))
                if head.startswith(b"POST"):
                    if next(posts) == stall_at:
                        time.sleep(STALL_S)  # as a computation on it would
                    await asyncio.sleep(DELAY_S)
                    stamps.append(time.monotonic())
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def test_latency_counts_from_the_moment_a_request_was_due() -> None:
    """No request is left out because the server stands still: who is due then waits the longer.

    The server's own stamps bracket every latency: none is shorter than its delay.
    """
    stamps: list[float] = []

    async def run() -> Load:
        async with known_server(stamps, stall_at=STALL_AT) as url:
            offered = partial(offer, url, 60, 1.5, bodies=readings(3), seed=4)
            return await asyncio.to_thread(offered)

    told = asyncio.run(run())
    due = arrivals(60, 1.5, 4)
    assert [each.due_s for each in told.answers] == due
    assert told.statuses == {200: len(due)}
    # The server's own sleep may end a tick of its loop's clock early: 15.6 ms on Windows.
    tick_s = time.get_clock_info("monotonic").resolution
    assert min(each.latency_s for each in told.answers) >= DELAY_S - tick_s
    assert len(stamps) == len(due)
    assert told.percentile_s(0) <= told.percentile_s(50) <= told.percentile_s(100)
    # The stall shows as a saw-tooth: among those due in it, the earlier one waits the longer.
    slow = [each for each in told.answers if each.latency_s - each.late_s > DELAY_S + 0.15]
    assert len(slow) >= 5
    longest = max(slow, key=lambda each: each.latency_s)
    after = [each for each in slow if each.due_s > longest.due_s + 0.05]
    assert all(each.latency_s < longest.latency_s for each in after)
    assert max(each.latency_s for each in told.probes) > 0.15


class CoarseLoop(asyncio.SelectorEventLoop):
    """A loop with the clock that Windows has before Python 3.13."""

    def __init__(self) -> None:
        super().__init__()
        self._clock_resolution = TICK_S

    def time(self) -> float:
        """Return the seconds of the last tick."""
        return time.monotonic() // TICK_S * TICK_S


def test_no_request_is_sent_before_it_is_due() -> None:
    """Nor on a loop whose clock ticks every 15.6 ms, which wakes sleepers up to a tick early."""

    def offered(url: str) -> Load:
        with asyncio.Runner(loop_factory=CoarseLoop) as runner:
            return runner.run(_offer(url, 100, 0.5, arrivals(100, 0.5, 4), [0.1], readings(3)))

    async def run() -> Load:
        async with known_server([]) as url:
            return await asyncio.to_thread(offered, url)

    told = asyncio.run(run())
    assert told.statuses == {200: len(told.answers)}
    assert min(each.late_s for each in (*told.answers, *told.probes)) >= 0


def test_arrivals_are_many_strangers_and_the_same_again() -> None:
    """A Poisson process by its seed, and as many as the rate says."""
    due = arrivals(100, 50, 1)
    assert due == sorted(due) == arrivals(100, 50, 1) != arrivals(100, 50, 2)
    assert len(due) == 5_000
    gaps = [late - early for early, late in itertools.pairwise(due)]
    mean = sum(gaps) / len(gaps)
    spread = math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps))
    assert spread / mean == pytest.approx(1, abs=0.1)  # exponential gaps


def test_an_address_where_nobody_answers_is_said() -> None:
    """Before any load is offered."""

    async def closed() -> str:
        async with known_server([]) as url:
            return url

    url = asyncio.run(closed())
    with pytest.raises(OSError, match="cannot be reached"):
        offer(url, 20, 0.2, bodies=[b"{}"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rate": 0}, "rate is 0"),
        ({"seconds": math.nan}, "seconds is nan"),
        ({"probe_s": -1}, "probe_s is -1"),
        ({"bodies": []}, "bodies is empty"),
        ({"url": "http://example.org"}, "this machine only"),
    ],
)
def test_bad_input_is_refused(changes: dict[str, object], words: str) -> None:
    """With what to give instead."""
    given = {"url": "http://127.0.0.1:9", "rate": 1, "seconds": 1, "bodies": [b"{}"]} | changes
    with pytest.raises(ValueError, match=words):
        offer(given.pop("url"), given.pop("rate"), given.pop("seconds"), **given)  # type: ignore[arg-type]
