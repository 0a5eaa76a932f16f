"""`claim`: a sentence of the lecture, judged by what was just measured.

The words and the verdict kinds are in ``claims.toml``. It measures nothing
itself: the condition is a comparison the student can read in the cell.
"""

from __future__ import annotations

import operator
import os
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from ..machine import effective_cpus
from .data import Claim, claims, unknown
from .shown import ShowsItself

Status = Literal["held", "did not hold", "not showable here"]

# Paul Tol's "bright", dark enough for text on white and on black; sign and word carry the meaning.
_SIGNS: dict[Status, tuple[str, str]] = {
    "held": ("✓", "#228833"),
    "did not hold": ("✗", "#ee6677"),
    "not showable here": ("○", "#bbbbbb"),
}


@dataclass(frozen=True, repr=False, kw_only=True)
class Verdict(ShowsItself):
    """What a measurement said about a claim.

    Attributes:
        claim: the ledger's row.
        status: ``"held"``, ``"did not hold"`` or ``"not showable here"``.
        reason: why it cannot be shown, or what to make of a claim that did not hold.
    """

    claim: Claim
    status: Status
    reason: str = ""

    @property
    def held(self) -> bool:
        """Whether it held on this machine, in this run."""
        return self.status == "held"

    def __repr__(self) -> str:
        """Read aloud as one line."""
        told = [f"claim {self.claim.key} (slide {self.claim.slide}), {self.status}"]
        told.append(f"{_prefix(self.claim)}{self.claim.words}")
        told += [f"Precisely: {self.claim.precisely}"] if self.claim.precisely else []
        told += [self.reason] if self.reason else []
        return f"<Verdict {self._sign} {': '.join(told[:2])} {' '.join(told[2:])}".rstrip() + ">"

    @property
    def _sign(self) -> str:
        return _SIGNS[self.status][0]

    def _bundle(self) -> dict[str, Any]:
        colour = _SIGNS[self.status][1]
        row = self.claim
        lines = [
            f"<b>{self._sign} {escape(self.status)}</b> · slide {row.slide}, claim "
            f"{escape(row.key)}: {escape(_prefix(row))}<i>{escape(row.words)}</i>"
        ]
        if row.precisely:
            lines.append(f"<b>Precisely:</b> {escape(row.precisely)}")
        if self.reason:
            lines.append(escape(self.reason))
        html = (
            f'<div style="border-left: 5px solid {colour}; padding: 2px 0 2px 12px; '
            f'margin: 4px 0; max-width: 48em; line-height: 1.5">{"<br>".join(lines)}</div>'
        )
        return {"text/html": html, "text/plain": repr(self)}


def claim(key: str, condition: bool, *, needs_cpus: int = 1) -> Verdict:
    """Judge a claim of the lecture by a measurement, and show the verdict.

    Args:
        key: its number in the ledger: slide and bullet, ``"5.3"``.
        condition: what was measured, compared: ``pooled.lag.max_s < blocked.lag.max_s / 5``.
        needs_cpus: CPUs without which the claim cannot be shown; with fewer, the
            verdict says so and the condition is not judged.

    Returns:
        The verdict. A notebook shows it at once, wherever in the cell the claim stands.

    Raises:
        ValueError: the ledger has no such key, or `needs_cpus` is below 1.
        TypeError: `condition` is no bool, or `needs_cpus` no whole number.
        AssertionError: it did not hold, and the suite's tests are running
            (``HYBRID_DEMO_TESTING=1``).
    """
    row = claims().get(key) if isinstance(key, str) else None
    if row is None:
        raise unknown("claim", key, claims())
    held = _as_bool(condition)
    if isinstance(needs_cpus, bool) or not isinstance(needs_cpus, int):
        raise TypeError(f"needs_cpus is {needs_cpus!r}; expected a whole number of CPUs, 1 or more")
    if needs_cpus < 1:
        raise ValueError(f"needs_cpus is {needs_cpus!r}; expected 1 or more")
    cpus = effective_cpus()
    if cpus < needs_cpus:
        reason = (
            f"It takes {needs_cpus} CPUs to see this and here is {cpus}. The lecture is not "
            "wrong, and neither are you: this machine cannot show it."
        )
        verdict = Verdict(claim=row, status="not showable here", reason=reason)
    elif held:
        verdict = Verdict(claim=row, status="held")
    else:
        reason = (
            "If you changed a cell, your set-up differs from the lecture's and this is your "
            "finding: say why. As delivered it should hold: run the notebook from the top, and "
            "see whether something else keeps this machine busy."
        )
        verdict = Verdict(claim=row, status="did not hold", reason=reason)
    verdict.show()
    if verdict.status == "did not hold" and os.environ.get("HYBRID_DEMO_TESTING") == "1":
        raise AssertionError(repr(verdict))
    return verdict


def _as_bool(condition: object) -> bool:
    """Return the condition; NumPy's bool is one too, and is known without importing NumPy."""
    if isinstance(condition, bool):
        return condition
    if type(condition).__module__ == "numpy" and type(condition).__name__ in ("bool", "bool_"):
        return bool(operator.truth(condition))
    raise TypeError(
        f"condition is {condition!r}; expected True or False: a comparison of two measured "
        "figures, such as pooled.lag.max_s < blocked.lag.max_s / 5"
    )


def _prefix(row: Claim) -> str:
    return "" if row.kind == "holds" else f"[{row.kind}] "
