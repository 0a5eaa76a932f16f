"""Figures of a service's designs under the same loads, checked: what ``under_load`` is given.

Nothing is drawn here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..given import number_within, shown
from .checking import ascending, figures

MOST = 1e9  # requests a second, or seconds
DESIGNS = ("inline", "threads", "processes")

Figures = Mapping[str, Sequence[float]]


def checked(
    rates: Sequence[float], *, p99_s: Figures, **others: Figures
) -> dict[str, dict[str, list[float]]]:
    """Return the figures of each measure, by design, as plain numbers.

    Raises:
        TypeError: figures are no numbers, or not given by design.
        ValueError: a design is unknown or none is given, figures are missing or out of
            range, or the rates are fewer than two or do not ascend.
    """
    loads = figures("rates", rates, expected="requests a second, as a list")
    if len(loads) < 2 or not ascending(loads) or not 0 < loads[0] <= loads[-1] <= MOST:
        raise ValueError(f"rates is {shown(rates)}; expected two or more, ascending, all above 0")
    found: dict[str, dict[str, list[float]]] = {"rates": {"": loads}}
    given = {"p99_s": p99_s, **others}  # the others are for the same designs
    for name, by_design in given.items():
        if not isinstance(by_design, Mapping):
            raise TypeError(
                f"{name} is {shown(by_design)}; expected figures by design, as in "
                '{"inline": [0.2, 0.3]}'
            )
        if not by_design or not set(by_design) <= set(DESIGNS):
            raise ValueError(
                f"{name} is given for {shown(list(by_design))}; expected some of "
                f"{', '.join(DESIGNS)}"
            )
        if set(by_design) != set(p99_s):
            raise ValueError(
                f"{name} is given for {', '.join(by_design)}, and p99_s for "
                f"{', '.join(p99_s)}; expected the same designs"
            )
        expected = f"one for each of the {len(loads)} rates"
        found[name] = {
            each: figures(f"{name}[{each!r}]", by_design[each], expected=expected) for each in p99_s
        }
        most = 1.0 if name == "shed" else MOST
        for each, values in found[name].items():
            if len(values) != len(loads):
                raise ValueError(f"{name}[{each!r}] has {len(values)} figures; expected {expected}")
            known = [value for value in values if not (math.isnan(value) and name != "shed")]
            if not all(0 <= value <= most for value in known):
                raise ValueError(f"{name}[{each!r}] is {shown(values)}; expected 0 to {most:g}")
    return found


def check_limits(**limits: float) -> None:
    """Refuse a limit that is not above 0, by its name.

    Raises:
        TypeError: it is no number.
        ValueError: it is out of range.
    """
    for name, value in limits.items():
        number_within(value, name, most=MOST, expected="a number above 0, a billion at most")


def checked_model(computed: object) -> tuple[list[float], list[float]]:
    """Return a model's rates and seconds as plain numbers; both may be empty.

    Raises:
        TypeError: it is no pair of figures.
        ValueError: they are not as many.
    """
    expected = "rates and as many seconds, or nothing"
    if not isinstance(computed, (tuple, list)) or len(computed) != 2:
        raise TypeError(f"computed is {shown(computed)}; expected {expected}")
    loads, times_s = (figures("computed", each, expected=expected) for each in computed)
    if len(loads) != len(times_s):
        raise ValueError(
            f"computed has {len(loads)} rates and {len(times_s)} seconds; expected as many"
        )
    return loads, times_s
