"""The lock files hold what pyproject.toml asks for, on every platform and Python."""

from __future__ import annotations

import importlib.metadata
import itertools
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.around import ROOT
from tools.lock import LOCKS, OLDEST

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PYTHONS = ("3.11.0", "3.12.0", "3.13.0", "3.14.0")
PLATFORMS = {
    "Linux": {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
    "macOS": {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
    "Windows": {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
}
ENVIRONMENTS = [
    {
        **platform,
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for platform, python in itertools.product(PLATFORMS.values(), PYTHONS)
]
EXTRAS = PROJECT["optional-dependencies"]
ASKED = {
    "requirements.txt": PROJECT["dependencies"],
    "binder/requirements.txt": PROJECT["dependencies"] + EXTRAS["beyond"],
    "notebooks/beyond/requirements.txt": PROJECT["dependencies"] + EXTRAS["beyond"],
    "benchmarks/requirements.txt": PROJECT["dependencies"] + EXTRAS["benchmarks"],
    "docs/requirements.txt": PROJECT["dependencies"] + EXTRAS["deck"],
    "tests/requirements.txt": PROJECT["dependencies"] + EXTRAS["beyond"] + EXTRAS["tests"],
    OLDEST: PROJECT["dependencies"] + EXTRAS["beyond"] + EXTRAS["tests"],
}


@cache
def pins_of(lock: str) -> list[Requirement]:
    """Return the lock file's pins."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith(("#", "-e"))]


def holds(requirement: Requirement, environment: dict[str, str]) -> bool:
    """Return whether a requirement speaks of this environment."""
    return requirement.marker is None or requirement.marker.evaluate(environment)


def version_of(pin: Requirement) -> str:
    """Return the one version that a pin allows."""
    (specifier,) = pin.specifier
    assert specifier.operator == "==", f"{pin} is no pin"
    return specifier.version


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_installs_the_project_itself_and_pins_the_rest(lock: str) -> None:
    """`-e .` comes first, then names with exact versions; no path, no address, no option."""
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert lines[1].split() == ["#", "python", "tools/lock.py"]
    assert [line for line in lines if line.startswith("-")] == ["-e ."]
    assert not any("/" in line for line in lines[2:])
    assert all(version_of(pin) for pin in pins_of(lock))


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_asked_for_is_locked_once_wherever_it_is_needed(lock: str) -> None:
    """For every platform and Python, a dependency has one pin, and the pin fits."""
    for environment, asked in itertools.product(ENVIRONMENTS, map(Requirement, ASKED[lock])):
        if holds(asked, environment):
            found = [
                version_of(pin)
                for pin in pins_of(lock)
                if canonicalize_name(pin.name) == canonicalize_name(asked.name)
                and holds(pin, environment)
            ]
            assert len(found) == 1, f"{asked} on {environment}: {found}"
            assert asked.specifier.contains(found[0])


@pytest.mark.parametrize("lock", ["tests/requirements.txt", "binder/requirements.txt"])
def test_tests_and_binder_run_what_students_run(lock: str) -> None:
    """A package that the student has too has the same version there."""
    for environment in ENVIRONMENTS:
        student, other = (
            {pin.name: version_of(pin) for pin in pins_of(each) if holds(pin, environment)}
            for each in ("requirements.txt", lock)
        )
        assert student == {name: other.get(name) for name in student}


@pytest.mark.once
def test_this_environment_is_the_locked_one() -> None:
    """Whatever the installed project needs, and what that needs in turn, is at its pin."""
    pins = {
        canonicalize_name(pin.name): version_of(pin)
        for pin in pins_of("tests/requirements.txt")
        if holds(pin, {})
    }
    seen, waiting = set[str](), [Requirement("hybrid-demo[tests]")]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        installed = importlib.metadata.version(name)
        assert name == "hybrid-demo" or pins.get(name) == installed, f"{name} {installed}"
        for line in importlib.metadata.requires(name) or []:
            need = Requirement(line)
            extras = wanted.extras or {""}
            if need.marker is None or any(need.marker.evaluate({"extra": e}) for e in extras):
                waiting.append(need)


def test_the_oldest_lock_pins_the_oldest_that_is_allowed() -> None:
    """What pyproject.toml says with >= is there with ==, on the Python that runs it."""
    pins = {
        canonicalize_name(pin.name): Version(version_of(pin))
        for pin in pins_of(OLDEST)
        if holds(pin, {"python_full_version": "3.11.9", "python_version": "3.11"})
    }
    for asked in map(Requirement, PROJECT["dependencies"] + EXTRAS["beyond"]):
        (bound,) = asked.specifier
        assert bound.operator == ">=", f"{asked} has no lower bound"
        assert pins[canonicalize_name(asked.name)] == Version(bound.version)


def test_the_oldest_python_of_the_project_is_the_one_locked_for() -> None:
    """pyproject.toml, the tool that locks, and the workflow agree about Pythons."""
    assert PROJECT["requires-python"] == ">=3.11"
    workflow = Path(ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    allowed = SpecifierSet(PROJECT["requires-python"])
    for python in PYTHONS:
        assert allowed.contains(python)
        assert f'"{python.rpartition(".")[0]}"' in workflow
