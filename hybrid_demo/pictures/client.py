"""One client drawn into the lag panel: arrives here, waits so long, is answered here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import ScaledTranslation

from ..recording import LagSample, Recording, in_words
from . import palette
from .frame import axes_pt, on_axis, styled, text_pt
from .room import Box, Room
from .waits import is_throttled, starved_at, worst_of
from .words import say

CLIENT_PT = 36.0  # room the client needs above the peak
PERSON_PT = 15.0
LINE = 1.2  # height of a line of words, in type sizes
ARROW_PT = 12.0  # a wait narrower than this gets no arrow
REACH_PT = 40.0  # words further from what they are about would be about something else


@dataclass(frozen=True, slots=True)
class Client:
    """Where the client who waited longest stands, in points of the panel."""

    worst: LagSample
    arrives: float
    answered: float
    level: float

    @property
    def waits(self) -> float:
        """How wide the wait is drawn."""
        return self.answered - self.arrives

    @property
    def stands(self) -> float:
        """The middle of the person, who stays off the names at the panel's left."""
        return max(self.arrives, PERSON_PT * 0.55)


def draw_client(ax: Axes, recording: Recording, room: Room) -> Client | None:
    """Draw the client who waited longest, without words yet; None if nothing was measured."""
    worst = worst_of(recording)
    if worst is None:
        return None
    arrives, peak = _points(ax, worst.deadline_s, worst.late_s)
    answered, _ = _points(ax, worst.deadline_s + worst.late_s, 0.0)
    long = answered - arrives >= ARROW_PT
    client = Client(worst, arrives, answered, peak + (6 if long else 2))
    if long:
        _draw_distance(ax, client)
        room.take((arrives - 1, 0.0, arrives + 1, client.level + 6))
        room.take((answered - 1, 0.0, answered + 1, client.level + 6))
        room.take((arrives, client.level - 4, answered, client.level + 4))
    _draw_person(ax, client)
    half = PERSON_PT * 0.55
    top = client.level + PERSON_PT * 1.25
    room.take((client.stands - half, client.level, client.stands + half, top))
    return client


def tell_client(ax: Axes, recording: Recording, client: Client, room: Room) -> None:
    """Write how long the client waits, and where the loop got no CPU."""
    starved = starved_at(recording, least_s=ax.get_ylim()[1] * 0.03)
    reason = say("lag.throttled" if is_throttled(recording) else "lag.starved")
    row = _along(client, room)
    for text, told in sorted(row, key=lambda each: each[1]):
        room.take(told)
        write(ax, text, told[:2], bold=text == row[0][0])
    if not row:
        _tell_beside(ax, reason if starved == client.worst else "", client, room)
    if starved is None or (starved == client.worst and not row):
        return
    wide, high = _size(reason)
    x, y = _points(ax, starved.deadline_s, starved.late_s)
    wishes = [(x, y + 4), (x - wide, y + 4)]
    if starved == client.worst:  # below the arrow, where the saw-tooth has gone down, or beside
        bottom = client.level - 6 - high
        wishes = [(client.answered - 8 - wide, bottom), (client.answered + 8, bottom)]
        wishes += [(client.arrives - 8 - wide, bottom)]
    box = room.place(wide, high, wishes, reach_pt=REACH_PT)
    if box is not None:
        write(ax, reason, box[:2])


def _points(ax: Axes, time_s: float, wait_s: float) -> tuple[float, float]:
    width_pt, height_pt = axes_pt(ax)
    _, time_s = on_axis(0.0, time_s, ax.get_xlim()[1])
    return time_s / ax.get_xlim()[1] * width_pt, wait_s / ax.get_ylim()[1] * height_pt


def _size(text: str, *, bold: bool = False) -> tuple[float, float]:
    size_pt = palette.FIGURE_PT if bold else palette.BODY_PT
    return text_pt(text, size_pt, bold=bold) + 2, size_pt * LINE


def _along(client: Client, room: Room) -> list[tuple[str, Box]]:
    """Return what to write along the client's wait and where, the wait itself first.

    As long as fits, and clear of the lines through the panel where that can be
    had; nothing if not even the wait fits.
    """
    middle = say("lag.waits", wait=in_words(client.worst.late_s))
    wide, high = _size(middle, bold=True)
    bottom, begin = client.level + 4, client.stands + PERSON_PT * 0.55 + 5
    for strict in (True, False):
        for form in ("long", "brief", ""):
            first = say(f"lag.arrives_{form}") if form else ""
            last = say(f"lag.answered_{form}") if form else ""
            left, right = begin, client.answered - 8
            found = []
            if form:
                (first_wide, low), (last_wide, _) = _size(first), _size(last)
                found.append((first, (left, bottom, left + first_wide, bottom + low)))
                found.append((last, (right - last_wide, bottom, right, bottom + low)))
                left, right = left + first_wide + 14, right - last_wide - 14
            centre = (client.arrives + client.answered - wide) / 2
            places = (centre + shift for shift in sorted(range(-160, 161, 8), key=abs))
            boxes = [(at, bottom, at + wide, bottom + high) for at in places]
            boxes = [box for box in boxes if left <= box[0] and box[2] <= right]
            boxes = [box for box in boxes if room.is_free(box, strict=strict)]
            if boxes and all(room.is_free(box, strict=strict) for _, box in found):
                return [(middle, boxes[0]), *found]
    return []


def _tell_beside(ax: Axes, reason: str, client: Client, room: Room) -> None:
    """Write beside the client's wait, to its right where there is room."""
    key = "lag.beside" if client.waits >= ARROW_PT else "lag.short"
    told = in_words(client.worst.late_s)
    for text, below in ((say(key, wait=told), reason), (say(key, wait=told), ""), (told, "")):
        wide, high = _size(text, bold=True)
        under = 0.0
        if below:
            wide, under = max(wide, _size(below)[0]), _size(below)[1] - 1
        bottom = max(4.0, client.level - (under - 4 if below else 2))
        left = client.answered + (10 if client.waits >= ARROW_PT else PERSON_PT * 0.55 + 6)
        wishes = [(left, bottom), (client.stands - PERSON_PT * 0.55 - 6 - wide, bottom)]
        box = room.place(wide, high + under, wishes)
        if box is None:
            continue
        right = box[2] <= client.stands  # words to the left of the client end at it
        for line, size, raised in ((text, _size(text, bold=True), under), (below, _size(below), 0)):
            at = box[2] - size[0] if right else box[0]
            write(ax, line, (at, box[1] + raised), bold=line is text)
        return


def _draw_distance(ax: Axes, client: Client) -> None:
    arrives, answered = client.worst.deadline_s, sum(client.worst)
    level = client.level / axes_pt(ax)[1] * ax.get_ylim()[1]
    for x in (arrives, answered):
        ax.plot([x, x], [0, level], color=palette.INK, linewidth=1.0, zorder=7)
    ax.annotate(
        "",
        (answered, level),
        (arrives, level),
        arrowprops={
            "arrowstyle": "-|>",
            "color": palette.INK,
            "linewidth": 1.6,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 14,
        },
        zorder=8,
        gid="client",
    )


def _draw_person(ax: Axes, client: Client) -> None:
    figure = ax.get_figure(root=True)
    assert figure is not None
    width_pt, height_pt = axes_pt(ax)
    x = client.stands / width_pt * ax.get_xlim()[1]
    level = client.level / height_pt * ax.get_ylim()[1]
    lifted = ScaledTranslation(0, (PERSON_PT * 0.6) / 72, figure.dpi_scale_trans)
    ax.plot(
        [x],
        [level],
        marker=PERSON,
        markersize=PERSON_PT,
        markerfacecolor=palette.INK,
        markeredgecolor=palette.PAPER,
        markeredgewidth=0.6,
        zorder=9,
        clip_on=False,
        gid="arrives",
        transform=ax.transData + lifted,
    )


def write(ax: Axes, text: str, at: tuple[float, float], *, bold: bool = False, **more: Any) -> None:
    """Write from a point of the panel, with a halo, so that it reads over a line too."""
    if not text:
        return
    size, weight = (palette.FIGURE_PT, "bold") if bold else (palette.BODY_PT, "normal")
    written = ax.annotate(
        text,
        at,
        xycoords="axes points",
        va="bottom",
        annotation_clip=False,
        zorder=9,
        **{"gid": "wait", **styled(size, weight=weight, **more)},
    )
    written.set_path_effects([patheffects.withStroke(linewidth=3, foreground=palette.PAPER)])


def _person() -> Path:
    """Return a head over shoulders, as one marker."""
    head = Path.circle((0, 0.42), 0.25)
    body = Path(
        [(-0.45, -0.6), (-0.45, 0.22), (0.45, 0.22), (0.45, -0.6), (-0.45, -0.6)],
        [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.CLOSEPOLY],
    )
    return Path.make_compound_path(head, body)


PERSON = _person()
