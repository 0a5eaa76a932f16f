"""What breaks around a running service, each fault done to the real thing: a process with a port.

Whatever it is: every request gets an answer, the word is clear, and nothing stays behind.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import httpx
import psutil
import pytest

from hybrid_demo.load import LOST, Load, offer, readings
from hybrid_demo.machine import start_method
from tests.around import ROOT, end, listening

PATIENCE_S = 60
SEED = 29
SHORT = ("--inference", "0.01", "--workers", "2", "--most", "1000", "--deadline", "50")
ON_WINDOWS = sys.platform == "win32"


@contextmanager
def served(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield ``python -m hybrid_demo serve`` with short inferences and much patience, and its URL.

    What it says is read when it has ended; none of its processes may stay.
    """
    command = [sys.executable, "-m", "hybrid_demo", "serve", "--port", "0", *SHORT, *options]
    process = subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    family: list[psutil.Process] = []
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[0]
        if process.poll() is None:
            family = psutil.Process(process.pid).children(recursive=True)
    finally:
        if process.poll() is None:
            end(process)
    assert psutil.wait_procs(family, timeout=PATIENCE_S)[1] == []


def workers_of(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Return the pool's workers: the forkserver's children, where there is one."""
    family = psutil.Process(process.pid).children(recursive=True)
    if start_method() == "forkserver":
        return [each for each in family if each.ppid() != process.pid]
    return [each for each in family if "resource_tracker" not in " ".join(each.cmdline())]


def under_load(url: str, seconds: float, harm: Callable[[float], object], every_s: float) -> Load:
    """Offer a load, do harm again and again in its first two thirds, and return what came of it.

    With more patience than the lessons have: beside others' work a pool may be back late.
    """

    async def load() -> Load:
        offering = asyncio.to_thread(offer, url, 30, seconds, probe_s=0.5)
        task = asyncio.create_task(offering)
        await asyncio.sleep(0.5)
        for number in range(round(seconds * 2 / 3 / every_s)):
            await asyncio.to_thread(harm, number)
            await asyncio.sleep(every_s)
        return await task

    with patch("hybrid_demo.load._PATIENCE_S", PATIENCE_S):
        return asyncio.run(load())


def health_of(url: str) -> str:
    """Return what the service says of its cache."""
    said: str = httpx.get(f"{url}/health", timeout=PATIENCE_S).json()["cache"]
    return said


def ask(url: str, *, seed: int) -> httpx.Response:
    """Ask for the analysis of one reading."""
    return httpx.post(f"{url}/analyze", content=readings(1, seed=seed)[0], timeout=PATIENCE_S)


def test_only_this_machine_can_ask_it() -> None:
    """It, and all that it started."""
    with served() as (process, _):
        assert listening(process.pid) == {"127.0.0.1"}


def test_workers_killed_at_random_under_load_cost_no_request_its_answer(tmp_path: Path) -> None:
    """200, or 503 for one whose second worker was killed as well; then all is as before.

    A worker is killed when its pool has given an answer: how soon a pool is back, and how
    fast it works, differs by machine.
    """
    draw = random.Random(SEED)
    killed, path = [], tmp_path / "answers.sqlite"

    with served("--cache", str(path)) as (process, url):

        def kill(number: float) -> None:
            assert ask(url, seed=10 + round(number)).status_code == 200
            killed.append(draw.choice(workers_of(process)))
            killed[-1].kill()

        told = under_load(url, 3.0, kill, every_s=0.4)
        assert len(killed) >= 3
        assert set(told.statuses) <= {200, 503}, told.statuses
        assert told.statuses[200] > len(told.answers) / 2
        assert ask(url, seed=2).status_code == 200
        assert len(workers_of(process)) == 2  # those of the last pool, and of no other
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE_S)
    assert "a worker has died" in said
    assert "Traceback" not in said
    with closing(sqlite3.connect(path)) as cache:  # each computed to its end, and once
        (computed,) = cache.execute("SELECT count(*) FROM answers").fetchone()
    assert computed == told.statuses[200] + len(killed) + 1
    assert psutil.wait_procs(killed, timeout=10)[1] == []


def test_a_cache_that_another_program_locks_under_load_costs_no_request_its_answer(
    tmp_path: Path,
) -> None:
    """The service says so once, and uses the cache again when it can."""
    path = tmp_path / "answers.sqlite"
    with served("--cache", str(path)) as (process, url):
        ask(url, seed=2)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            told = under_load(url, 1.5, lambda number: None, every_s=0.5)
            assert "locked" in health_of(url)
        assert told.statuses == {200: len(told.answers)}
        ask(url, seed=3)
        assert health_of(url) == "in order"
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE_S)
    assert said.count("goes on without its cache") == 1


def in_no_folder(path: Path) -> Path:
    """Return a file in a folder that is not there."""
    return path / "nowhere" / "answers.sqlite"


def a_folder(path: Path) -> Path:
    """Return a folder."""
    return path


def not_a_database(path: Path) -> Path:
    """Return a file that holds something else."""
    (path / "letter.txt").write_text("Dear service, this is no database at all." * 20)
    return path / "letter.txt"


def read_only(path: Path) -> Path:
    """Return a cache that may be read and not written."""
    with closing(sqlite3.connect(path / "answers.sqlite")) as connection:
        connection.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, answer TEXT)")
    (path / "answers.sqlite").chmod(0o444)
    if os.access(path / "answers.sqlite", os.W_OK):
        pytest.skip("who is root may write everything")
    return path / "answers.sqlite"


def opened_by(process: subprocess.Popen[str]) -> int:
    """Return how many files a process has open."""
    own = psutil.Process(process.pid)
    return len(own.open_files()) if os.name == "nt" else own.num_fds()


@pytest.mark.parametrize(
    ("cache", "words"),
    [
        (in_no_folder, "unable to open"),
        (a_folder, "unable to open"),
        (not_a_database, "not a database"),
        (read_only, "readonly"),
    ],
)
def test_it_serves_without_a_cache_that_cannot_be_used(
    cache: Callable[[Path], Path], words: str, tmp_path: Path
) -> None:
    """And /health says why it cannot; a file that is no cache stays as it was."""
    path = cache(tmp_path)
    before = path.read_bytes() if path.is_file() else b""
    with served("--cache", str(path)) as (process, url), httpx.Client() as client:
        for number in range(40):
            answer = client.post(f"{url}/analyze", content=readings(1)[0], timeout=PATIENCE_S)
            assert answer.status_code == 200
            if number == 10:  # each of the cache's threads has had its turn
                files = opened_by(process)
        assert opened_by(process) <= files
        assert words in health_of(url)
    assert (path.read_bytes() if path.is_file() else b"") == before


def test_two_services_cannot_have_one_port() -> None:
    """The second says which port and what to do, in one line; the first goes on."""
    with served() as (_, url):
        port = url.rpartition(":")[2]
        command = [sys.executable, "-m", "hybrid_demo", "serve", "--port", port]
        second = subprocess.run(
            [*command, "--inference", "0.001"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert (second.returncode, second.stdout, second.stderr.count("\n")) == (2, "", 1)
        assert f"port {port}" in second.stderr
        assert "name another with --port" in second.stderr
        assert health_of(url) == "in order"


@pytest.mark.skipif(ON_WINDOWS, reason="Windows has no SIGKILL to send")
def test_a_service_that_is_killed_leaves_no_worker_behind() -> None:
    """Nothing can be answered any more; but nothing computes for nobody either."""
    with served() as (process, url):
        family = psutil.Process(process.pid).children(recursive=True)
        assert len(family) >= 2

        def kill(number: float) -> None:
            process.kill()

        told = under_load(url, 1.5, kill, every_s=1.0)
        assert LOST in told.statuses
        assert process.wait(PATIENCE_S) == -signal.SIGKILL
        process.communicate()
    assert psutil.wait_procs(family, timeout=PATIENCE_S)[1] == []
