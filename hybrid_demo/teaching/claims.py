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

# Runnable processes per CPU beyond which CPUs are not ours; a notebook's own run adds up to 0.25.
_BUSY = 0.4

Status = Literal["held", "did not hold", "not showable here"]

# What a student reads: a loop that is held is bad news, so a claim is never said to be held.
# Colours: Paul Tol's "bright", dark enough beside text; sign and words carry the meaning.
_SHOWN: dict[Status, tuple[str, str, str]] = {
    "held": ("✓", "true here", "#228833"),
    "did not hold": ("✗", "not true here", "#ee6677"),
    "not showable here": ("○", "cannot be shown here", "#bbbbbb"),
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
        row = self.claim
        told = [f"slide {row.slide}, claim {row.key}, {self._headline}: {row.words}"]
        told += [f"{_precisely(row)} {row.precisely}"] if row.precisely else []
        told += [self.reason] if self.reason else []
        return f"<Verdict {' '.join(told)}>"

    @property
    def _headline(self) -> str:
        """The status in words, and whether it is the slide's own words that were judged."""
        exactly = self.held and self.claim.kind == "corrected"
        return _SHOWN[self.status][1] + (", once put more exactly" if exactly else "")

    def _bundle(self) -> dict[str, Any]:
        sign, _, colour = _SHOWN[self.status]
        row = self.claim
        lines = [f"<b>{sign} {escape(self._headline)}</b> · slide {row.slide}, claim {row.key}"]
        words = f"<i>{escape(row.words)}</i>"
        if row.precisely:
            lines += [words, f"<b>{_precisely(row)}</b> {escape(row.precisely)}"]
        elif self.held:  # nothing to add: one line, so that nine of them can be taken in
            lines = [f"{lines[0]} · {words}"]
        else:
            lines.append(words)
        if self.reason:
            lines.append(escape(self.reason))
        html = (
            f'<div style="border-left: 5px solid {colour}; padding: 2px 0 2px 12px; '
            f'margin: 2px 0; max-width: 64em; line-height: 1.5">{"<br>".join(lines)}</div>'
        )
        return {"text/html": html, "text/plain": repr(self)}


def claim(key: str, condition: bool, *, needs_cpus: int = 1) -> Verdict:
    """Judge a claim of the lecture by a measurement, and show the verdict.

    Args:
        key: its number in the ledger: slide and bullet, ``"5.3"``.
        condition: what was measured, compared: ``pooled.lag.max_s < blocked.lag.max_s / 5``.
        needs_cpus: CPUs without which the claim cannot be shown; with fewer, the
            verdict says so and the condition is not judged. More than one are also
            needed idle: on a busy machine a saving of time that failed to appear
            is no verdict either.

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
            f"It takes {needs_cpus} CPUs to see this and this session has {cpus}. The lecture "
            "is not wrong, and neither are you: this machine cannot show it."
        )
        verdict = Verdict(claim=row, status="not showable here", reason=reason)
    elif held:
        verdict = Verdict(claim=row, status="held")
    elif needs_cpus > 1 and (load := _load_elsewhere()):
        reason = (
            f"Something else keeps this machine busy (load {load:.1f} on {os.cpu_count()} CPUs), "
            "so a saving of time cannot be judged now. Run it again when the machine is idle."
        )
        verdict = Verdict(claim=row, status="not showable here", reason=reason)
    else:
        reason = (
            "If you changed a cell, your set-up differs from the lecture's and this is your "
            "finding: say why. As delivered it should be true: run the notebook from the top, and "
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


def _load_elsewhere() -> float:
    """Return the load of the last minute if it left too little of the CPUs; else 0.0."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return load if load >= _BUSY * (os.cpu_count() or 1) else 0.0


def _precisely(row: Claim) -> str:
    return "More exactly:" if row.kind == "corrected" else "True when"
