"""The suite's own notebooks and process tests, again and again, in one setting after another.

Each is run by pytest as it always is, claims judged and leftovers looked for,
in a process of its own that has joined the setting.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree import ElementTree

import psutil

from tests.around import ROOT, descendants
from tests.endurance.settings import SETTINGS, Joining, started
from tests.endurance.tables import Table

COLUMNS = ("machine", "what", "cells or tests", "took, s", "red runs")
WITHIN_S = 3600.0
STUDENTS = 4
# Two kernels that look for free ports at the same moment may find the same: Jupyter's own race.
APART_S = 2.0
_LOOK_EVERY_S = 0.05
_COLOURS = re.compile(r"(\x1b|#x1B)\[[0-9;]*m")  # as pytest writes them into XML, too


@dataclass(frozen=True)
class Round:
    """One run of one notebook, or of one file of tests, in a setting, as pytest saw it.

    Attributes:
        path: what was run, relative to the project.
        took_s: wall time, seconds.
        tests: how many tests (of a notebook: cells) were run.
        red: the names of those that failed, each with the last line of why.
    """

    path: str
    took_s: float
    tests: int
    red: tuple[str, ...]


def one_by_one(
    setting: str, paths: Sequence[Path], times: int, table: Table, diary: Path | None = None
) -> list[Round]:
    """Run each path so many times, alone in a setting.

    Args:
        setting: its key in `SETTINGS`.
        paths: notebooks, or files of tests.
        times: how often each is run.
        table: gets a row for each path, and every fault.
        diary: a file that gets a line for each run, as soon as it is over; the runs that it
            has already count as done, so that hours of them can be cut into parts.

    Returns:
        What came of each run.

    Raises:
        OSError: this machine cannot make the setting.
    """
    earlier = _written(diary, setting) if diary else []
    done: list[Round] = []
    with SETTINGS[setting].enter() as joining:
        for path in paths if times else ():
            rounds = [each for each in earlier if each.path == _named(path)]
            for each in rounds:
                _faults(each, table)
            while len(rounds) < times:
                rounds += _at_once([path], joining)
                _tell(rounds[-1], table)
                if diary:
                    _write(diary, setting, rounds[-1])
            _row(setting, rounds, table)
            done += rounds
    return done


def side_by_side(paths: Sequence[Path], times: int, table: Table) -> list[Round]:
    """Let four students run four different notebooks at once, until each had its turns.

    Args:
        paths: the notebooks.
        times: how often each is run, at least.
        table: gets a row for each notebook, and every fault.

    Returns:
        What came of each run.

    Raises:
        OSError: this machine cannot make the setting.
    """
    students = min(STUDENTS, len(paths))
    done: dict[str, list[Round]] = {}
    with SETTINGS["classroom"].enter() as joining:
        turns = itertools.cycle(paths)
        for _ in range(math.ceil(len(paths) * times / max(students, 1))):
            for each in _at_once(list(itertools.islice(turns, students)), joining):
                _tell(each, table)
                done.setdefault(each.path, []).append(each)
    for rounds in done.values():
        _row("classroom", rounds, table)
    return [each for rounds in done.values() for each in rounds]


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _written(diary: Path, setting: str) -> list[Round]:
    lines = diary.read_text(encoding="utf-8").splitlines() if diary.exists() else []
    runs = [json.loads(line) for line in lines]
    return [
        Round(each["path"], each["took_s"], each["tests"], tuple(each["red"]))
        for each in runs
        if each["setting"] == setting
    ]


def _write(diary: Path, setting: str, each: Round) -> None:
    with diary.open("a", encoding="utf-8", newline="\n") as lines:
        lines.write(json.dumps({"setting": setting, **asdict(each)}) + "\n")


def _tell(each: Round, table: Table) -> None:
    table.tell(f"{each.path}: {each.tests} in {each.took_s:.0f} s, {len(each.red)} red")
    _faults(each, table)


def _faults(each: Round, table: Table) -> None:
    for fault in each.red:
        table.fault(f"{each.path}, {fault}")


def _row(setting: str, rounds: Sequence[Round], table: Table) -> None:
    took = ", ".join(f"{each.took_s:.0f}" for each in rounds)
    red = sum(bool(each.red) for each in rounds)
    tests = max(each.tests for each in rounds)
    table.row(SETTINGS[setting].words, rounds[0].path, tests, took, f"{red} of {len(rounds)}")


def _at_once(paths: Sequence[Path], joining: Joining) -> list[Round]:
    """Run some paths at the same time, and wait for all of them."""
    with tempfile.TemporaryDirectory() as kept, contextlib.ExitStack() as stack:
        running = []
        for number, path in enumerate(paths):
            if number:
                time.sleep(APART_S)
            running.append(_Running(path, Path(kept, str(number)), joining))
            stack.callback(running[-1].end)
        while not all([each.is_over() for each in running]):
            time.sleep(_LOOK_EVERY_S)
        return [each.round() for each in running]


class _Running:
    """One pytest at work on one path, and what it leaves in files."""

    def __init__(self, path: Path, kept: Path, joining: Joining) -> None:
        self._path = _named(path)
        self._results, self._log = kept.with_suffix(".xml"), kept.with_suffix(".log")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        if path.suffix == ".ipynb":  # pytest finds conftest by itself only among the tests
            command += ["-p", "tests.conftest"]
        command += [f"--junitxml={self._results}", self._path]
        self._begun, self._took_s = time.perf_counter(), 0.0
        self._process = started(command, joining, log=self._log, folder=ROOT)

    def is_over(self) -> bool:
        """Whether it has ended; one that takes too long is ended here."""
        if not self._took_s:
            if time.perf_counter() - self._begun > WITHIN_S:
                self.end()
            if self._process.poll() is not None:
                self._took_s = time.perf_counter() - self._begun
        return self._took_s > 0

    def end(self) -> None:
        """End it if it is still there, with its kernels, which are sessions of their own."""
        if self._process.poll() is None:
            for each in descendants(self._process.pid):
                with contextlib.suppress(psutil.Error):
                    each.kill()
            self._process.kill()
            self._process.wait()

    def round(self) -> Round:
        """Read what pytest has left: its results, or else its last words."""
        tests, red = 0, []
        with contextlib.suppress(OSError, ElementTree.ParseError):
            for case in ElementTree.parse(self._results).iter("testcase"):
                tests += 1
                for fault in itertools.chain(case.iter("failure"), case.iter("error")):
                    red.append(f"{case.get('name')}: {_why(fault)}")
        if self._process.returncode and not red:
            lines = self._log.read_text(errors="replace").strip().splitlines()
            red.append(f"pytest ended with {self._process.returncode}: {(lines or [''])[-1]}")
        return Round(self._path, self._took_s, tests, tuple(red))


def _why(fault: ElementTree.Element) -> str:
    """Return the line of a failure that says most: of a cell, the last that names an error."""
    short = (fault.get("message") or "").splitlines()
    lines = [line.strip() for line in _COLOURS.sub("", fault.text or "").splitlines()]
    telling = short[:1] if len(short) == 1 else [line for line in lines if "Error: " in line]
    return (telling or lines or [""])[-1][:300]
