"""JupyterLab as a student starts it: the README's command, on a copy of the project's notebooks."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.around import ROOT, end

START_WITHIN_S = 120
# A browser that only writes down what it was asked to open.
BROWSER = """
import pathlib, sys
written = pathlib.Path(sys.argv[1])
written.with_suffix(".part").write_text(sys.argv[2])
written.with_suffix(".part").replace(written)
"""
# What lets a test ask JupyterLab about its notebook instead of guessing from pixels.
EXPOSE = "c.LabApp.expose_app_in_browser = True\n"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab.

    Attributes:
        pid: its process.
        opened: the page it asked a browser to open, which leads on to `path`.
        url: its address, up to and including the port.
        path: what it shows first.
        token: what it lets a browser in by.
    """

    pid: int
    opened: str
    url: str
    path: str
    token: str

    def address_of(self, notebook: str) -> str:
        """Return the address that opens a notebook in a workspace without other tabs."""
        return f"{self.url}/lab/tree/{notebook}?reset&token={self.token}"


def readme_command(*, runs: str) -> str:
    """Return the README's command line for Linux and macOS that ends in running this."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    (command,) = {line for line in lines if re.search(rf"&& \.venv/bin/{runs}\b", line)}
    return command


@contextmanager
def jupyter_lab(folder: Path, *, notebooks: Path = ROOT / "notebooks") -> Iterator[Lab]:
    """Run the README's command, after its installing, as somebody who never used Jupyter.

    Args:
        folder: an empty folder; becomes the home directory and holds the copy.
        notebooks: the folder of notebooks to copy; 00-start-here.ipynb must be among them.

    Raises:
        RuntimeError: JupyterLab ended, or opened no browser.
    """
    home, project = folder / "home", folder / "project"
    (home / ".jupyter").mkdir(parents=True)
    (home / ".jupyter" / "jupyter_lab_config.py").write_text(EXPOSE)
    (folder / "browser.py").write_text(BROWSER)
    shutil.copytree(notebooks, project / "notebooks")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "XDG_"))
    }
    environment["HOME"] = environment["USERPROFILE"] = str(home)
    environment["BROWSER"] = shlex.join(
        [sys.executable, str(folder / "browser.py"), str(folder / "opened"), "%s"]
    )
    words = shlex.split(readme_command(runs="jupyter").rpartition("&&")[2])
    words[0] = str(Path(sysconfig.get_path("scripts")) / Path(words[0]).name)
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(words, cwd=project, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            page = Path(_awaited(folder / "opened", server).removeprefix("file://"))
            found = re.search(r"(http://[^/]+)(/lab/tree/.*)\?token=(\w+)", page.read_text())
            assert found is not None
            yield Lab(server.pid, page.as_uri(), found[1], found[2], found[3])
        except BaseException as error:
            error.add_note((folder / "log").read_text(errors="replace")[-3000:])
            raise
        finally:
            end(server)


def _awaited(file: Path, server: subprocess.Popen[bytes]) -> str:
    """Return what the stand-in for a browser was asked to open."""
    give_up_at = time.monotonic() + START_WITHIN_S
    while not file.exists():
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab ended with status {server.returncode}; its log follows")
        if time.monotonic() > give_up_at:
            raise RuntimeError(f"JupyterLab opened no browser within {START_WITHIN_S} s")
        time.sleep(0.05)
    return file.read_text()
