"""The file of stamps that worker processes write and the watching process reads.

One file serves all watches that are open at a time; it is made by the first
job handed to a process pool and removed when the last watch is left.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
import threading
import weakref
from pathlib import Path
from typing import NamedTuple

from .stamps import FINISHED, SLOT_BYTES, STARTED

# Memory-backed where the system has such a folder: a busy disk must not delay a job.
_FOLDER = next((f for f in ("/dev/shm",) if os.access(f, os.W_OK | os.X_OK)), None)


_PREFIX = "hybrid_demo-"


class WorkerStamps(NamedTuple):
    """What a worker noted of a job: ``perf_counter`` seconds, and its process id."""

    started: float | None = None
    finished: float | None = None
    worker: str = ""


class Journal:
    """A file with one slot for each job handed to a process pool."""

    def __init__(self) -> None:
        """Make the file.

        Raises:
            OSError: there is no folder to write a temporary file in.
        """
        folder = Path(_FOLDER or tempfile.gettempdir())
        _sweep(folder)
        descriptor, self.path = tempfile.mkstemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder)
        os.close(descriptor)
        self._slots = itertools.count()
        # Also when the process ends with a watch still open; a forked child's
        # end must not take the file from its parent.
        self._remove = weakref.finalize(self, _remove_file, self.path, os.getpid())

    def new_slot(self) -> int:
        """Return the number of a slot nobody uses."""
        return next(self._slots)

    def read(self) -> list[WorkerStamps]:
        """Return what has been noted so far, by slot."""
        try:
            content = Path(self.path).read_bytes()
        except OSError:
            return []
        content += bytes(-len(content) % SLOT_BYTES)
        found = []
        for offset in range(0, len(content), SLOT_BYTES):
            started, pid = STARTED.unpack_from(content, offset)
            (finished,) = FINISHED.unpack_from(content, offset + STARTED.size)
            found.append(
                WorkerStamps(started, finished if finished else None, str(pid))
                if pid
                else WorkerStamps()
            )
        return found

    def remove(self) -> None:
        """Remove the file; jobs that finish later find it gone and note nothing."""
        self._remove()


def _remove_file(path: str, owner: int) -> None:
    if os.getpid() == owner:
        with contextlib.suppress(OSError):
            Path(path).unlink()


def _sweep(folder: Path) -> None:
    """Remove the files of processes that were killed with a watch open, a forced restart say."""
    if os.name != "posix":  # elsewhere signal 0 ends the process it is sent to
        return
    for path in folder.glob(f"{_PREFIX}*"):
        owner = path.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdigit():
            continue
        try:
            os.kill(int(owner), 0)
        except ProcessLookupError:
            with contextlib.suppress(OSError):
                path.unlink()
        except (OSError, OverflowError):  # it lives, as somebody else's
            continue


class SharedJournal:
    """The process's one journal, made when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._journal: Journal | None = None

    def get_or_none(self) -> Journal | None:
        """Return the journal, made now if there is none; None if it cannot be made."""
        with self._lock:
            if self._journal is None:
                with contextlib.suppress(OSError):
                    self._journal = Journal()
            return self._journal

    def read(self) -> list[WorkerStamps]:
        """Return what has been noted so far, by slot; nothing if there is no journal."""
        journal = self._journal
        return [] if journal is None else journal.read()

    def remove(self) -> None:
        """Remove the journal, if there is one."""
        with self._lock:
            journal, self._journal = self._journal, None
        if journal is not None:
            journal.remove()
