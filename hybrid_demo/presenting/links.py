"""``links``: addresses that open the notebooks on Binder and on a JupyterHub.

For whatever repository the project lives in, since forks and courses have their
own. The forms are those of mybinder.org ("How to use") and of nbgitpuller
("Making nbgitpuller links"); nothing is asked of any server.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

from rich.text import Text

from hybrid_demo.rehearsal import places
from hybrid_demo.rehearsal.printing import console

BINDER = "https://mybinder.org/v2"
HUB = "https://YOUR-HUB"
_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)(?!\d+/)(.+)")  # git@host:owner/name.git
_AS_HTTPS = ("http", "https", "ssh", "git", "git+ssh")


@dataclass(frozen=True, kw_only=True)
class Repository:
    """Where a project lives.

    Attributes:
        host: ``"github.com"``, with a port if it needs one.
        path: ``"owner/name"``; a group of groups may stand before the name.
        branch: the branch to open; ``""`` for the repository's own choice.
    """

    host: str
    path: str
    branch: str = ""

    @property
    def url(self) -> str:
        """Its address for a browser, without anybody's name or password."""
        return f"https://{self.host}/{self.path}"

    def binder(self, notebook: str) -> str:
        """Return the link that opens a notebook, its path in the repository, on mybinder.org."""
        owned = self.path.count("/") == 1
        if self.host == "github.com" and owned:
            where = f"gh/{quote(self.path)}"
        elif self.host == "gitlab.com":
            where = f"gl/{quote(self.path, safe='')}"
        else:
            where = f"git/{quote(self.url, safe='')}"
        ref = quote(self.branch or "HEAD", safe="")
        return f"{BINDER}/{where}/{ref}?{urlencode({'urlpath': f'lab/tree/{notebook}'})}"

    def hub(self, notebook: str, hub: str = HUB) -> str:
        """Return the link that fetches the project into a user's home on a hub, and opens it."""
        name = self.path.rpartition("/")[2]
        asked = {"repo": self.url, "urlpath": f"lab/tree/{name}/{notebook}"}
        if self.branch:
            asked["branch"] = self.branch
        return f"{hub.rstrip('/')}/hub/user-redirect/git-pull?{urlencode(asked)}"


def links(*, repo: str | None = None, branch: str | None = None, hub: str | None = None) -> int:
    """Print both links for every notebook, and return the exit status.

    Args:
        repo: the repository's address; that of the remote it was cloned from if None.
        branch: its branch; the present one if None.
        hub: the JupyterHub's address; a place to fill in if None.

    Raises:
        OSError: there are no notebooks, or no git to ask.
        ValueError: there is no remote, or its address is none that others can reach.
    """
    folder = places.notebooks_folder()
    repository = found(folder, branch) if repo is None else parsed(repo, branch or "")
    notebooks = [
        f"notebooks/{path.relative_to(folder).as_posix()}" for path in places.notebooks_in(folder)
    ]
    out = console()
    at = f", branch {repository.branch}" if repository.branch else ""
    lines = [f"The project lives at {repository.url}{at}"]
    if repo is None and not _is_pushed(folder, repository.branch):
        lines.append("This branch is not there yet, as far as git knows: push it before you share.")
    lines += ["", "On Binder, for anybody"]
    lines += [f"  {Path(each).stem}\n    {repository.binder(each)}" for each in notebooks]
    where = "" if hub else f"; put its address in the place of {HUB}, or give it as --hub URL"
    lines += ["", f"On a JupyterHub with nbgitpuller{where}"]
    lines += [f"  {Path(each).stem}\n    {repository.hub(each, hub or HUB)}" for each in notebooks]
    for line in lines:
        out.print(Text(line), soft_wrap=True)  # a link broken in two is none
    return 0


def parsed(address: str, branch: str = "") -> Repository:
    """Return the repository that an address names, whichever way git writes it.

    Raises:
        ValueError: nobody else could reach it.
    """
    text = address.strip()
    scp = _SCP.fullmatch(text) if "://" not in text else None
    if scp and len(scp[1]) > 1:  # one letter would be a drive of Windows
        host, path = scp[1], scp[2]
    else:
        parts = urlsplit(text)
        host, path = parts.hostname or "", parts.path
        if parts.port and parts.scheme in ("http", "https"):
            host = f"{host}:{parts.port}"
        if parts.scheme not in _AS_HTTPS:
            host = ""
    path = path.strip("/").removesuffix(".git")
    if not host or "/" not in path:
        raise ValueError(
            f"the repository's address is {_without_password(text)!r}; expected one that others "
            "can reach, such as https://github.com/OWNER/NAME: give it as --repo URL"
        )
    return Repository(host=host, path=path, branch=branch)


def found(folder: Path, branch: str | None = None) -> Repository:
    """Return the repository that a folder was cloned from, at its present branch.

    Raises:
        ValueError: the folder belongs to no repository, or that has no remote.
    """
    here = _git(folder, "branch", "--show-current")
    remotes = (_git(folder, "remote") or "").split()
    if not remotes:
        what = "has no remote" if here is not None else f"is none of git's ({folder})"
        raise ValueError(
            f"this project's folder {what}, so it lives nowhere that others can reach; push it to "
            "a server such as GitHub, or give its address: "
            "python -m hybrid_demo links --repo https://github.com/OWNER/NAME"
        )
    followed = _git(folder, "config", f"branch.{here}.remote")
    chosen = next((each for each in (followed, "origin") if each in remotes), remotes[0])
    return parsed(_git(folder, "remote", "get-url", chosen) or "", branch or here or "")


def _is_pushed(folder: Path, branch: str) -> bool:
    listed = (_git(folder, "branch", "--remotes", "--format=%(refname:lstrip=3)") or "").split()
    return not branch or branch in listed


def _without_password(address: str) -> str:
    return re.sub(r"//[^/@\s]*@", "//", address)


def _git(folder: Path, *arguments: str) -> str | None:
    """Return what git answers; None if it has no answer, or there is no git."""
    command: Sequence[str] = ["git", "-C", str(folder), *arguments]
    try:
        # In git's own encoding: a branch may be called what Windows' code page has no letters for.
        done = subprocess.run(
            command, capture_output=True, encoding="utf-8", errors="replace", check=False
        )
    except FileNotFoundError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
