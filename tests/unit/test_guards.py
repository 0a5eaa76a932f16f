"""The guards that stand around every test."""

import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

from tests.around import descendants, left_running

WAIT_FOR_EVER = "import signal; signal.pause()"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot pause a process")
def test_a_child_still_running_is_found() -> None:
    """A process left behind is named with its command, one there before is not."""
    with subprocess.Popen([sys.executable, "-c", WAIT_FOR_EVER]) as child:
        (there_before,) = [one for one in descendants(os.getpid()) if one.pid == child.pid]
        assert any(WAIT_FOR_EVER in line for line in left_running(os.getpid(), patience_s=0))
        assert left_running(os.getpid(), except_for=[there_before], patience_s=0) == []
        child.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux starts workers by forkserver")
def test_a_forkserver_is_a_helper_and_its_worker_is_not() -> None:
    """Both have one command line; the worker, whose parent is the forkserver, counts."""
    worker = multiprocessing.get_context("forkserver").Process(target=signal.pause)
    worker.start()
    pid = worker.pid
    left = left_running(os.getpid(), patience_s=0)
    worker.kill()
    worker.join()
    worker.close()
    assert [int(line.partition(":")[0]) for line in left] == [pid]
