"""Nothing is asked of the network, and the network can ask nothing: seen in a real browser.

Every request that the browser makes is written down, sockets and redirects included;
every port that a server of ours opens is looked up with the system. That the handout and
the deck ask for no more than their files, ``complaints`` holds in their own tests.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Page

from tests.around import descendants
from tests.browser.chromium import missing, run_all, wait_until_ready
from tests.browser.explorers import Panel
from tests.browser.lab import Lab, jupyter_lab

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which JupyterLab runs."""
    return tmp_path_factory.mktemp("closed")


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[Lab]:
    """Run JupyterLab for somebody who never used it."""
    with jupyter_lab(folder) as running:
        yield running


def asked_by(page: Page) -> list[str]:
    """Return a list that grows by the address of every request and every socket of a window."""
    found: list[str] = []
    page.context.on("request", lambda request: found.append(request.url))
    page.on("websocket", lambda socket: found.append(socket.url))
    return found


def listening(pid: int) -> set[str]:
    """Return the addresses on which a process, and all that it started, can be asked."""
    found = set()
    for process in [psutil.Process(pid), *descendants(pid)]:
        for each in process.net_connections("inet"):
            if each.status == psutil.CONN_LISTEN:
                found.add(each.laddr.ip)
    return found


def test_a_notebook_asks_only_its_own_server(lab: Lab, page: Page) -> None:
    """Opened, run as a whole, its explorer used: no font, script or picture from elsewhere.

    Meanwhile the server and its kernel can be asked from this machine alone.
    """
    asked = asked_by(page)
    page.goto(lab.address_of("03-gather-dispatch.ipynb"))
    wait_until_ready(page)
    run_all(page)
    panel = Panel(page)
    assert "requests=" in panel.run()
    assert listening(lab.pid) <= LOOPBACK
    ours = urlsplit(lab.url).netloc
    served = [each for each in asked if each.startswith(("http:", "https:", "ws:", "wss:"))]
    assert {urlsplit(each).netloc for each in served} == {ours}
    others = {urlsplit(each).scheme for each in asked} - {"http", "ws"}
    assert others <= {"data", "blob"}
    assert any(each.startswith("ws:") for each in asked), "the kernel's socket was not seen"


@pytest.mark.parametrize("path", ["api/contents", "api/kernels", "api/sessions"])
def test_without_the_token_nobody_is_let_in(path: str, lab: Lab) -> None:
    """The README's command leaves it on: its server refuses, and answers with it."""
    with pytest.raises(HTTPError, match="403"):
        urlopen(f"{lab.url}/{path}")
    with urlopen(f"{lab.url}/{path}?token={lab.token}") as answer:
        assert answer.status == 200
