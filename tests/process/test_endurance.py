"""tests.endurance: its settings are what they say, and what is red is told and counted."""

import os
import sys
from pathlib import Path

import pytest

from tests.endurance import __main__ as command, outcomes, settings, suite
from tests.endurance.tables import Table

pytestmark = pytest.mark.skipif(
    os.name != "posix", reason="processes join a setting as POSIX has it"
)


def said_in(setting, code, folder):
    """Return what a program prints that was started in a setting, or skip."""
    log = Path(folder, "log")
    try:
        with settings.SETTINGS[setting].enter() as joining:
            program = [sys.executable, "-c", code]
            settings.started(program, joining, log=log, folder=folder).wait(timeout=60)
    except OSError as error:
        pytest.skip(f"this machine cannot make it: {error}")
    return log.read_text().strip()


def test_one_cpu_is_one_cpu(tmp_path):
    """A process started there may use one CPU, whatever this one may use."""
    assert said_in("one-cpu", "import os; print(len(os.sched_getaffinity(0)))", tmp_path) == "1"


@pytest.mark.parametrize(("setting", "cpus"), [("quota-1", "1.0"), ("quota-half", "0.5")])
def test_a_quota_is_a_quota(tmp_path, setting, cpus):
    """A process started there finds the quota that it is called after."""
    code = "from hybrid_demo.machine import cpu_quota; print(float(cpu_quota()))"
    assert said_in(setting, code, tmp_path) == cpus


def test_a_red_test_is_told_with_its_reason(tmp_path, monkeypatch, capsys):
    """A run of pytest that fails is a fault that names the test and why."""
    Path(tmp_path, "test_two.py").write_text(
        "def test_right(): pass\ndef test_wrong(): raise ValueError('of the moon')\n"
    )
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    table = Table("as-it-is", suite.COLUMNS)
    suite.one_by_one("as-it-is", [tmp_path / "test_two.py"], 1, table)
    table.show()
    out = capsys.readouterr().out
    assert table.red == 1
    assert "RED test_two.py, test_wrong: ValueError: of the moon" in out
    assert "1 of 1" in out


def test_a_part_that_does_not_exist_is_refused(capsys):
    """The error names the part that was given, and those that there are."""
    with pytest.raises(SystemExit):
        command.main(["quotas"])
    assert "no such part: quotas; there are interrupts, kills" in capsys.readouterr().err


def test_a_later_outcome_takes_the_place_of_the_earlier(tmp_path):
    """In its place in the table, with a red one in bold; others stay."""
    kept = tmp_path / "measured.json"
    assert outcomes.kept(kept) == []
    first = outcomes.Outcome("busy", "30 runs of 10", 2, "08 took 61 s", "today, Linux")
    other = outcomes.Outcome("killed", "20 kernels", 0, "", "today, Linux")
    outcomes.keep([first, other], kept)
    outcomes.keep([first._replace(red=0)], kept)
    assert outcomes.kept(kept) == [first._replace(red=0), other]
    *_, busy, killed = outcomes.table([first, other]).splitlines()
    assert busy == "| busy | 30 runs of 10 | **2** | 08 took 61 s | today, Linux |"
    assert killed == "| killed | 20 kernels | none |  | today, Linux |"


def test_what_a_part_came_to_is_summed_up(tmp_path, monkeypatch):
    """Runs, files, and how many runs were red; of what was not run, nothing."""
    Path(tmp_path, "test_two.py").write_text("def test_wrong(): raise ValueError\n")
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    monkeypatch.setattr(command, "PROCESS_TESTS", [tmp_path / "test_two.py"])
    table = Table("as-it-is", suite.COLUMNS)
    options = command._options(["as-it-is", "--runs", "0", "--test-runs", "2"])
    command.PARTS["as-it-is"][1](options, table)
    (outcome,) = table.outcomes
    assert outcome.what == "all files of process tests: this machine as it is"
    assert (outcome.times, outcome.red) == ("2 runs (1 file)", 2)


def test_runs_of_earlier_days_count(tmp_path, monkeypatch):
    """Of three runs two are in the diary, one of them red; one more is run, and written there."""
    Path(tmp_path, "test_two.py").write_text("def test_right(): pass\n")
    monkeypatch.setattr(suite, "ROOT", tmp_path)
    diary = tmp_path / "diary"
    for red in ([], ["test_wrong: ValueError"]):
        earlier = suite.Round("test_two.py", 2.5, 1, tuple(red))
        suite._write(diary, "as-it-is", earlier)
    suite._write(diary, "busy", earlier)
    table = Table("as-it-is", suite.COLUMNS)
    path = tmp_path / "test_two.py"
    done = suite.one_by_one("as-it-is", [path], 3, table, diary)
    assert [each.red for each in done] == [(), ("test_wrong: ValueError",), ()]
    assert table.red == 1
    assert suite.one_by_one("as-it-is", [path], 3, table, diary) == done


def test_a_part_of_the_files_is_not_written(capsys):
    """The README's table is of all of them."""
    with pytest.raises(SystemExit):
        command.main(["busy", "--write", "--only", "03"])
    assert "--write takes no --only" in capsys.readouterr().err
