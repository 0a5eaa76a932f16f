"""Binder: what mybinder.org would build, and what a visitor meets there.

No container is needed: repo2docker says what it would do, and the part of it
that is ours is done in an environment made for the purpose.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from http.client import HTTPResponse
from pathlib import Path

import pytest

from tests.around import ROOT, end

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="repo2docker does not run on Windows"),
]
START = "/lab/tree/notebooks/00-start-here.ipynb"
NOT_OURS = shutil.ignore_patterns(".*", "__pycache__", "build", "dist", "test-results")
# In a process of its own, because repo2docker imports names that are deprecated.
DOCKERFILE = """
from repo2docker.app import Repo2Docker
app = Repo2Docker()
for kind in app.buildpacks:
    pack = kind(app.base_image)
    pack.platform = "linux/amd64"
    if pack.detect():
        break
print(type(pack).__name__, pack.python_version)
print(pack.render({}))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the project as a clone would have it."""
    return shutil.copytree(ROOT, tmp_path_factory.mktemp("repo") / "src", ignore=NOT_OURS)


@pytest.fixture(scope="module")
def plan(project: Path) -> list[str]:
    """Return the lines of repo2docker's plan: buildpack and Python, then the Dockerfile."""
    command = [sys.executable, "-W", "ignore", "-c", DOCKERFILE]
    made = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    return made.stdout.splitlines()


def test_repo2docker_reads_the_binder_folder(plan: list[str]) -> None:
    """It takes its Python buildpack, and the Python that binder/runtime.txt names."""
    pinned = (ROOT / "binder" / "runtime.txt").read_text().strip().removeprefix("python-")
    assert plan[0] == f"PythonBuildPack {pinned}"


def test_a_visitor_lands_ready_in_the_first_notebook(
    plan: list[str], project: Path, tmp_path: Path
) -> None:
    """Its steps, replayed in an empty environment, leave nothing to be installed or asked."""
    prefix, home = tmp_path / "environment", tmp_path / "home"
    home.mkdir()
    _make_environment(prefix)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "JPY_", "IPYTHON", "XDG_", "PYTHON", "HYBRID"))
    }
    environment |= {
        "HOME": str(home),
        "KERNEL_PYTHON_PREFIX": str(prefix),
        "NB_PYTHON_PREFIX": str(prefix),
        "REPO_DIR": str(project),
        "PATH": f"{prefix / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    copied = plan.index("COPY --chown=1000:1000 src/ ${REPO_DIR}/")
    steps = [line.removeprefix("RUN ") for line in plan[copied:] if line.startswith("RUN ")]
    assert any("pip install" in step for step in steps)
    assert any("postBuild" in step for step in steps)
    for step in steps:
        done = subprocess.run(
            ["bash", "-c", step], cwd=project, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{step}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    where = subprocess.run(
        ["python", "-c", "import hybrid_demo; print(hybrid_demo.watch, hybrid_demo.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(project) in where.stdout
    (command,) = [json.loads(line[4:]) for line in plan if line.startswith("CMD ")]
    _check_server(command, project, environment)


def _make_environment(prefix: Path) -> None:
    """Make an empty environment of the pinned Python, or of this one where that is missing."""
    pinned = (ROOT / "binder" / "runtime.txt").read_text().strip().replace("-", "")
    python = shutil.which(pinned)
    if python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
        subprocess.run([python, "-m", "venv", str(prefix)], check=True)
    else:
        venv.create(prefix, with_pip=True)


def _check_server(command: list[str], project: Path, environment: dict[str, str]) -> None:
    """Start the image's own command, for this machine only, and look where it leads."""
    words = ["127.0.0.1" if word == "0.0.0.0" else word for word in command]
    words += ["--no-browser", "--allow-root"]
    with subprocess.Popen(
        words, cwd=project, env=environment, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stderr is not None
            log: list[str] = []
            for line in server.stderr:
                log.append(line)
                found = re.search(r"(http://127\.0\.0\.1:\d+)/\S*\?token=(\w+)", line)
                if found:
                    break
            else:
                pytest.fail(f"{words} said:\n{''.join(log)}")
            address, token = found[1], found[2]
            with _page(f"{address}/?token={token}") as page:
                assert page.url.startswith(address + START)
            settings = "lab/api/settings/@jupyterlab/apputils-extension:notification"
            with _page(f"{address}/{settings}?token={token}") as page:
                properties = json.load(page)["schema"]["properties"]
            assert properties["fetchNews"]["default"] == "false"
            assert properties["checkForUpdates"]["default"] is False
        finally:
            end(server)


def _page(address: str) -> HTTPResponse:
    """Open a page; Jupyter names its address a moment before it listens there."""
    give_up_at = time.monotonic() + 60
    while True:
        try:
            page: HTTPResponse = urllib.request.urlopen(address, timeout=60)
            return page
        except urllib.error.URLError as error:
            refused = isinstance(error.reason, ConnectionRefusedError)
            if not refused or time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)
