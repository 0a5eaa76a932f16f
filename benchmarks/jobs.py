"""What the benchmarks send to workers: a light module, since a worker's first job imports it."""

import os
from time import thread_time

from hybrid_demo.workloads import cpu_intensive_analysis


def echo(number: int) -> int:
    """Return `number`: the shortest job there is."""
    return number


def timed_analysis(size: int) -> float:
    """Return the CPU seconds the analysis of `size` readings took in the worker."""
    begun = thread_time()
    cpu_intensive_analysis(size)
    return thread_time() - begun


def own_pid(size: int) -> int:
    """Return the worker's process id after an analysis of `size` readings."""
    cpu_intensive_analysis(size)
    return os.getpid()
