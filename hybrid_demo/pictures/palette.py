"""Colours, hatches and sizes: the same look for the same kind in every picture.

The hues are those of Okabe and Ito ("Color Universal Design", 2008), darkened
where a white label would not stand out. No kind is told by colour alone. A
leaf: it imports nothing of this package.
"""

from __future__ import annotations

from dataclasses import dataclass

FONT = "DejaVu Sans"  # the one face that ships with matplotlib
HEADLINE_PT = 18.0
TITLE_PT = 14.0
FIGURE_PT = 14.0  # the measured figures within the panels
BODY_PT = 13.0
SMALL_PT = 12.5
BAR_PT = 11.5  # names within bars, where room is scarce; the least of all sizes

INK = "#1A1A1A"
SOFT_INK = "#333333"
PAPER = "#FFFFFF"
LANE = "#F1F1EF"
GRID = "#DDDDDA"
GUESS = "#A0246E"
YOU = GUESS  # whatever is the student's own has one colour
LAG = "#C44E00"
BEAT = "#5C5C5C"
QUEUE = "#7A5200"
QUEUE_FILL = "#F0C04A"
IN_FLIGHT = "#0B4A75"
IN_FLIGHT_FILL = "#CDE4F3"


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of bar looks: its fill, its edge (and hatch) colour, its hatch."""

    fill: str
    edge: str
    hatch: str = ""
    line_pt: float = 0.8

    @property
    def ink(self) -> str:
        """Black or white, whichever reads better on the fill."""
        return max((INK, PAPER), key=lambda ink: contrast(ink, self.fill))


LOOKS = {
    "computing": Look("#C44E00", "#FFFFFF", "//"),
    "not running": Look("#F2A66A", "#A33F00", "xx", 1.4),
    "process": Look("#0072B2", "#FFFFFF"),
    "thread": Look("#007A59", "#FFFFFF"),
    "other": Look("#8F4B7A", "#FFFFFF"),
    "process queued": Look("#D3E7F4", "#0072B2"),
    "thread queued": Look("#D0EBE2", "#007A59"),
    "other queued": Look("#F0DCE9", "#8F4B7A"),
    "unseen": Look("#F0DCE9", "#8F4B7A"),
    "process pending": Look("#D3E7F4", "#0072B2", "///"),
    "thread pending": Look("#D0EBE2", "#007A59", "///"),
    "other pending": Look("#F0DCE9", "#8F4B7A", "///"),
    "abandoned": Look("#D9D9D9", "#6B6B6B", ".."),
    "error": Look("#4A1525", "#C9A3AF", "xx"),
    "lost": Look("#FFFFFF", "#4A1525", "xx", 1.4),
    "cancelled": Look("#FFFFFF", "#6B6B6B", "", 1.2),
}


def luminance(colour: str) -> float:
    """Return the relative luminance of "#RRGGBB" (WCAG 2.1)."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)
