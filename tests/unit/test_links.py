"""Links to Binder and to a JupyterHub, for whatever repository the project lives in."""

from __future__ import annotations

import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from hybrid_demo.__main__ import main
from hybrid_demo.presenting.links import Repository, found, parsed
from hybrid_demo.rehearsal import places
from tests.around import NOTEBOOKS, notebook_name

FIRST = "notebooks/00-start-here.ipynb"


@pytest.mark.parametrize(
    ("address", "url", "place"),
    [
        ("https://github.com/uni/course.git", "https://github.com/uni/course", "gh/uni/course"),
        (
            "https://me:secret@github.com/uni/course",
            "https://github.com/uni/course",
            "gh/uni/course",
        ),
        ("git@github.com:uni/course.git", "https://github.com/uni/course", "gh/uni/course"),
        (
            "ssh://git@github.com:22/uni/course.git",
            "https://github.com/uni/course",
            "gh/uni/course",
        ),
        (
            "git@gitlab.com:uni/cs/course.git",
            "https://gitlab.com/uni/cs/course",
            "gl/uni%2Fcs%2Fcourse",
        ),
        (
            "https://bitbucket.org/uni/course/",
            "https://bitbucket.org/uni/course",
            "git/https%3A%2F%2Fbitbucket.org%2Funi%2Fcourse",
        ),
        (
            "https://git.uni.edu:8443/cs/course.git",
            "https://git.uni.edu:8443/cs/course",
            "git/https%3A%2F%2Fgit.uni.edu%3A8443%2Fcs%2Fcourse",
        ),
    ],
)
def test_every_way_git_writes_an_address_gives_links(address: str, url: str, place: str) -> None:
    """HTTPS, SSH, both hosts Binder knows by name, and any other; no name or password stays."""
    repository = parsed(address, "main")
    assert repository.url == url
    assert repository.binder(FIRST).startswith(f"https://mybinder.org/v2/{place}/main?urlpath=")
    asked = parse_qs(urlsplit(repository.hub(FIRST, "https://hub.uni.edu/")).query)
    assert asked["repo"] == [url]
    assert "secret" not in repository.hub(FIRST)


def test_the_links_open_the_notebook_in_jupyterlab() -> None:
    """On Binder the repository is the home; on a hub it is a folder by the repository's name."""
    repository = Repository(host="github.com", path="uni/course", branch="term/2026")
    binder = urlsplit(repository.binder(FIRST))
    assert binder.path == "/v2/gh/uni/course/term%2F2026"
    assert parse_qs(binder.query) == {"urlpath": [f"lab/tree/{FIRST}"]}
    hub = urlsplit(repository.hub(FIRST, "https://hub.uni.edu/jupyter/"))
    assert hub.path == "/jupyter/hub/user-redirect/git-pull"
    assert parse_qs(hub.query) == {
        "repo": ["https://github.com/uni/course"],
        "urlpath": [f"lab/tree/course/{FIRST}"],
        "branch": ["term/2026"],
    }


def test_without_a_branch_the_repository_chooses() -> None:
    """Binder's name for that is HEAD; nbgitpuller is asked for none."""
    repository = parsed("https://github.com/uni/course")
    assert "/course/HEAD?" in repository.binder(FIRST)
    assert "branch" not in parse_qs(urlsplit(repository.hub(FIRST)).query)


@pytest.mark.parametrize(
    "address", ["", "/srv/git/course.git", "../course", "C:\\course", "file:///srv/course", "name"]
)
def test_an_address_that_only_this_machine_knows_is_refused(address: str) -> None:
    """The message says what was given, and what others can reach."""
    with pytest.raises(ValueError, match=r"--repo URL"):
        parsed(address)


def test_a_refused_address_keeps_its_password_to_itself() -> None:
    """Messages are pasted into chats."""
    with pytest.raises(ValueError, match="expected one") as raised:
        parsed("ftp://me:secret@host/uni/course")
    assert "secret" not in str(raised.value)


def repository_in(folder: Path, *commands: str) -> Path:
    """Make a git repository by these commands, and return its folder."""
    for command in ("init -q -b lecture", *commands):
        subprocess.run(["git", "-C", str(folder), *command.split()], check=True)
    return folder


def test_the_remote_and_the_branch_are_those_of_the_checkout(tmp_path: Path) -> None:
    """What the branch follows, else origin."""
    folder = repository_in(
        tmp_path,
        "remote add upstream https://github.com/them/course.git",
        "remote add origin git@github.com:uni/course.git",
    )
    assert found(folder) == Repository(host="github.com", path="uni/course", branch="lecture")
    repository_in(folder, "config branch.lecture.remote upstream")
    assert found(folder).path == "them/course"
    assert found(folder, "main").branch == "main"


def test_where_there_is_no_remote_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not a stack of frames, and not a dead link."""
    monkeypatch.setattr(places, "notebooks_folder", lambda: repository_in(tmp_path))
    assert main(["links"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "has no remote" in said.err
    assert "links --repo https://github.com/OWNER/NAME" in said.err


def test_the_command_prints_both_links_of_every_notebook_unbroken(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One line each, so that they can be copied."""
    given = ["--repo", "https://github.com/uni/course", "--branch", "main"]
    assert main(["links", *given, "--hub", "https://hub.uni.edu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for start in ("https://mybinder.org/v2/gh/uni/course/main?", "https://hub.uni.edu/hub/"):
        opened = [unquote(line) for line in lines if line.strip().startswith(start)]
        for path in NOTEBOOKS:
            assert any(f"notebooks/{notebook_name(path)}.ipynb" in each for each in opened)
        assert len(opened) == len(NOTEBOOKS)
