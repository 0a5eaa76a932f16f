"""`claim`: a sentence of the lecture, judged by what was just measured.

The words and the verdict kinds are in ``claims.toml``. The condition is a
comparison the student can read in the cell. Only when times did not compare as
they should does it look for itself: whether others use the CPUs, or a quota ran out.
"""

from __future__ import annotations

import operator
import os
import sys
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from ..given import shown
from ..machine import effective_cpus, throttled_s
from ..recording import in_words
from .data import Claim, claims, unknown
from .figures import figures_of
from .shown import ShowsItself, boxed, with_code

# How a verdict can be collected from an executed notebook.
VERDICT_TYPE = "application/vnd.hybrid-demo.verdict+json"
_SAMPLE_S = 0.3
# Runnable processes per CPU, over the last minute, beyond which CPUs were not ours. A notebook's
# own run adds up to 0.25; others may have been at work then, and be idle now.
_BUSY = 0.75
# A quota that stopped us for longer than this, since the kernel began, has been at our times.
_STOPPED_S = 0.1
_stopped_before_s = throttled_s() or 0.0

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
        compared: the condition's source, ``"pooled.lag.max_s < blocked.lag.max_s / 5"``.
        figures: the same in figures, ``"5 ms < 240 ms"``; ``""`` where they are not known.
    """

    claim: Claim
    status: Status
    reason: str = ""
    compared: str = ""
    figures: str = ""

    @property
    def held(self) -> bool:
        """Whether it held on this machine, in this run."""
        return self.status == "held"

    def __repr__(self) -> str:
        """Read aloud as one line."""
        row = self.claim
        told = [f"slide {row.slide}, claim {row.key}, {self._headline}: {row.words}"]
        told += [f"{_precisely(row)} {row.precisely}"] if row.precisely else []
        told += [f"Measured: {self.figures}."] if self.figures else []
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
        words = f"<i>{with_code(row.words)}</i>"
        if row.precisely:
            lines += [words, f"<b>{_precisely(row)}</b> {with_code(row.precisely)}"]
        elif self.held:  # nothing to add: one line, so that nine of them can be taken in
            lines = [f"{lines[0]} · {words}"]
        else:
            lines.append(words)
        if self.figures:
            measured = f"measured: {escape(self.figures)}"
            lines[0] += f' · <span title="{escape(self.compared)}">{measured}</span>'
        if self.reason:
            lines.append(escape(self.reason))
        collected = {
            "key": row.key,
            "status": self.status,
            "compared": self.compared,
            "figures": self.figures,
            "reason": self.reason,
        }
        return {
            "text/html": boxed(lines, colour),
            "text/plain": repr(self),
            VERDICT_TYPE: collected,
        }


def claim(key: str, condition: bool, *, needs_cpus: int = 1) -> Verdict:
    """Judge a claim of the lecture by a measurement, and show the verdict.

    Args:
        key: its number in the ledger: slide and bullet, ``"5.3"``.
        condition: what was measured, compared: ``pooled.lag.max_s < blocked.lag.max_s / 5``.
        needs_cpus: CPUs without which the claim cannot be shown; with fewer, the
            verdict says so and the condition is not judged. What rests on times also
            needs the CPUs idle: on a busy machine times that do not compare as they
            should are no verdict either. Orders and counts are judged on any machine.

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
        raise TypeError(
            f"needs_cpus is {shown(needs_cpus)}; expected a whole number of CPUs, 1 or more"
        )
    if needs_cpus < 1:
        raise ValueError(f"needs_cpus is {shown(needs_cpus)}; expected 1 or more")
    compared, figures, late = figures_of(sys._getframe(1))
    status: Status = "held"
    reason = ""
    cpus = effective_cpus()
    if cpus < needs_cpus:
        status = "not showable here"
        reason = (
            f"It takes {shown(needs_cpus)} CPUs to see this and this session has {cpus}. The "
            "lecture is not wrong, and neither are you: this machine cannot show it."
        )
    elif not held and (late or needs_cpus > 1) and (stopped_s := _stopped_s()) > _STOPPED_S:
        status = "not showable here"
        reason = (
            f"The quota of this session's CPU time stopped it for {in_words(stopped_s)} so far, so "
            "times cannot be judged here. On a computer without one they can."
        )
    elif not held and (late or needs_cpus > 1) and (busy := _busy_elsewhere(needs_cpus)):
        status = "not showable here"
        reason = (
            f"Something else keeps this machine busy ({busy}), so times cannot be judged now. "
            "Run it again when the machine is idle."
        )
    elif not held:
        status = "did not hold"
        reason = (
            "If you changed a cell, your set-up differs from the lecture's and this is your "
            "finding: say why. As delivered it should be true: run the notebook from the top, and "
            "see whether something else keeps this machine busy."
        )
    verdict = Verdict(claim=row, status=status, reason=reason, compared=compared, figures=figures)
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
        f"condition is {shown(condition)}; expected True or False: a comparison of two measured "
        "figures, such as pooled.lag.max_s < blocked.lag.max_s / 5"
    )


def _stopped_s() -> float:
    """Return for how long a quota has stopped this process and its children since it began."""
    return (throttled_s() or 0.0) - _stopped_before_s


def _busy_elsewhere(needs_cpus: int) -> str:
    """Return what tells that others leave too little of the CPUs; "" if they do not.

    Looked at when a saving of time has failed to appear, with our own workers idle by then.
    """
    import psutil  # type: ignore[import-untyped]

    owned = os.cpu_count() or 1
    used = owned * psutil.cpu_percent(interval=_SAMPLE_S) / 100
    if owned - used < needs_cpus - 0.5:
        return f"{used:.1f} of its {owned} CPUs are in use"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return f"load {load:.1f} on {owned} CPUs" if load >= _BUSY * owned else ""


def _precisely(row: Claim) -> str:
    return "More exactly:" if row.kind == "corrected" else "True when"
