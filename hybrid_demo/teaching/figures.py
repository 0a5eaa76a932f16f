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
from typing import Any

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


def figures_of(frame: FrameType | None) -> tuple[str, str]:
    """Return what a claim compared, as (source, figures): ``("a < b", "5 ms < 312 ms")``.

    Args:
        frame: of the code that is calling ``claim(key, condition)`` just now.

    Returns:
        Both empty where the source is not at hand, compares nothing, or might
        change something if it were worked out again.
    """
    condition = None if frame is None else _condition(frame)
    if frame is None or condition is None:
        return "", ""
    sources: list[str] = []
    figures: list[str] = []
    for compared in _comparisons(condition):
        operands = [compared.left, *compared.comparators]
        if not all(_is_pure(operand) for operand in operands):
            continue
        with contextlib.suppress(Exception):  # a name that is gone, say: then without figures
            told = [_told(operand, frame) for operand in operands]
            signs = [_SIGNS[type(sign)] for sign in compared.ops]
            joined = [f"{sign} {figure}" for sign, figure in zip(signs, told[1:], strict=True)]
            figures.append(" ".join([told[0], *joined]))
            sources.append(ast.unparse(compared))
    return " and ".join(sources), ", ".join(figures)


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


def _told(operand: ast.expr, frame: FrameType) -> str:
    code = compile(ast.Expression(operand), "<claim>", "eval")
    value: Any = eval(code, frame.f_globals, frame.f_locals)
    if isinstance(value, float):
        names = [node.attr for node in ast.walk(operand) if isinstance(node, ast.Attribute)]
        names += [node.id for node in ast.walk(operand) if isinstance(node, ast.Name)]
        seconds = [name for name in names if name.endswith(_SECONDS)]
        ratio = isinstance(operand, ast.BinOp) and isinstance(operand.op, ast.Div)
        # A quotient of two times is a plain number; a time divided by a number is a time.
        return in_words(value) if seconds and not (ratio and len(seconds) > 1) else f"{value:.3g}"
    text = value.__name__ if isinstance(value, type) else repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
