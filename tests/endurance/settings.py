"""The machines that notebooks meet: idle or busy, large or small.

A setting is a place in which commands are started. Where this machine cannot
make one, entering it raises an OSError that says why.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.contention import busy_loops, cpu_quota

# What a command's process does to itself before the command begins.
Joining = Callable[[], None]
MANY = 8
STUDENTS_CPUS = 2


@dataclass(frozen=True)
class Setting:
    """A kind of machine.

    Attributes:
        words: what stands in the table.
        enter: makes it, for as long as the block is open; gives what a process has to do to join.
    """

    words: str
    enter: Callable[[], contextlib.AbstractContextManager[Joining]]


@contextlib.contextmanager
def _as_it_is() -> Iterator[Joining]:
    yield lambda: None


@contextlib.contextmanager
def _busy() -> Iterator[Joining]:
    with busy_loops(MANY):
        yield lambda: None


def _cpus(count: int) -> Callable[[], contextlib.AbstractContextManager[Joining]]:
    @contextlib.contextmanager
    def some() -> Iterator[Joining]:
        if not hasattr(os, "sched_setaffinity"):
            raise OSError("this system has no call for a process's CPUs")
        ours = sorted(os.sched_getaffinity(0))[:count]
        if len(ours) < count:
            raise OSError(f"{count} CPUs are needed, and there is {len(ours)}")
        yield lambda: os.sched_setaffinity(0, ours)

    return some


def _quota(cpus: float) -> Callable[[], contextlib.AbstractContextManager[Joining]]:
    @contextlib.contextmanager
    def granted() -> Iterator[Joining]:
        with cpu_quota(cpus) as folder:
            yield lambda: _join(folder)

    return granted


def _join(folder: Path) -> None:
    (folder / "cgroup.procs").write_text(str(os.getpid()))


SETTINGS: Mapping[str, Setting] = {
    "as-it-is": Setting("this machine as it is", _as_it_is),
    "busy": Setting(f"{MANY} busy loops", _busy),
    "one-cpu": Setting("one CPU, by affinity", _cpus(1)),
    "quota-1": Setting("a quota of one CPU", _quota(1)),
    "quota-half": Setting("a quota of half a CPU", _quota(0.5)),
    "classroom": Setting(f"four students on {STUDENTS_CPUS} CPUs", _cpus(STUDENTS_CPUS)),
}


def started(
    command: list[str], joining: Joining, *, log: Path, folder: Path
) -> subprocess.Popen[bytes]:
    """Start a command in a setting, as a session of its own, with all it says in a file."""
    with log.open("wb") as said:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=joining,
        )
