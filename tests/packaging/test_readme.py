"""The README keeps what it promises."""

from __future__ import annotations

import re

import pytest

from hybrid_demo import Recording
from tests.around import NOTEBOOKS, ROOT
from tools import write_tables

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^```(bash|powershell)\n(.+)\n```$", README, re.MULTILINE)


def test_two_commands_each_beside_its_windows_form() -> None:
    """One line opens JupyterLab, one line passes the tests; PowerShell does the same steps."""
    assert [shell for shell, _ in COMMANDS] == ["bash", "powershell"] * 2
    for (_, unix), (_, windows) in zip(COMMANDS[::2], COMMANDS[1::2], strict=True):
        as_windows = unix.replace("python3 -m", "py -m").replace(" &&", ";")
        as_windows = as_windows.replace(".venv/bin/", ".venv\\Scripts\\")
        as_windows = as_windows.replace(" --allow-root", "").replace("notebooks/", "notebooks\\")
        assert windows == as_windows


def test_the_workflow_runs_the_second_command_as_it_stands() -> None:
    """What passes there is what a reader types."""
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    for _, command in COMMANDS[2:]:
        assert f"run: |\n          {command}\n" in workflow


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links_and_pictures_lead_somewhere(target: str) -> None:
    """Everything the README points at is in the repository."""
    assert (ROOT / target).exists()


def test_every_notebook_is_on_the_map() -> None:
    """The README links each notebook once."""
    for path in NOTEBOOKS:
        link = f"({path.relative_to(ROOT).as_posix()})"
        assert README.count(link) == 1, f"one row under 'The notebooks' has to link {link}"


def test_tables_are_those_of_the_data_files() -> None:
    """The ledger and the votes that a reader sees are what claims and guesses are judged by."""
    assert write_tables.main(["--check"]) == 0, "run python -m tools"


def test_the_guide_draws_runs_that_are_there() -> None:
    """What an instructor pastes when the machine misbehaves loads, and says it is recorded."""
    guide = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    named = re.findall(r'Recording\.load\("([^"]+)"\)', guide)
    assert named
    for path in named:
        assert Recording.load(ROOT / "notebooks" / path).recorded
