"""What holds for every test: it leaves nothing behind, and notebooks judge their claims.

pytest also collects notebooks/: nbval runs each of them cell by cell in a kernel
of its own. Stored outputs are not compared, because none are stored.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.around import descendants, left_running
from tests.contention import busy_loops


def pytest_configure(config: pytest.Config) -> None:
    """Run notebooks, in kernels where a claim that does not hold is a failure."""
    config.option.nbval_lax = True
    config.pluginmanager.register(KernelGuard())
    os.environ["HYBRID_DEMO_TESTING"] = "1"
    # The library's own default for plots; a test's process never opens a window.
    os.environ.setdefault("MPLBACKEND", "agg")


class KernelGuard:
    """Let the last cell of a notebook fail if the kernel still has child processes.

    A plugin of its own, because a conftest's hooks do not reach other folders.
    """

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Look once the last cell has run."""
        yield
        kernel = getattr(item.parent, "kernel", None)
        if kernel is not None and item is _last_cell(item) and kernel.is_alive():
            left = left_running(kernel.km.provisioner.pid)
            if left:
                pytest.fail(f"the notebook leaves processes running: {left}", pytrace=False)


def _last_cell(item: pytest.Item) -> pytest.Item:
    return [other for other in item.session.items if other.parent is item.parent][-1]


@pytest.fixture(autouse=True)
def leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a child process, a thread, a task or a figure."""
    unfinished: list[str] = []
    monkeypatch.setattr(asyncio.runners, "_cancel_all_tasks", _noting(unfinished))
    processes, threads = set(descendants(os.getpid())), set(threading.enumerate())
    yield
    assert not unfinished, f"tasks still pending when their loop ended: {unfinished}"
    new = [thread for thread in threading.enumerate() if thread not in threads]
    left = [thread.name for thread in new if not thread.daemon and not _ends(thread)]
    assert not left, f"threads still running: {left}"
    open_figures = _open_figures()
    assert not open_figures, f"pyplot figures still open: {open_figures}"
    more = left_running(os.getpid(), except_for=processes)
    assert not more, f"child processes still running: {more}"


def _ends(thread: threading.Thread) -> bool:
    """Whether it was about to end: an executor that is shut down may not have waited for it."""
    thread.join(timeout=5)
    return not thread.is_alive()


def _noting(unfinished: list[str]) -> Callable[[asyncio.AbstractEventLoop], None]:
    """Return asyncio.run's last step, which cancels what is pending; noting it first."""
    cancel_all: Any = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]

    def note_and_cancel_all(loop: asyncio.AbstractEventLoop) -> None:
        unfinished.extend(str(task.get_coro()) for task in asyncio.all_tasks(loop))
        cancel_all(loop)

    return note_and_cancel_all


def _open_figures() -> list[int]:
    pyplot = sys.modules.get("matplotlib.pyplot")
    numbers: list[int] = pyplot.get_fignums() if pyplot else []
    if pyplot:
        pyplot.close("all")
    return numbers


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Keep every CPU busy with something else while the test runs."""
    with busy_loops(os.cpu_count() or 1):
        yield
