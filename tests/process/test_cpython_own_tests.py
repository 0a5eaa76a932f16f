"""CPython's own tests of what we patch, run with a watch open around them."""

import importlib.util
import os
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DRIVER = Path(__file__).with_name("cpython_driver.py")
# In test_log_slow_callbacks every callback counts as slow, and the first to be logged is
# compared; a heartbeat may come first. test_shutdown_deadlock_pickle hangs now and then without
# us, until CPython's change GH-125492: the executor's manager joins the queue's feeder while it
# holds the lock that the feeder needs. 3.12.8 and 3.13.1 were the first to have the change.
HANGS = sys.version_info < (3, 12, 8) or (3, 13) <= sys.version_info < (3, 13, 1)
# They wait most of the time: in so many programs at once, the longest waits apart.
PARTS = 4
LONGEST = ["test_subprocess", "test_tasks", "test_ssl", "test_events"]


def is_shipped(suite: str) -> bool:
    """Return whether this interpreter comes with that part of its own tests."""
    try:
        return importlib.util.find_spec(f"test.{suite}") is not None
    except ModuleNotFoundError:
        return False


def parts_of(suite: str, *options: str) -> dict[str, list[str]]:
    """Return regrtest's arguments for each part of a suite: all its modules, each in one part."""
    if not is_shipped(suite):
        return {suite: []}
    folders = importlib.util.find_spec(f"test.{suite}").submodule_search_locations
    if folders is None:  # a single module
        return {suite: [suite, *options]}
    names = sorted(each.name for each in pkgutil.iter_modules(folders))
    names = [name for name in names if name.startswith("test_")]
    names.sort(key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    return {
        f"{suite}, {part + 1} of {PARTS}": [
            *(f"test.{suite}.{name}" for name in names[part::PARTS]),
            *options,
        ]
        for part in range(PARTS)
    }


SUITES = {
    **parts_of(
        "test_concurrent_futures", *(["-i", "test_shutdown_deadlock_pickle"] if HANGS else [])
    ),
    **parts_of("test_asyncio", "--loops", "-i", "test_log_slow_callbacks"),
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple]]:
    """All suites at once: they mostly wait."""
    started = {}
    for suite, arguments in SUITES.items():
        if not arguments:
            continue
        folder = tmp_path_factory.mktemp(suite)
        log = (folder / "log").open("w+", encoding="utf-8", errors="replace")
        command = [sys.executable, str(DRIVER), *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        environment.pop("PYTHONWARNINGS", None)
        process = subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, cwd=folder, env=environment
        )
        started[suite] = (process, log)
    yield started
    for process, log in started.values():
        process.kill()
        process.wait()
        log.close()


@pytest.mark.parametrize("suite", SUITES)
def test_passes_with_a_watch_open_around_it(suite: str, runs: dict[str, tuple]) -> None:
    """CPython's own tests pass while a watch records what they do."""
    if suite not in runs:
        pytest.skip(f"this interpreter was installed without test.{suite}")
    process, log = runs[suite]
    code = process.wait(timeout=900)
    log.seek(0)
    said = log.read()
    assert code == 0, said[-6000:]
    assert "Result: SUCCESS" in said, said[-6000:]
