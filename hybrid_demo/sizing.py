"""How many workers, and how many machines: queueing theory, computed and not measured.

Pure mathematics: it imports nothing of this package but how a number is checked.
Requests come as from many strangers (a Poisson process), wait in one queue
without a bound, and are served by equal workers. A length of service is given by its mean and
its squared coefficient of variation, `cv2`: 0 if all are equal, 1 if they are
as different as exponential ones.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable

from .given import number_within
from .workloads import whole_number

_SHORTEST_S, _LARGEST = 1e-9, 1e9
_BELOW_0 = -math.ulp(0.0)  # the nearest number below zero
_MOST = 1_000_000  # workers, or machines: beyond that nobody asks a formula


def in_system(rate: float, time_s: float) -> float:
    """Return how many are there on average: Little's law, L = lambda W (Operations Research, 1961).

    Args:
        rate: how many come, a second.
        time_s: how long each stays, in seconds, on average.
    """
    return _positive("rate", rate) * _positive("time_s", time_s)


def erlang_c(workers: int, busy: float) -> float:
    """Return the probability that a request has to wait: Erlang's C formula (1917).

    By the recurrence of his B formula, which stays in range for any number of workers.

    Args:
        workers: how many there are.
        busy: how many of them are busy on average, the offered load; below `workers`.

    Raises:
        ValueError: there is no worker, or the load is more than they can do.
    """
    busy = _positive("busy", busy)
    workers = _workers("workers", workers)
    if busy >= workers:
        raise ValueError(
            f"{busy:.4g} workers would be busy on average, and there are {workers}: "
            "the queue grows for ever; give it more workers, or less load"
        )
    blocked = 1.0
    for each in range(1, workers + 1):
        blocked = busy * blocked / (each + busy * blocked)
    return blocked / (1 - busy / workers * (1 - blocked))


def mean_wait_s(rate: float, service_s: float, workers: int, *, cv2: float = 1.0) -> float:
    """Return how long a request waits for a worker on average, in seconds.

    Exact for exponential service (`cv2` 1); for others the approximation of
    Allen and Cunneen (A. O. Allen, Probability, Statistics and Queueing
    Theory, 2nd ed. 1990), which for one worker is the exact one of Pollaczek and Khinchine.

    Raises:
        ValueError: a figure makes no sense, or the load is more than the workers can do.
    """
    rate, service_s = _positive("rate", rate), _positive("service_s", service_s)
    cv2 = _cv2(cv2, most=_LARGEST)
    waits = erlang_c(workers, rate * service_s)
    return waits * _drained_s(rate, service_s, workers, cv2)


def answer_s(
    percent: float, rate: float, service_s: float, *, workers: int, cv2: float = 1.0
) -> float:
    """Return within how many seconds so many percent are answered: the wait and the service.

    The wait is 0 or exponential, with the mean of `mean_wait_s`; the service is
    a fixed part and an exponential one. So it is exact for M/M/c (`cv2` 1), and
    on the safe side where all services are equal, for then waits vary less.

    Args:
        percent: above 0 and below 100.
        rate: requests a second.
        service_s: seconds of one service, on average.
        workers: how many serve.
        cv2: from 0 to 1.

    Raises:
        ValueError: a figure makes no sense, or the load is more than the workers can do.
    """
    rate, service_s = _positive("rate", rate), _positive("service_s", service_s)
    percent, cv2 = _percent(percent), _cv2(cv2)
    waits = erlang_c(workers, rate * service_s)
    drained_s, varied_s = _drained_s(rate, service_s, workers, cv2), service_s * math.sqrt(cv2)
    fixed_s, late = service_s - varied_s, 1 - percent / 100
    low_s, high_s = fixed_s, fixed_s + drained_s + varied_s
    while _longer_than(high_s - fixed_s, waits, drained_s, varied_s) > late:
        high_s = fixed_s + 2 * (high_s - fixed_s)
    for _ in range(60):  # bisection, to far below a nanosecond
        middle_s = (low_s + high_s) / 2
        if _longer_than(middle_s - fixed_s, waits, drained_s, varied_s) > late:
            low_s = middle_s
        else:
            high_s = middle_s
    return high_s


def workers_for(
    rate: float, service_s: float, within_s: float, *, percent: float = 99.0, cv2: float = 1.0
) -> int:
    """Return the fewest workers behind one queue that answer so many percent in time.

    Raises:
        ValueError: a figure makes no sense; or no number of workers is enough, because
            the service alone takes longer.
    """
    rate, service_s = _positive("rate", rate), _positive("service_s", service_s)
    within_s, percent, cv2 = _positive("within_s", within_s), _percent(percent), _cv2(cv2)
    _check_service(service_s, within_s, percent=percent, cv2=cv2)

    def enough(workers: int) -> bool:
        return answer_s(percent, rate, service_s, workers=workers, cv2=cv2) <= within_s

    return _fewest("workers", math.floor(rate * service_s) + 1, enough)


def machines_for(
    rate: float,
    service_s: float,
    within_s: float,
    *,
    cpus: int,
    percent: float = 99.0,
    cv2: float = 1.0,
) -> int:
    """Return the fewest machines that answer in time, each with its own queue and a worker a CPU.

    Requests go to a machine by chance, so that each has its share of them.

    Raises:
        ValueError: as for `workers_for`; or a machine has no CPU.
    """
    rate, service_s = _positive("rate", rate), _positive("service_s", service_s)
    within_s, percent, cv2 = _positive("within_s", within_s), _percent(percent), _cv2(cv2)
    cpus = _workers("cpus", cpus)
    _check_service(service_s, within_s, percent=percent, cv2=cv2)

    def enough(machines: int) -> bool:
        return answer_s(percent, rate / machines, service_s, workers=cpus, cv2=cv2) <= within_s

    return _fewest("machines", math.floor(rate * service_s / cpus) + 1, enough)


def _drained_s(rate: float, service_s: float, workers: int, cv2: float) -> float:
    """Return how long those who have to wait do so on average."""
    return service_s / (workers - rate * service_s) * (1 + cv2) / 2


def _fewest(what: str, least: int, enough: Callable[[int], bool]) -> int:
    """Return the smallest number that is enough, by bisection: more of them never make it worse."""
    most = least
    while most > _MOST or not enough(most):
        if most >= _MOST:
            raise ValueError(
                f"more than {_MOST:_} {what} would be needed: give them less to do, or more time"
            )
        most = min(2 * most, _MOST)
    return least + bisect_left(range(least, most), True, key=enough)


def _longer_than(after_s: float, waits: float, drained_s: float, varied_s: float) -> float:
    """Return the probability that the wait and the varied part of the service take longer."""
    drained = math.exp(-after_s / drained_s)
    if varied_s == 0:
        return waits * drained
    varied = math.exp(-after_s / varied_s)
    if math.isclose(drained_s, varied_s, rel_tol=1e-7):
        both = (1 + after_s / varied_s) * varied
    else:
        both = (drained_s * drained - varied_s * varied) / (drained_s - varied_s)
    return (1 - waits) * varied + waits * both


def _positive(name: str, value: object) -> float:
    above = _SHORTEST_S if name.endswith("_s") else 0.0
    expected = "a number above 0, a billion at most"
    return number_within(value, name, above=above, most=_LARGEST, expected=expected)


def _percent(value: object) -> float:
    expected = "more than 0, and 99.9999 at most"
    return number_within(value, "percent", most=99.9999, expected=expected)


def _cv2(value: object, most: float = 1.0) -> float:
    expected = f"0 (all equal) to {most:g}; 1 is exponential"
    return number_within(value, "cv2", above=_BELOW_0, most=most, expected=expected)


def _workers(name: str, value: object) -> int:
    return whole_number(value, name, 1, _MOST, "give how many there are")


def _check_service(service_s: float, within_s: float, *, percent: float, cv2: float) -> None:
    """Refuse what no number of workers can do."""
    alone_s = service_s * (1 - math.sqrt(cv2) * (1 + math.log(1 - percent / 100)))
    if alone_s >= within_s:
        raise ValueError(
            f"{percent:g} of a hundred services take up to {alone_s:.3g} s even with no wait, and "
            f"{within_s:g} s were asked for: no number of workers is enough; give it more time"
        )
