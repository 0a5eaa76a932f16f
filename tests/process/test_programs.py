"""A program beside the notebook: what it said is told, and nothing of it outlives its time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from hybrid_demo import guarded
from hybrid_demo.teaching import ProgramRun, run_program
from tests.around import descendants, remaining

PARENT_OF_A_SLEEPER = """
import subprocess, sys, time
sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(sleeper.pid, flush=True)
"""


def run(program: str | Path, **how: float) -> ProgramRun:
    """Run a program on a loop of its own."""
    return asyncio.run(run_program(program, **how))


def gone(pid: int) -> bool:
    """Whether a process is gone, after some patience with one on its way out."""
    try:
        psutil.Process(pid).wait(timeout=10)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return False
    return True


def test_what_a_program_prints_is_told() -> None:
    """Output, status and time are there, the text as it was written."""
    told = run("print('4 < 5, größer')")
    assert (told.printed, told.complaints, told.status) == ("4 < 5, größer\n", "", 0)
    assert not told.stopped
    assert repr(told).startswith("4 < 5, größer\n<the program ended with status 0, after ")
    assert "4 &lt; 5" in told._bundle()["text/html"]


def test_its_last_complaint_is_told_and_the_rest_is_folded() -> None:
    """The line that names the error stands in sight, the traceback behind a fold."""
    told = run("print(1)\nraise LookupError('no such request')")
    assert told.status == 1
    assert "LookupError: no such request" in repr(told)
    assert "Traceback" not in repr(told)
    shown = told._bundle()["text/html"]
    assert shown.index("LookupError") < shown.index("<details>") < shown.index("Traceback")


def test_a_program_given_as_a_path_has_a_file(tmp_path: Path) -> None:
    """A file is run as `python file` runs it; text is run as a cell is, without one."""
    source = "print('__file__' in globals(), __name__)"
    file = tmp_path / "my_program.py"
    file.write_text(source)
    assert run(file).printed == "True __main__\n"
    assert run(source).printed == "False __main__\n"


def test_a_program_that_does_not_end_is_stopped_with_all_it_started() -> None:
    """At its limit nothing of it is left."""
    told = run(PARENT_OF_A_SLEEPER + "while True: pass", limit_s=2)
    assert told.stopped
    assert told.status is None
    assert "was still running after" in repr(told)
    assert gone(int(told.printed))


def test_what_an_ended_program_started_ends_too() -> None:
    """No orphan is left by a program that forgot its child."""
    told = run(PARENT_OF_A_SLEEPER)
    assert told.status == 0
    assert gone(int(told.printed))


def test_a_cancelled_cell_ends_its_program() -> None:
    """A cancel, as by the Interrupt button, is raised when all of it has ended."""

    async def main() -> list[int]:
        begun = set(descendants(os.getpid()))
        waiting = asyncio.create_task(run_program("import time; time.sleep(600)", limit_s=100))
        new: set[psutil.Process] = set()
        while len(new) < 2:  # the guard and its program
            await asyncio.sleep(0.05)
            new = set(descendants(os.getpid())) - begun
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return [process.pid for process in new]

    assert all(map(gone, asyncio.run(main())))


def test_the_loop_stays_free_while_a_program_runs() -> None:
    """Other coroutines go on."""

    async def main() -> int:
        turns = 0
        running = asyncio.create_task(run_program("import time; time.sleep(0.3)"))
        while not running.done():
            await asyncio.sleep(0.01)
            turns += 1
        return turns

    assert asyncio.run(main()) > 3


def test_a_program_ends_with_a_kernel_that_was_killed(tmp_path: Path) -> None:
    """The guard notices that nobody is there any more."""
    written = tmp_path / "pid"
    program = (
        f"import os, pathlib, time\npathlib.Path({str(written)!r}).write_text(str(os.getpid()))\n"
    )
    kernel = (
        "import asyncio\nfrom hybrid_demo import run_program\n"
        f"asyncio.run(run_program({program + 'time.sleep(600)'!r}, limit_s=100))"
    )
    with subprocess.Popen([sys.executable, "-c", kernel]) as process:
        while not (written.exists() and written.read_text()):
            time.sleep(0.05)
        process.kill()
    assert gone(int(written.read_text()))


# The system calls of Windows' part of the guard: they say that they were made, and no more.
AS_ON_WINDOWS = """
import ctypes, os, struct
from types import SimpleNamespace
del os.killpg
def limit(job, kind, limits, size):
    print(job.value, kind, len(limits) == size, hex(*struct.unpack_from("<L", limits, 16)))
def assign(job, process):
    print(job.value, "has the guard itself:", process.value == ctypes.c_void_p(-1).value)
def end(job, status):
    print(job.value, "ends", flush=True)
    program.kill()  # it would be in the job
    os._exit(status.value)  # this process too
ctypes.WinDLL = lambda name: SimpleNamespace(
    CreateJobObjectW=lambda security, name: 64,
    SetInformationJobObject=limit, AssignProcessToJobObject=assign, TerminateJobObject=end,
)
"""


@pytest.mark.parametrize(
    ("program", "hangs_up", "status"),
    [("raise SystemExit(7)", False, 7), ("import time; time.sleep(600)", True, 1)],
    ids=["with its program", "with the kernel"],
)
def test_where_there_are_no_groups_the_guard_ends_a_job(
    program: str, hangs_up: bool, status: int
) -> None:
    """It is in the job before the program starts, and ends it with the program, or the kernel.

    The calls are not Windows' own here: their order and their arguments are what is seen.
    """
    words = [sys.executable, "-c", AS_ON_WINDOWS + guarded._GUARD, sys.executable, "-c", program]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as guard:
        assert guard.stdin is not None
        assert guard.stdout is not None
        if hangs_up:
            guard.stdin.close()
        assert guard.wait(60) == status
        assert guard.stdout.read().splitlines() == [
            "64 9 True 0x2000",
            "64 has the guard itself: True",
            "64 ends",
        ]


LARGE = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
ballast = bytearray(b"x") * 100_000_000  # ending takes the system a moment
print("ready", flush=True)
time.sleep(600)
"""


def test_the_end_of_a_program_is_waited_for(tmp_path: Path) -> None:
    """Whoever was told that it has ended meets none of its processes, not even on its way out."""
    said = tmp_path / "said"
    with said.open("wb") as output:
        words = [sys.executable, "-c", LARGE]
        with guarded.start(words, stdout=output, stderr=output) as guard:
            while b"ready" not in said.read_bytes():
                assert not guarded.has_ended(guard), said.read_text()
                time.sleep(0.05)
            started = descendants(guard.pid)
            guarded.end_all(guard)
            assert len(started) == 2
            assert remaining(started, within_s=0) == []


def test_what_is_no_program_is_refused(tmp_path: Path) -> None:
    """Each kind of wrong input is answered with what to do."""
    with pytest.raises(FileNotFoundError, match=r"%%writefile my_jobs.py"):
        run(tmp_path / "my_jobs.py")
    with pytest.raises(TypeError, match=r"program is 5; expected its source as text, or the Path"):
        run(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"expected some lines of Python"):
        run("  \n")
    with pytest.raises(TypeError, match=r"limit_s is '3'; expected a number"):
        run("1", limit_s="3")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"limit_s is 0; .* more than 0 and at most"):
        run("1", limit_s=0)
