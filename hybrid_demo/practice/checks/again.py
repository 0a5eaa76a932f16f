"""The exercise about a job that runs twice, because the worker of its first run died.

The worker's death is played: wherever the answer touches the ledger, it can be cut
short before or after that. So every such moment is tried, one after another, which
no real kill could do. Imports trials and findings.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, MutableMapping
from typing import Any

from ... import cpu_intensive_analysis
from ..findings import Finding, fault, right, short, trouble
from ..trial import Answer, Trial, attempt

_SIZES = {"a": 300, "b": 301, "c": 302}  # request -> data size, each with another result
_STRANGER, _ROW = "somebody else", ("somebody else's", 0.5)
_MOST_MOMENTS = 200


class Died(BaseException):
    """The worker is gone: no `except Exception` hears of it."""


class Ledger(MutableMapping[Any, Any]):
    """What all workers write to. It may end the run before or after any step.

    Attributes:
        moments: how many there were at which a worker could have died.
    """

    def __init__(self, dies_at: int | None = None) -> None:
        self.moments = 0
        self._rows: dict[Any, Any] = {_STRANGER: _ROW}
        self._dies_at = dies_at

    def survive(self) -> None:
        """Let nobody die from now on."""
        self._dies_at = None

    def rows(self) -> list[Any]:
        """Return what is in it, the stranger's row included, as no step of anybody's."""
        return list(self._rows.values())

    def __getitem__(self, key: Any) -> Any:
        with self._step():
            return self._rows[key]

    def __setitem__(self, key: Any, row: Any) -> None:
        with self._step():
            self._rows[key] = row

    def __delitem__(self, key: Any) -> None:
        with self._step():
            del self._rows[key]

    def __iter__(self) -> Iterator[Any]:
        with self._step():
            return iter(list(self._rows))

    def __len__(self) -> int:
        with self._step():
            return len(self._rows)

    def _step(self) -> _Step:
        return _Step(self)

    def moment(self) -> None:
        """Die here, if this is the moment."""
        self.moments += 1
        if self.moments == self._dies_at:
            raise Died


class _Step:
    """One step in the ledger, with a moment before and a moment after it."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def __enter__(self) -> None:
        self._ledger.moment()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._ledger.moment()


class _Told(Exception):
    """A fault that was found while the answer was being tried."""

    def __init__(self, key: str, **figures: Any) -> None:
        super().__init__(key)
        self.key, self.figures = key, figures


async def note_once(answer: Answer) -> Finding:
    """Find whether each request has one row in the ledger, wherever its first run was cut short."""
    if inspect.iscoroutinefunction(answer):
        return Finding(fault="async_function")

    async def work() -> None:
        undisturbed = Ledger()
        for rid in _SIZES:
            _run(answer, rid, undisturbed)
        _judge(undisturbed, "no_row")
        moments = undisturbed.moments
        for dies_at in range(1, min(moments, _MOST_MOMENTS) + 1):
            _judge(_cut_short(answer, dies_at), "half_done")
        _judge(_repeated(answer), "half_done")

    trial = await attempt(work)
    return _told(trial) or trouble(trial) or right(trial, requests=len(_SIZES))


def _cut_short(answer: Answer, dies_at: int) -> Ledger:
    """Return the ledger after one death at that moment, and another run for that request."""
    ledger = Ledger(dies_at)
    for rid in _SIZES:
        try:
            _run(answer, rid, ledger)
        except Died:
            ledger.survive()
            _run_again(answer, rid, ledger)
    return ledger


def _repeated(answer: Answer) -> Ledger:
    """Return the ledger where only the answers were lost, after the runs had ended."""
    ledger = Ledger()
    for rid in _SIZES:
        _run(answer, rid, ledger)
        _run_again(answer, rid, ledger)
    return ledger


def _run(answer: Answer, rid: str, ledger: Ledger) -> object:
    return answer(rid, _SIZES[rid], ledger)


def _run_again(answer: Answer, rid: str, ledger: Ledger) -> None:
    try:
        returned = _run(answer, rid, ledger)
    except Exception as error:
        raise _Told("ran_out", error=f"{type(error).__name__}: {error}") from error
    if not _holds(returned, cpu_intensive_analysis(_SIZES[rid])):
        raise _Told("second_answer", returned=short(returned))


def _judge(ledger: Ledger, without: str) -> None:
    """Say what is wrong with the rows; a missing one is told as `without`."""
    rows = ledger.rows()
    if _ROW not in rows:
        raise _Told("lost_others")
    rows.remove(_ROW)
    results = [cpu_intensive_analysis(size) for size in _SIZES.values()]
    missing = sum(not any(_holds(row, result) for row in rows) for result in results)
    if missing:
        raise _Told(without, missing=missing, requests=len(_SIZES))
    if len(rows) > len(_SIZES):
        raise _Told("two_rows", rows=len(rows), requests=len(_SIZES))


def _holds(row: object, result: float) -> bool:
    """Whether a row is a result, or has it in it."""
    if isinstance(row, dict):
        row = tuple(row.values())
    return row == result or (isinstance(row, (tuple, list)) and result in row)


def _told(trial: Trial) -> Finding | None:
    if not isinstance(trial.error, _Told):
        return None
    return fault(trial, trial.error.key, **trial.error.figures)
