"""How long to wait for what should take a moment: longer while others, or a quota, take the CPUs.

It imports what the machine tells of its quota. psutil is asked only when the time is
up, because asking takes some milliseconds.
"""

from __future__ import annotations

from time import perf_counter

import psutil  # type: ignore[import-untyped]

from ..machine import throttled_s

_LONGEST = 4  # times the patience with an idle machine
_BUSY = 0.4  # of this machine's CPUs, in use by others
_STOPPED = 0.4  # of the time, by a quota
_WORKING = ("user", "nice", "system", "irq", "softirq", "steal")


class Patience:
    """A time limit that knows whether the machine was ours."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._begun = perf_counter()
        self._used_s, self._own_s = _used_by_all_s(), _used_by_us_s()
        self._stopped_s = throttled_s() or 0.0

    def is_over(self, since: float) -> bool:
        """Whether what began at `since`, in ``perf_counter`` seconds, has taken too long."""
        waited_s = perf_counter() - since
        if waited_s < self._seconds:
            return False
        if waited_s > _LONGEST * self._seconds:
            return True
        return not (self.is_busy() or self._is_stopped())

    def is_busy(self) -> bool:
        """Whether others have used much of the CPUs since this was made."""
        passed_s = perf_counter() - self._begun
        others_s = (_used_by_all_s() - self._used_s) - (_used_by_us_s() - self._own_s)
        return others_s > _BUSY * passed_s * (psutil.cpu_count() or 1)

    def _is_stopped(self) -> bool:
        """Whether a quota has stopped this process for much of the time since this was made."""
        passed_s = perf_counter() - self._begun
        return (throttled_s() or 0.0) - self._stopped_s > _STOPPED * passed_s


def _used_by_all_s() -> float:
    """Return the seconds for which CPUs of this machine have worked so far, for anybody."""
    times = psutil.cpu_times()
    return float(sum(getattr(times, each, 0.0) for each in _WORKING))


def _used_by_us_s() -> float:
    """Return the same for this process, and what it started, the ended ones included."""
    total = 0.0
    own = psutil.Process()
    for process in [own, *own.children(recursive=True)]:
        try:
            times = process.cpu_times()
        except psutil.Error:  # it has just ended
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
