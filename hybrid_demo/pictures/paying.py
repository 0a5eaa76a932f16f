"""From which length of a job on the trip to a worker pays: plain figures in, one length out.

Nothing is drawn here, so that a benchmark can ask as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..given import shown
from .checking import ascending, figures

PAYS = 0.9  # a pool that needs more than this part of the loop's time saves nothing worth a word
LEAST_S, MOST_S = 1e-9, 1e9


def crossing_s(
    job_s: Sequence[float], *, loop_s: Sequence[float], pooled_s: Sequence[float]
) -> float | None:
    """Return from which length of a job on the pool saves at least a tenth of the time.

    Between two measured lengths by interpolation, as the axes are drawn; the
    first length if it always does; None if it does not at the last.

    Raises:
        ValueError: the lengths differ, are fewer than two, or do not ascend; or a time
            is not above zero.
    """
    job_s, loop_s, pooled_s, _ = checked(job_s, loop_s=loop_s, pooled_s=pooled_s)
    dearer = [math.log(p / (PAYS * s)) for s, p in zip(loop_s, pooled_s, strict=True)]
    late = [at for at, by in enumerate(dearer) if by > 0]
    if not late:
        return job_s[0]
    last = late[-1]
    if last == len(job_s) - 1:
        return None
    part = dearer[last] / (dearer[last] - dearer[last + 1])
    return float(job_s[last] * (job_s[last + 1] / job_s[last]) ** part)


def checked(
    job_s: Sequence[float], **ways: Sequence[float]
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Return lengths of a job and the times each way took, as plain figures.

    Raises:
        TypeError: one of them is no sequence of numbers.
        ValueError: the lengths differ, are fewer than two, or do not ascend; or a time
            is not above zero.
    """
    expected = "seconds above 0, as a list"
    jobs = figures("job_s", job_s, expected=expected)
    found = {name: figures(name, given, expected=expected) for name, given in ways.items()}
    found.setdefault("one_by_one_s", [])
    for name, times in found.items():
        if name == "one_by_one_s" and not times:
            continue
        if len(jobs) != len(times) or len(jobs) < 2:
            raise ValueError(
                f"{len(jobs)} lengths of a job and {len(times)} times were given; expected as "
                "many of the one as of the other, two or more"
            )
        for value in (*jobs, *times):
            if not LEAST_S <= value <= MOST_S:
                raise ValueError(
                    f"a time is {value!r}; expected seconds above 0, a nanosecond to thirty years"
                )
    if not ascending(jobs):
        raise ValueError(f"job_s is {shown(jobs)}; expected ascending lengths")
    return jobs, found["loop_s"], found["pooled_s"], found["one_by_one_s"]
