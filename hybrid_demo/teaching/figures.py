"""The figures behind a claim: what its condition compared, read from the cell that claims it.

A leaf over the recording. A claim is given True or False; which two figures
were compared stands in the caller's source, so that no cell has to say it
twice. Only what certainly changes nothing is worked out a second time.
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from types import FrameType
from typing import Any, NamedTuple

from ..recording import in_words

_SIGNS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
}
_PURE = {"abs", "all", "any", "len", "max", "min", "round", "set", "sorted", "sum", "type"}
_PURE_METHODS = {"at", "mean", "percentile", "workers"}  # questions of a recording
_SECONDS = ("_s", "percentile")  # how names end that stand for seconds
_NOT_PURE = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda)
_LONGEST = 48


class Compared(NamedTuple):
    """What a claim compared.

    Attributes:
        source: the comparisons as they stand in the cell, ``"a < b"``.
        figures: the same in figures, ``"5 ms < 312 ms"``.
        late: whether it is untrue, and every comparison that is untrue is one of times.
    """

    source: str = ""
    figures: str = ""
    late: bool = False


def figures_of(frame: FrameType | None) -> Compared:
    """Return what a claim compared.

    Args:
        frame: of the code that is calling ``claim(key, condition)`` just now.

    Returns:
        Empty where the source is not at hand, compares nothing, or might
        change something if it were worked out again.
    """
    condition = None if frame is None else _condition(frame)
    if frame is None or condition is None:
        return Compared()
    sources: list[str] = []
    figures: list[str] = []
    untrue: list[bool] = []  # for each comparison that is, whether it compares times
    for compared in _comparisons(condition):
        operands = [compared.left, *compared.comparators]
        if not all(_is_pure(operand) for operand in operands):
            continue
        with contextlib.suppress(Exception):  # a name that is gone, say: then without figures
            values = [_value(operand, frame) for operand in operands]
            # What is compared with a time is one, whatever it is called.
            times = any(
                isinstance(v, float) and _is_time(o) for v, o in zip(values, operands, strict=True)
            )
            if not _value(compared, frame):
                untrue.append(times)
            told = [_told(value, as_time=times) for value in values]
            signs = [_SIGNS[type(sign)] for sign in compared.ops]
            joined = [f"{sign} {figure}" for sign, figure in zip(signs, told[1:], strict=True)]
            figures.append(" ".join([told[0], *joined]))
            sources.append(ast.unparse(compared))
    return Compared(" and ".join(sources), ", ".join(figures), bool(untrue) and all(untrue))


def _condition(frame: FrameType) -> ast.expr | None:
    from executing import Source

    call = Source.executing(frame).node
    if not isinstance(call, ast.Call):
        return None
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    return call.args[1] if len(call.args) > 1 else named.get("condition")


def _comparisons(condition: ast.expr) -> Iterator[ast.Compare]:
    if isinstance(condition, ast.Compare):
        yield condition
    elif isinstance(condition, ast.BoolOp) and isinstance(condition.op, ast.And):
        for value in condition.values:
            yield from _comparisons(value)


def _is_pure(operand: ast.expr) -> bool:
    for node in ast.walk(operand):
        if isinstance(node, _NOT_PURE):
            return False
        if isinstance(node, ast.Call):
            function = node.func
            pure = isinstance(function, ast.Name) and function.id in _PURE
            pure |= isinstance(function, ast.Attribute) and function.attr in _PURE_METHODS
            if not pure:
                return False
    return True


def _value(operand: ast.expr, frame: FrameType) -> Any:
    code = compile(ast.Expression(operand), "<claim>", "eval")
    return eval(code, frame.f_globals, frame.f_locals)


def _is_time(operand: ast.expr) -> bool:
    """Whether its names say that it is a time; a quotient of two times is a plain number."""
    names = [node.attr for node in ast.walk(operand) if isinstance(node, ast.Attribute)]
    names += [node.id for node in ast.walk(operand) if isinstance(node, ast.Name)]
    seconds = sum(name.endswith(_SECONDS) for name in names)
    is_quotient = isinstance(operand, ast.BinOp) and isinstance(operand.op, ast.Div)
    return seconds == 1 or (seconds > 1 and not is_quotient)


def _told(value: Any, *, as_time: bool) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if as_time:
            return in_words(value)
        return f"{value:.3g}" if isinstance(value, float) else str(value)
    text = value.__name__ if isinstance(value, type) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
