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

import nbformat
import pytest
from playwright.sync_api import Page

from tests.around import LOOPBACK, listening
from tests.browser.chromium import missing, run_all, wait_until_ready
from tests.browser.explorers import Panel
from tests.browser.lab import Lab, jupyter_lab
from tests.unit.strange import MARKUP, TEX

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
# Whatever can be shown, named by a label that is no text if anything takes it for more.
SHOWS = """
import asyncio
from hybrid_demo import *
from hybrid_demo.model import inference

async def ask(how):
    return how

async def handle(executor):
    asyncio.current_task().set_name(LABEL)
    return await asyncio.get_running_loop().run_in_executor(executor, model_inference, 1000)

async with open_pool(1) as executor, watch(LABEL) as first, watch(LABEL) as second:
    await asyncio.create_task(handle(executor))
async with mistake():
    raise ValueError(LABEL)
guess = predict("2-worst-wait")
explorer = explore(ask, {"how": [LABEL, "plainly"]}, goal=LABEL)
display(first, timeline(first), compare(first, second), guess, explorer)
explorer.start()
while explorer.is_running:
    await asyncio.sleep(0.05)
"""


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


def test_a_label_is_text_whatever_stands_in_it(lab: Lab, folder: Path, page: Page) -> None:
    """JupyterLab typesets TeX and makes elements of HTML, in Markdown, beside our outputs."""
    asked = asked_by(page)
    said: list[str] = []
    page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    notebook.cells.append(nbformat.v4.new_markdown_cell("$a^2$ is typeset"))
    notebook.cells += [
        nbformat.v4.new_code_cell(f"LABEL = {label!r}\n{SHOWS}") for label in (TEX, MARKUP)
    ]
    nbformat.write(notebook, folder / "project" / "notebooks" / "labels.ipynb")
    page.goto(lab.address_of("labels.ipynb"))
    wait_until_ready(page)
    run_all(page)
    page.locator(".jp-MarkdownOutput mjx-container").wait_for()
    shown = page.locator(".jp-OutputArea-output")
    assert shown.count() >= 10
    told = " ".join(shown.all_inner_texts())
    assert TEX in told
    assert MARKUP in told
    assert page.locator(".jp-OutputArea mjx-container").count() == 0
    assert not said
    assert not [each for each in asked if urlsplit(each).path.endswith("/x")]


@pytest.mark.parametrize("path", ["api/contents", "api/kernels", "api/sessions"])
def test_without_the_token_nobody_is_let_in(path: str, lab: Lab) -> None:
    """The README's command leaves it on: its server refuses, and answers with it."""
    with pytest.raises(HTTPError, match="403"):
        urlopen(f"{lab.url}/{path}")
    with urlopen(f"{lab.url}/{path}?token={lab.token}") as answer:
        assert answer.status == 200
