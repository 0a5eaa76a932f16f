"""``check``: what a machine's figures mean for the notebooks, in sentences."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from hybrid_demo.__main__ import main
from hybrid_demo.rehearsal import checking, machine, places
from hybrid_demo.rehearsal.machine import LIBRARIES, Machine, look
from hybrid_demo.rehearsal.weak import described, weaknesses
from tests.around import NOTEBOOKS, ROOT

GOOD = Machine(
    python=(3, 13, 0),
    implementation="CPython",
    has_gil=True,
    system="Linux (x86_64)",
    cpus=4,
    owned=4,
    quota=None,
    start="forkserver",
    in_use=0.1,
    throttled_s=0.0,
    idle_lag_s=0.001,
    pool_s=0.1,
    pool_error="",
    speed=6_000_000,
    temp_error="",
    moved=(),
)
NEEDS = {"2.6": 2, "5.5": 2, "4.9": 4}


def told(**different: object) -> str:
    """Return all sentences about a machine that differs from a good one."""
    found = weaknesses(dataclasses.replace(GOOD, **different), NEEDS)  # type: ignore[arg-type]
    return "\n".join(each.words for each in found)


def test_a_good_machine_has_no_weakness() -> None:
    """Enough idle CPUs, a punctual loop, a known Python: nothing is to be said."""
    assert told() == ""


def test_one_cpu_saves_no_time_and_hides_the_claims_that_need_more() -> None:
    """It says so once for time, and names the claims."""
    words = told(cpus=1)
    assert "no work is done sooner" in words
    assert "claims 2.6, 5.5, 4.9" in words


def test_two_cpus_hide_only_what_needs_four() -> None:
    """A claim that this machine can show is not named."""
    words = told(cpus=2, owned=2)
    assert "claim 4.9" in words
    assert "2.6" not in words


def test_a_quota_freezes_loop_and_workers_together() -> None:
    """A quota below the machine's CPUs is a weakness, one above them is none."""
    words = told(cpus=2, quota=1.5, throttled_s=0.08)
    assert "freeze together" in words
    assert "More than 2 workers" in words
    assert "stopped this very check for 80 ms" in words
    assert told(quota=8.0) == ""


def test_a_busy_machine_leaves_claims_without_a_verdict() -> None:
    """Others' load stretches times; claims that find too few CPUs idle are named."""
    words = told(in_use=2.8)
    assert "others use 2.8 of the 4 CPUs" in words
    assert "claims 2.6, 5.5, 4.9 without a verdict" in words
    assert "verdict" not in told(in_use=1.2, cpus=2)


@pytest.mark.parametrize(
    ("different", "words"),
    [
        ({"idle_lag_s": 0.08}, "the loop was 80 ms late"),
        ({"pool_s": 4.2}, "Pools start slowly: 4.20 s"),
        ({"speed": 1_000_000}, "6 times slower"),
        ({"python": (3, 12, 1)}, "no asyncio.Queue.shutdown"),
        ({"python": (3, 15, 0)}, "newer than these notebooks"),
        ({"implementation": "PyPy"}, "PyPy is not CPython"),
        ({"has_gil": False}, "no GIL"),
        ({"moved": ("numpy is 1.0; tested was 2.4",)}, "numpy is 1.0"),
        ({"pool_s": None, "pool_error": "OSError: no semaphores"}, "OSError: no semaphores"),
        ({"temp_error": "No usable temporary directory"}, "Set TMPDIR"),
    ],
)
def test_each_weakness_is_told(different: dict[str, object], words: str) -> None:
    """One thing amiss is one sentence."""
    assert words in told(**different)
    assert "\n" not in told(**different)


def test_what_the_machine_is_needs_no_pool() -> None:
    """A machine on which no pool starts is still described."""
    broken = dataclasses.replace(GOOD, pool_s=None, pool_error="OSError: no")
    assert len(described(broken)) == len(described(GOOD)) - 1
    assert "4 of 4 CPUs for this process, no quota" in described(GOOD)


def test_it_measures_the_machine_it_runs_on() -> None:
    """A pool starts, and the loop is on time more or less."""
    found = look()
    assert found.pool_error == found.temp_error == ""
    assert found.pool_s is not None
    assert found.pool_s > 0
    assert found.speed > 0
    assert 0 <= found.in_use <= found.owned


def test_a_fake_machine_is_seen_through_the_same_questions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One CPU, a quota and a busy system are read where the notebooks read them."""
    monkeypatch.setattr(machine, "effective_cpus", lambda: 1)
    monkeypatch.setattr(machine, "cpu_quota", lambda: 0.5)
    monkeypatch.setattr(machine.psutil, "cpu_percent", lambda: 100.0)
    found = look()
    assert (found.cpus, found.quota) == (1, 0.5)
    assert found.in_use > 0


@pytest.mark.once
def test_nothing_has_moved_where_the_lock_was_installed() -> None:
    """The libraries are those that were tested; CI installs the oldest on one other Python."""
    assert look().moved == ()


def test_a_library_that_moved_or_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The versions are compared with the lock file's, without importing anything."""

    def version(name: str) -> str:
        if name == "nbval":
            raise machine.importlib.metadata.PackageNotFoundError
        return "0.0.1" if name == "numpy" else real(name)

    real = machine.importlib.metadata.version
    monkeypatch.setattr(machine.importlib.metadata, "version", version)
    moved = machine._moved()  # others, too, where the oldest versions are tested
    numpy, nbval = (one for one in moved if one.split()[0] in ("numpy", "nbval"))
    assert numpy.startswith("numpy is 0.0.1; tested was 2.")
    assert nbval == "nbval is not installed"
    assert LIBRARIES.index("numpy") < LIBRARIES.index("nbval")


def test_the_command_succeeds_unless_something_will_not_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A weak machine is no error; one without a pool is."""
    monkeypatch.setattr(checking, "look", lambda: dataclasses.replace(GOOD, cpus=1))
    assert main(["check"]) == 0
    assert "no work is done sooner" in capsys.readouterr().out
    broken = dataclasses.replace(GOOD, pool_s=None, pool_error="OSError: no semaphores")
    monkeypatch.setattr(checking, "look", lambda: broken)
    assert main(["check"]) == 1
    assert "No process pool can be started" in capsys.readouterr().out


def test_the_notebooks_say_which_claims_need_cpus(tmp_path: Path) -> None:
    """They are read from the cells; magics, other calls and broken files do no harm."""
    sources = [
        'claim("5.5", a < b, needs_cpus=2)\nclaim("5.3", a < b)\nclaim("5.4", a, needs_cpus=1)',
        "%%writefile my_job.py\nx = 1",
        "claim()\nother('9.9', needs_cpus=7)",
    ]
    cells = [{"cell_type": "code", "source": [source]} for source in sources]
    cells.append({"cell_type": "markdown", "source": ['claim("1.1", True, needs_cpus=3)']})
    good, broken = tmp_path / "01-good.ipynb", tmp_path / "02-broken.ipynb"
    good.write_text(json.dumps({"cells": cells}))
    broken.write_text("no JSON")
    assert places.cpus_needed([good, broken]) == {"5.5": 2}
    assert places.cpus_needed(NOTEBOOKS)["5.5"] == 2


def test_the_notebooks_are_found_beside_the_package_or_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editable install knows its notebooks; else it is the current folder that counts."""
    assert places.notebooks_folder() == ROOT / "notebooks"
    monkeypatch.setattr(places.hybrid_demo, "__file__", str(tmp_path / "lib" / "x" / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match="run this in the project's folder"):
        places.notebooks_folder()
    assert main(["rehearse"]) == 2
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "00-start-here.ipynb").touch()
    assert places.notebooks_folder() == tmp_path / "notebooks"


def test_all_notebooks_are_meant_by_number_whatever_their_folder(tmp_path: Path) -> None:
    """Those beyond come after the others, checkpoints and unnumbered files are not among them."""
    names = ["01-b.ipynb", "beyond/07-c.ipynb", "00-a.ipynb"]
    for name in [*names, "Untitled.ipynb", ".ipynb_checkpoints/00-a-checkpoint.ipynb"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = places.notebooks_in(tmp_path)
    assert [path.name for path in found] == ["00-a.ipynb", "01-b.ipynb", "07-c.ipynb"]
    assert places.name_of(found[2]) == "beyond/07-c"


@pytest.mark.parametrize("name", ["03", "03-gather-dispatch", "notebooks/03-gather-dispatch.ipynb"])
def test_a_notebook_is_called_by_its_number_name_or_path(name: str) -> None:
    """All three mean the same file, from whatever folder."""
    assert places.chosen([name]) == [ROOT / "notebooks" / "03-gather-dispatch.ipynb"]


def test_an_unknown_notebook_is_answered_with_those_there_are() -> None:
    """So is an empty name, and one that is only the beginning of others."""
    for name in ("99", "", "0"):
        with pytest.raises(ValueError, match=rf"called '{name}'; .*one of 00-start-here, "):
            places.chosen([name])


def test_two_notebooks_of_one_name_cannot_be_rehearsed_together(tmp_path: Path) -> None:
    """Their pages would overwrite each other."""
    paths = [tmp_path / folder / "01-a.ipynb" for folder in ("x", "y")]
    for path in paths:
        path.parent.mkdir()
        path.touch()
    with pytest.raises(ValueError, match="two notebooks are called '01-a'"):
        places.chosen([str(path) for path in paths])
    assert len(places.chosen([str(paths[0]), str(paths[0])])) == 1
