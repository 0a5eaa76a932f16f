"""What the machine can show: CPUs, quota, throttling, calibration, the environment line."""

import math
import multiprocessing
import os
import platform
import statistics
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from hybrid_demo import calibrate, cpu_intensive_analysis, describe_machine, effective_cpus, machine


@pytest.fixture
def cgroups(tmp_path, monkeypatch):
    """Return a function that lays out a made-up cgroup tree for this process."""

    def lay_out(own, files):
        (tmp_path / "own").write_text(own)
        for path, text in files.items():
            file = tmp_path / "fs" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        monkeypatch.setattr(machine, "_OWN_CGROUPS", str(tmp_path / "own"))
        monkeypatch.setattr(machine, "_CGROUPS", str(tmp_path / "fs"))

    return lay_out


def test_effective_cpus_are_at_least_one_and_at_most_the_machines():
    """The figure lies between 1 and os.cpu_count()."""
    assert 1 <= effective_cpus() <= os.cpu_count()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no CPU affinity on this system")
def test_effective_cpus_follow_affinity():
    """Bound to one CPU, a process can use one."""
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert effective_cpus() == 1
    finally:
        os.sched_setaffinity(0, before)


def test_effective_cpus_follow_the_environment(monkeypatch):
    """LOKY_MAX_CPU_COUNT lowers the figure, as in joblib and scikit-learn."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "1")
    assert effective_cpus() == 1


def test_counting_cpus_leaves_multiprocessing_as_it_was():
    """Loky changes neither the start method nor the list of start methods."""
    before = multiprocessing.get_start_method(allow_none=True)
    methods = multiprocessing.get_all_start_methods()
    effective_cpus()
    assert multiprocessing.get_start_method(allow_none=True) == before
    assert multiprocessing.get_all_start_methods() == methods


@pytest.mark.parametrize(
    ("own", "files", "quota"),
    [
        ("0::/\n", {"cpu.max": "50000 100000\n"}, 0.5),
        ("0::/\n", {"cpu.max": "max 100000\n"}, None),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000", "a/b/cpu.max": "max 100000"}, 2.0),
        ("0::/a/b\n", {"a/cpu.max": "200000 100000", "a/b/cpu.max": "150000 100000"}, 1.5),
        ("0::/docker/on-the-host\n", {"cpu.max": "100000 100000"}, 1.0),
        ("4:cpu:/a\n", {"cpu/a/cpu.cfs_quota_us": "-1", "cpu/a/cpu.cfs_period_us": "100000"}, None),
        (
            "3:cpu,cpuacct:/a\n",
            {"cpu,cpuacct/a/cpu.cfs_quota_us": "75000", "cpu,cpuacct/a/cpu.cfs_period_us": "50000"},
            1.5,
        ),
        ("", {}, None),
        ("nonsense\n0::/\n", {"cpu.max": "nonsense"}, None),
    ],
)
def test_the_quota_is_the_smallest_of_the_cgroups_around(cgroups, own, files, quota):
    """cpu.max (version 2) and cpu.cfs_quota_us (version 1) are read up to the root in sight."""
    cgroups(own, files)
    assert machine.cpu_quota() == quota


def test_effective_cpus_follow_a_quota_deep_in_the_tree(cgroups):
    """A quota of half a CPU on this process's own cgroup leaves one CPU."""
    cgroups("0::/a\n", {"a/cpu.max": "50000 100000"})
    assert effective_cpus() == 1


@pytest.mark.parametrize(
    ("own", "files", "seconds"),
    [
        ("0::/a\n", {"a/cpu.stat": "usage_usec 9\nnr_throttled 3\nthrottled_usec 80000\n"}, 0.08),
        ("0::/\n", {"cpu.stat": "usage_usec 9\n"}, None),
        ("2:cpu:/a\n", {"cpu/a/cpu.stat": "nr_throttled 1\nthrottled_time 2500000000\n"}, 2.5),
        ("", {}, None),
    ],
)
def test_throttled_time_is_read_from_both_versions(cgroups, own, files, seconds):
    """throttled_usec and throttled_time become seconds; None where neither is told."""
    cgroups(own, files)
    assert machine.throttled_s() == seconds


def test_throttled_time_adds_up_over_nested_cgroups(cgroups):
    """The growth between two readings counts the throttling of every cgroup around."""
    files = {"a/cpu.stat": "throttled_usec 1000000", "a/b/cpu.stat": "throttled_usec 500000"}
    cgroups("0::/a/b\n", files)
    assert machine.throttled_s() == 1.5


def test_throttled_time_never_shrinks():
    """Two readings on the real machine are both None, or the later is no less."""
    first, second = machine.throttled_s(), machine.throttled_s()
    assert (first is None) == (second is None)
    assert first is None or second >= first


def test_calibrated_work_takes_about_the_time_asked_for():
    """The CPU time of the calibrated analysis is within a factor of two of the wish."""
    size = calibrate(0.05)

    def cpu_s():
        begun = time.thread_time()
        cpu_intensive_analysis(size)
        return time.thread_time() - begun

    assert 0.025 < statistics.median(cpu_s() for _ in range(3)) < 0.1


def test_calibration_is_rounded_to_two_digits():
    """A size reads like 960000, not like 958113."""
    size = calibrate(0.1)
    assert size == round(size, 2 - len(str(size)))


def test_calibration_grows_with_the_wish():
    """Forty times the seconds are more readings; a wish too small to fill is one reading."""
    assert calibrate(0.4) > calibrate(0.01)
    assert calibrate(1e-12) == 1


@pytest.mark.parametrize("seconds", [0.02, Fraction(1, 50), Decimal("0.02"), np.float32(0.02)])
def test_any_kind_of_number_will_do(seconds):
    """Fractions, decimals and NumPy's floats are seconds too."""
    assert calibrate(seconds) > 1


@pytest.mark.parametrize(
    "seconds", [math.nan, 0, -0.2, math.inf, 60.5, pytest.param(10**5000, id="endless")]
)
def test_seconds_out_of_range_are_refused(seconds):
    """ValueError says what was given, what is expected and what to do."""
    with pytest.raises(ValueError, match=r"more than 0 and at most 60: .*calibrate\(0.2\)"):
        calibrate(seconds)


@pytest.mark.parametrize("seconds", [True, False, "0.2", None, [1], 1j])
def test_seconds_that_are_no_number_are_refused(seconds):
    """TypeError says what was given, what is expected and what to do."""
    with pytest.raises(
        TypeError, match=r"expected a number of seconds, .*calibrate\(0.2\)"
    ) as caught:
        calibrate(seconds)
    assert repr(seconds) in str(caught.value)


def test_the_environment_lines_name_python_system_cpus_and_start_method():
    """A few short lines tell a reader of a saved notebook where it ran."""
    lines = describe_machine()
    for part in (
        platform.python_version(),
        platform.system(),
        f"{effective_cpus()} of {os.cpu_count()} CPU",
        machine.start_method(),
    ):
        assert part in lines


def test_no_line_is_wider_than_a_notebook(monkeypatch):
    """With everything there is to say no line reaches 90 signs, where JupyterLab breaks words."""
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    monkeypatch.setattr(machine, "cpu_quota", lambda: 0.25)
    monkeypatch.setattr(os, "getloadavg", lambda: (250.0, 1.0, 1.0), raising=False)
    lines = describe_machine().splitlines()
    assert len(lines) == 6
    assert max(len(line) for line in lines) < 90


def test_one_cpu_is_told_what_it_cannot_show(monkeypatch):
    """On one CPU the description says that no computing finishes sooner."""
    monkeypatch.setattr(machine, "effective_cpus", lambda: 1)
    assert "no computing will finish sooner here: watch the wait instead" in describe_machine()


def test_several_quiet_cpus_get_no_warning(monkeypatch):
    """With CPUs enough, no quota and no load it ends after the facts."""
    monkeypatch.setattr(machine, "effective_cpus", lambda: 4)
    monkeypatch.setattr(machine, "cpu_quota", lambda: None)
    monkeypatch.setattr(os, "getloadavg", lambda: (0.1, 0.1, 0.1), raising=False)
    assert describe_machine().endswith(f"by {machine.start_method()}.")


def test_a_quota_is_told(monkeypatch):
    """A quota below the machine's CPUs is named with its size."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(machine, "cpu_quota", lambda: 1.5)
    assert "quota holds all your processes together to 1.5 CPUs" in describe_machine()


def test_a_busy_machine_is_told(monkeypatch):
    """A load as high as the machine's CPUs is named."""
    monkeypatch.setattr(os, "getloadavg", lambda: (250.0, 1.0, 1.0), raising=False)
    assert "This machine is busy (load 250.0" in describe_machine()
