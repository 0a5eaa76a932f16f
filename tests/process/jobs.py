"""Functions the tests send to workers, which import them from here."""

import os
import threading
from time import perf_counter, thread_time
from typing import NamedTuple


class OwnStamps(NamedTuple):
    """What a job noted of itself, by the clock the instruments use."""

    worker: str
    started: float
    finished: float


def compute(cpu_s: float) -> OwnStamps:
    """Compute for `cpu_s` seconds of this thread's CPU time and tell when and where."""
    started = perf_counter()
    until = thread_time() + cpu_s
    total = 0
    while thread_time() < until:
        total += sum(range(200))
    return OwnStamps(str(os.getpid()), started, perf_counter())


def compute_in_thread(cpu_s: float) -> OwnStamps:
    """As `compute`, telling the thread's name."""
    return compute(cpu_s)._replace(worker=threading.current_thread().name)


def total(*numbers: int, scale: int = 1) -> int:
    """Return a result that shows what arguments arrived."""
    return scale * sum(numbers)


def fail(text: str) -> None:
    """Raise the ValueError that was asked for."""
    raise ValueError(text)


def die() -> None:
    """End the worker without a word."""
    os._exit(3)


def unpicklable() -> object:
    """Return what cannot travel back."""
    return threading.Lock()


def wait_for(path: str) -> str:
    """Return once the file at `path` is gone; a job the test can end when it likes."""
    pause = threading.Event()
    while os.path.exists(path):
        pause.wait(0.005)
    return path
