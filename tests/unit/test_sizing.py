"""Sizing: formulas against known values, a closed form, and a simulation."""

from __future__ import annotations

import heapq
import math
import random

import pytest

from hybrid_demo import sizing


def simulated(rate: float, service_s: float, *, workers: int, cv2: float) -> list[float]:
    """Return how long each of many requests took, from a simulation with a seed; ascending."""
    draw, free_at = random.Random(29), [0.0] * workers
    at_s, took_s = 0.0, []
    varied_s = service_s * math.sqrt(cv2)
    for _ in range(200_000):
        at_s += draw.expovariate(rate)
        begins_s = max(at_s, heapq.heappop(free_at))
        served_s = service_s - varied_s + (draw.expovariate(1 / varied_s) if varied_s else 0.0)
        heapq.heappush(free_at, begins_s + served_s)
        took_s.append(begins_s + served_s - at_s)
    return sorted(took_s[1_000:])


def test_littles_law() -> None:
    """1,000 a second of 200 ms each: 200 are there."""
    assert sizing.in_system(1_000, 0.2) == pytest.approx(200)


@pytest.mark.parametrize(
    ("workers", "busy", "waits"),
    [(1, 0.7, 0.7), (2, 1.0, 1 / 3), (3, 2.0, 4 / 9), (10, 8.0, 0.4092)],
)
def test_erlang_c_gives_the_values_of_the_tables(workers: int, busy: float, waits: float) -> None:
    """By hand for one to three workers; for ten from the published tables."""
    assert sizing.erlang_c(workers, busy) == pytest.approx(waits, abs=5e-5)


def test_erlang_c_stays_in_range_for_thousands() -> None:
    """No factorial overflows."""
    assert 0 < sizing.erlang_c(5_000, 4_900.0) < 1


@pytest.mark.parametrize("percent", [50.0, 99.0])
def test_one_worker_has_a_closed_form(percent: float) -> None:
    """M/M/1: the time to the answer is exponential, with the rate mu - lambda."""
    found = sizing.answer_s(percent, 8, 0.1, workers=1)
    assert found == pytest.approx(-math.log(1 - percent / 100) / (10 - 8))


def test_equal_services_halve_the_wait() -> None:
    """M/D/1 by Pollaczek and Khinchine: half of what M/M/1 waits."""
    varied, equal = (sizing.mean_wait_s(8, 0.1, 1, cv2=cv2) for cv2 in (1.0, 0.0))
    assert varied == pytest.approx(0.8 * 0.1 / (1 - 0.8))
    assert equal == pytest.approx(varied / 2)


@pytest.mark.parametrize(("cv2", "within"), [(1.0, 0.05), (0.25, 0.1), (0.0, 0.15)])
@pytest.mark.parametrize(("workers", "rate"), [(2, 30.0), (8, 130.0)])
def test_a_simulation_agrees(cv2: float, within: float, workers: int, rate: float) -> None:
    """But for chance it is exact for exponential services, and near for others."""
    took_s = simulated(rate, 0.05, workers=workers, cv2=cv2)
    for percent in (50, 90, 99):
        seen = took_s[math.ceil(percent / 100 * len(took_s)) - 1]
        assert sizing.answer_s(percent, rate, 0.05, workers=workers, cv2=cv2) == pytest.approx(
            seen, rel=within
        )


def test_the_fewest_are_the_fewest() -> None:
    """One less would be too late; and queues of their own need more CPUs than a shared one."""
    asked = {"rate": 1_000.0, "service_s": 0.2, "within_s": 0.5}
    workers = sizing.workers_for(**asked, cv2=0.0)
    assert sizing.answer_s(99, 1_000, 0.2, workers=workers, cv2=0.0) <= 0.5
    assert sizing.answer_s(99, 1_000, 0.2, workers=workers - 1, cv2=0.0) > 0.5
    for cpus in (1, 2, 4, 8):
        machines = sizing.machines_for(**asked, cpus=cpus, cv2=0.0)
        assert machines * cpus > workers
        assert sizing.answer_s(99, 1_000 / machines, 0.2, workers=cpus, cv2=0.0) <= 0.5
        assert sizing.answer_s(99, 1_000 / (machines - 1), 0.2, workers=cpus, cv2=0.0) > 0.5


def test_no_number_of_workers_makes_one_service_shorter() -> None:
    """Exponential services of 200 ms: one in a hundred alone takes longer than 500 ms."""
    for size in (sizing.workers_for, lambda *given: sizing.machines_for(*given, cpus=4)):
        with pytest.raises(ValueError, match="no number of workers is enough"):
            size(1_000, 0.2, 0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sizing.in_system(0, 1), "rate is 0"),
        (lambda: sizing.erlang_c(0, 0.5), "workers is 0"),
        (lambda: sizing.erlang_c(2, 2.0), "grows for ever"),
        (lambda: sizing.mean_wait_s(1, math.nan, 1), "service_s is nan"),
        (lambda: sizing.mean_wait_s(1, 0.1, 1, cv2=-1), "cv2 is -1"),
        (lambda: sizing.answer_s(100, 1, 0.1, workers=1), "percent is 100"),
        (lambda: sizing.answer_s(99, 1, 0.1, workers=1, cv2=2), "cv2 is 2"),
        (lambda: sizing.machines_for(1, 0.1, 1, cpus=0), "cpus is 0"),
        (lambda: sizing.workers_for(1, 0.1, -1), "within_s is -1"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words) -> None:  # type: ignore[no-untyped-def]
    """With what to give instead."""
    with pytest.raises(ValueError, match=words):
        call()
