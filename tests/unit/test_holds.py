"""What held the loop: computing, or something else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from hybrid_demo.instruments import session
from hybrid_demo.instruments.naming import Actor

TICK_S = 1 / 64


@pytest.fixture
def notes() -> Iterator[session.Session]:
    """Give the notes of a watch that nothing beats for."""
    loop = asyncio.new_event_loop()
    yield session.Session(loop, period_s=0.005, hold_s=0.001)
    loop.close()


def causes(notes: session.Session, *holds: tuple[float, float]) -> list[bool]:
    """Return which holds, of so many seconds and so many of CPU time, count as computing."""
    for length_s, cpu_s in holds:
        notes.held(Actor("main"), notes.start, notes.start + length_s, cpu=cpu_s)
    return [hold.computing for hold in notes.holds]


def test_half_of_a_hold_spent_on_the_cpu_is_computing(
    notes: session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a thread's CPU time is told exactly, as on Linux and macOS."""
    monkeypatch.setattr(session, "_UNSEEN_CPU_S", 0.0)
    assert causes(notes, (0.01, 0.01), (0.01, 0.0), (0.2, 0.11), (0.2, 0.09)) == [
        *(True, False),
        *(True, False),
    ]


def test_a_tick_that_the_cpu_clock_has_not_told_of_yet_is_credited(
    notes: session.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on Windows: 10 ms of computing may read as none, and sleeping never as computing."""
    monkeypatch.setattr(session, "_UNSEEN_CPU_S", TICK_S)
    assert causes(notes, (0.01, 0.0), (0.04, 2 * TICK_S), (0.2, 12 * TICK_S)) == [True] * 3
    assert causes(notes, (0.04, 0.0), (0.2, TICK_S))[3:] == [False] * 2
