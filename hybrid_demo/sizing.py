"""How many workers, and how many machines: queueing theory, computed and not measured.

Pure mathematics, a leaf: it imports nothing of this package. Requests come as
from many strangers (a Poisson process), wait in one queue without a bound,
and are served by equal workers. A length of service is given by its mean and
its squared coefficient of variation, `cv2`: 0 if all are equal, 1 if they are
as different as exponential ones.
"""

from __future__ import annotations

import math


def in_system(rate: float, time_s: float) -> float:
    """Return how many are there on average: Little's law, L = lambda W (Operations Research, 1961).

    Args:
        rate: how many come, a second.
        time_s: how long each stays, in seconds, on average.
    """
    _check(rate=rate, time_s=time_s)
    return rate * time_s


def erlang_c(workers: int, busy: float) -> float:
    """Return the probability that a request has to wait: Erlang's C formula (1917).

    By the recurrence of his B formula, which stays in range for any number of workers.

    Args:
        workers: how many there are.
        busy: how many of them are busy on average, the offered load; below `workers`.

    Raises:
        ValueError: there is no worker, or the load is more than they can do.
    """
    _check(busy=busy)
    _check_workers(workers, busy)
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
    _check(rate=rate, service_s=service_s)
    if not 0 <= cv2 < math.inf:
        raise ValueError(f"cv2 is {cv2!r}; expected 0 (all equal) or more (1 is exponential)")
    waits = erlang_c(workers, rate * service_s)
    return waits * service_s / (workers - rate * service_s) * (1 + cv2) / 2


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
    if not 0 < percent < 100:
        raise ValueError(f"percent is {percent!r}; expected more than 0 and less than 100")
    if not 0 <= cv2 <= 1:
        raise ValueError(f"cv2 is {cv2!r}; expected 0 (all equal) to 1 (exponential)")
    mean_s = mean_wait_s(rate, service_s, workers, cv2=cv2)
    waits = erlang_c(workers, rate * service_s)
    drained_s, varied_s = mean_s / waits, service_s * math.sqrt(cv2)
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
    _check(within_s=within_s)
    _check_service(service_s, within_s, percent=percent, cv2=cv2)
    workers = math.floor(rate * service_s) + 1
    while answer_s(percent, rate, service_s, workers=workers, cv2=cv2) > within_s:
        workers += 1
    return workers


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
    _check(within_s=within_s)
    _check_workers(cpus, 0.0)
    _check_service(service_s, within_s, percent=percent, cv2=cv2)
    machines = math.floor(rate * service_s / cpus) + 1
    while answer_s(percent, rate / machines, service_s, workers=cpus, cv2=cv2) > within_s:
        machines += 1
    return machines


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


def _check(**figures: float) -> None:
    for name, value in figures.items():
        if not 0 < value < math.inf:
            raise ValueError(f"{name} is {value!r}; expected a number above 0")


def _check_workers(workers: int, busy: float) -> None:
    if not isinstance(workers, int) or workers < 1:
        raise ValueError(f"there are {workers!r} workers; expected a whole number, 1 or more")
    if busy >= workers:
        raise ValueError(
            f"{busy:.4g} workers would be busy on average, and there are {workers}: "
            "the queue grows for ever; give it more workers, or less load"
        )


def _check_service(service_s: float, within_s: float, *, percent: float, cv2: float) -> None:
    """Refuse what no number of workers can do."""
    alone_s = service_s * (1 - math.sqrt(cv2) * (1 + math.log(1 - percent / 100)))
    if alone_s >= within_s:
        raise ValueError(
            f"the service alone takes {alone_s:.3g} s in {percent:g} of a hundred, and "
            f"{within_s:g} s were asked for: no number of workers is enough, only a faster one"
        )
