"""A click's two stamps: when it stood at the door, and when the loop answered it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from time import perf_counter, sleep

import pytest

from hybrid_demo import watch
from hybrid_demo.explorer import client as client_module
from hybrid_demo.explorer.client import Client
from hybrid_demo.recording import Recording

AHEAD_S = 1_000.0  # of the browser's clock


@pytest.fixture
def dates(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float | None]]:
    """Stand in for the dates of messages: the next one handled was sent at the first of these."""
    waiting: list[float | None] = []
    monkeypatch.setattr(client_module, "sent_by_browser", lambda: waiting.pop(0))
    yield waiting
    assert waiting == []


def visited(act: Callable[[Client], Awaitable[object]]) -> tuple[Client, Recording]:
    """Let somebody click while a watch is open; return the client and what was recorded."""

    async def main() -> tuple[Client, Recording]:
        client = Client(asyncio.get_running_loop())
        client.begin()
        watching = watch("visited")
        async with watching as recording:
            await act(client)
        return client, await client.seen_in(recording, watching.start)

    return asyncio.run(main())


def test_who_came_while_the_loop_was_held_waited_to_its_end(dates: list[float | None]) -> None:
    """Its message is read only then, but it was dated when it was sent."""
    late = []

    async def act(client: Client) -> None:
        dates.append(dated := perf_counter() + AHEAD_S)
        client.hear()  # the click on Run, which waited for nobody, or for this machine
        clicked = perf_counter() + AHEAD_S
        late.append(clicked - dated)
        sleep(0.2)  # holds the loop
        dates.append(clicked)
        client._button.click()

    client, recording = visited(act)
    (visit,) = recording.visits
    assert visit.waited_s >= 0.2 - late[0]
    assert visit.answered_s > recording.duration_s - 0.001  # in the patience after its end
    assert visit.arrived_s <= recording.holds[0].start_s + recording.holds[0].duration_s
    assert "1 request answered, the last after" in client._answer.value


def test_the_fastest_message_sets_the_browsers_clock(dates: list[float | None]) -> None:
    """Whatever the browser takes for the time, its fastest message needed none."""
    late = []

    async def act(client: Client) -> None:
        await asyncio.sleep(0.1)  # the recording has begun when the first is sent
        for delay_s in (0.05, 0.03, 0.09):
            now = perf_counter()
            dates.append(now - delay_s - AHEAD_S)
            client._button.click()
            late.append(perf_counter() - now)
            await asyncio.sleep(0.02)

    _, recording = visited(act)
    waits = sorted(visit.waited_s for visit in recording.visits)
    assert len(waits) == 3
    assert all(wait >= 0 for wait in waits)
    assert waits[2] - waits[0] >= 0.06 - late[1]  # 90 ms against 30 ms, and what this machine took


def test_a_click_on_another_thread_is_answered_by_the_loop(dates: list[float | None]) -> None:
    """Some settings of JupyterLab deliver clicks on a thread of their own, at once."""

    async def act(client: Client) -> None:
        dates.append(perf_counter())
        thread = threading.Thread(target=client._button.click)
        thread.start()
        thread.join()
        assert client.clicks == []
        sleep(0.1)  # holds the loop
        await asyncio.sleep(0)
        assert len(client.clicks) == 1

    _, recording = visited(act)
    assert recording.visits[0].waited_s >= 0.1


def test_without_a_date_nothing_is_claimed(dates: list[float | None]) -> None:
    """Where no browser dates its clicks they are answered, and not drawn."""

    async def act(client: Client) -> None:
        dates.append(None)
        client._button.click()
        await asyncio.sleep(0.01)

    client, recording = visited(act)
    assert recording.visits == ()
    assert "answered" in client._answer.value


def test_who_came_before_the_run_is_not_in_it(dates: list[float | None]) -> None:
    """A click of the run before, or of nobody's run, is forgotten when the next one begins."""

    async def main() -> Recording:
        client = Client(asyncio.get_running_loop())
        dates.append(perf_counter())
        client._button.click()
        await asyncio.sleep(0.01)
        client.begin()
        watching = watch("later")
        async with watching as recording:
            await asyncio.sleep(0)
        return await client.seen_in(recording, watching.start)

    assert asyncio.run(main()).visits == ()


def test_outside_a_notebook_no_browser_sends_anything() -> None:
    """There is no message, and so no date."""
    assert client_module.sent_by_browser() is None


def test_a_watch_tells_its_start_once_it_is_opened() -> None:
    """It is the zero of the recording, in the clock's own seconds."""

    async def main() -> None:
        watching = watch("timed")
        with pytest.raises(RuntimeError, match=r"never opened; use it as `async with"):
            _ = watching.start
        before = perf_counter()
        async with watching as recording:
            after = perf_counter()
        assert before <= watching.start <= after
        assert recording.duration_s >= 0

    asyncio.run(main())
