"""The layout of a picture: a headline, one section a recording, one time axis, a key.

Places are in points from the top, found before anything is drawn, because the
height of the whole follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from matplotlib.axes import Axes

from ..recording import Recording
from . import palette
from .alt import alt_text, summary
from .depths import DEPTH_PT, depth_scale_for, names_of, plot_depths, shows_depths
from .frame import (
    LEFT_IN,
    RIGHT_IN,
    broken,
    hide_time,
    recorded_s,
    styled,
    text_pt,
    until_for,
)
from .headlines import coloured
from .key import draw_key, key_of
from .lag import LAG_PT, Mark, behind_end, plot_lag, scale_for
from .lanes import arrange, shows_workers
from .loop import LOOP_PT, plot_loop
from .naming import label_of
from .picture import WIDTH_IN, Picture
from .rows import LANE_PT
from .story import (
    about_depth,
    figures_of,
    free_remark,
    headline,
    remark_on_all,
    remarks,
)
from .words import headed, sentence
from .workers import plot_workers

MARGIN_PT = 16.0
QUIET_S = 0.02  # waits below this, beside a story about queues, need no panel
MOST_BEHIND_PT = 190.0  # of the axis, given to words behind a recording's end
LINE = 1.28  # line height, in type sizes


class Guess(Protocol):
    """What ``predict`` leaves: a student's guess that can be drawn into a recording."""

    def mark(self, recording: Recording) -> Mark | None:
        """Return where to draw it, or None if nothing was guessed."""


class Composer:
    """Stacks panels downwards; places are in points from the top."""

    def __init__(self, recordings: Sequence[Recording], guess: Guess | None) -> None:
        self.recordings = recordings
        self.headline = headline(recordings)
        self.width_pt = (WIDTH_IN - LEFT_IN - RIGHT_IN) * 72
        self.full_pt = WIDTH_IN * 72 - 2 * MARGIN_PT
        self.marks: list[Mark | None] = [None for _ in recordings]
        for at, recording in enumerate(recordings):
            mark = guess.mark(recording) if guess is not None else None
            if mark is not None:
                self.marks[at] = mark
                break
        ends = [self._value("end", at) for at in range(len(recordings))]
        self.mark_end_s = max(ends)
        depths = [shows_depths(r, self._mark("peak", at)) for at, r in enumerate(recordings)]
        self.depths = [any(depths)] * len(recordings)
        names = [words for r in recordings if any(depths) for _, words, _ in names_of(r)]
        names += [behind_end(m.words) for m in self.marks if m is not None and m.measure == "wait"]
        room = max((min(MOST_BEHIND_PT, text_pt(n, palette.BODY_PT)) for n in names), default=0.0)
        self.until_s = until_for(
            *recordings, width_pt=self.width_pt, mark_s=max(ends), room_pt=room
        )
        waits = [self._value("wait", at) for at in range(len(recordings))]
        self.scale_s = scale_for(*recordings, mark_s=max(waits))
        peak = next((m for m in self.marks if m is not None and m.measure == "peak"), None)
        self.depth_scale = depth_scale_for(*recordings, mark=peak)
        measured = any(r.lag.samples for r in recordings)
        waits_s = [recording.lag.max_s for recording in recordings]
        quiet = not measured or (about_depth(recordings) and max(waits_s) < QUIET_S)
        self.lags = not quiet or any(m is not None and m.measure == "wait" for m in self.marks)
        lane_pt = (LANE_PT, LANE_PT, 22.0, 20.0)[min(3, len(recordings))]
        self.lanes = [
            arrange(r, until_s=self.until_s, waiting=not any(depths), lane_pt=lane_pt)
            for r in recordings
        ]
        self.top_pt = MARGIN_PT
        self.guessed_end: tuple[Mark, float] | None = None
        self.guessed_panels = range(0)
        self.texts: list[tuple[float, float, str, dict[str, Any]]] = []
        self.panels: list[tuple[float, float, Callable[[Axes], Axes]]] = []

    def _value(self, measure: str, at: int) -> float:
        mark = self.marks[at]
        return mark.value_s if mark is not None and mark.measure == measure else 0.0

    def _mark(self, measure: str, at: int) -> Mark | None:
        mark = self.marks[at]
        return mark if mark is not None and mark.measure == measure else None

    def picture(self) -> Picture:
        """Lay everything out, then draw it."""
        for line in coloured(self.headline, figures_of(self.recordings), self.full_pt):
            for left, part, how in line:
                self.texts.append((MARGIN_PT + left, self.top_pt, part, how))
            self.top_pt += palette.HEADLINE_PT * LINE
        whole = remark_on_all(self.recordings)
        if whole:
            self._write(whole, palette.TITLE_PT)
        self.top_pt += 8
        for at, recording in enumerate(self.recordings):
            self._section(at, recording)
        axis_top = self.top_pt
        self.top_pt = axis_top + 34
        entries = key_of(self.recordings, self.lanes)
        key_top = self.top_pt
        self.top_pt += 8 + 18 * draw_key(None, entries, self.full_pt, 0)
        self._notes()
        self.top_pt += MARGIN_PT * 0.6
        return self._drawn(entries, key_top)

    def _write(self, text: str, size: float, *, left: float = MARGIN_PT, **more: Any) -> None:
        bold = more.get("weight") == "bold"
        for line in broken(text, self.full_pt, size, bold=bold):
            self.texts.append((left, self.top_pt, line, styled(size, **more)))
            self.top_pt += size * LINE

    def _section(self, at: int, recording: Recording) -> None:
        label = headed(label_of(recording, at, len(self.recordings)))
        self.top_pt += 6
        head = self.top_pt
        said = " ".join(([] if self.lags else [free_remark(recording)]) + remarks(recording))
        title = styled(palette.TITLE_PT, weight="bold")
        self.texts.append((MARGIN_PT, head, label, title))
        used = text_pt(label, palette.TITLE_PT, bold=True) + 14
        self.top_pt += palette.TITLE_PT * LINE
        if said:
            if used + text_pt(said, palette.BODY_PT) <= self.full_pt:
                soft = styled(palette.BODY_PT, color=palette.SOFT_INK)
                self.texts.append((MARGIN_PT + used, head + 2, said, soft))
            else:
                self._write(said, palette.BODY_PT, color=palette.SOFT_INK)
        self.top_pt += 2
        share = {"until_s": self.until_s}
        end_guess = self._mark("end", at)
        if end_guess is not None:
            self.top_pt += 18
            self.guessed_end = (end_guess, self.top_pt - 3)
        first_panel = len(self.panels)
        if self.lags:
            height = LAG_PT - 12 * min(2, len(self.recordings) - 1)
            wait = self._mark("wait", at)
            self._panel(height, plot_lag, recording, scale_s=self.scale_s, mark=wait, **share)
            self.top_pt += 7
        self._panel(LOOP_PT, plot_loop, recording, **share)
        self.top_pt += 8
        if shows_workers(recording):
            lanes = self.lanes[at]
            self._panel(lanes.height_pt, plot_workers, recording, lanes=lanes, **share)
            self.top_pt += 2
        peak = self._mark("peak", at)
        if self.depths[at]:
            self._panel(
                DEPTH_PT, plot_depths, recording, scale=self.depth_scale, mark=peak, **share
            )
            self.top_pt += 8
        if end_guess is not None:
            self.guessed_panels = range(first_panel, len(self.panels))
        self.top_pt += 10

    def _panel(self, height_pt: float, plot: Any, recording: Recording, **how: Any) -> None:
        self.panels.append((self.top_pt, height_pt, lambda ax: plot(recording, ax=ax, **how)))
        self.top_pt += height_pt

    def _notes(self) -> None:
        for at, recording in enumerate(self.recordings):
            for note in recording.notes:
                label = label_of(recording, at, len(self.recordings))
                whose = f"{headed(label)}: " if len(self.recordings) > 1 else ""
                told = f"{whose}{note}" if whose else note
                self.top_pt += 3
                self._write(sentence(told), palette.SMALL_PT, color=palette.SOFT_INK, gid="note")

    def _drawn(self, entries: list[tuple[str, str]], key_top: float) -> Picture:
        height_pt, width_pt = self.top_pt, WIDTH_IN * 72
        picture = Picture.made(height_pt / 72)
        drawn: list[Axes] = []
        for top, height, plot in self.panels:
            ax = picture.add_axes(
                (
                    LEFT_IN / WIDTH_IN,
                    1 - (top + height) / height_pt,
                    self.width_pt / width_pt,
                    height / height_pt,
                )
            )
            drawn.append(plot(ax))
        for ax in drawn[:-1]:
            hide_time(ax)
        last = max(self.mark_end_s, *map(recorded_s, self.recordings)) * 1.01
        for ax in drawn:
            ax.set_xticks([tick for tick in ax.get_xticks() if tick <= last])
        self._draw_guessed_end(picture, drawn)
        for left, top, text, how in self.texts:
            picture.text(left / width_pt, 1 - top / height_pt, text, va="top", **how)
        draw_key(picture, entries, self.full_pt, key_top)
        guesses = [mark.words for mark in self.marks if mark is not None]
        picture.headline = self.headline
        picture.alt_text = alt_text(self.recordings, guesses)
        picture.summary = summary(self.recordings)
        return picture

    def _draw_guessed_end(self, picture: Picture, drawn: Sequence[Axes]) -> None:
        """Draw the guessed end through the panels of its recording, its words on top."""
        if self.guessed_end is None:
            return
        mark, bottom_pt = self.guessed_end
        for at in self.guessed_panels:
            line = drawn[at].axvline(
                mark.value_s, color=palette.GUESS, linewidth=1.8, zorder=5.5, gid="guess"
            )
            line.set_linestyle((0, (4, 2)))
        width_pt = WIDTH_IN * 72
        left = LEFT_IN * 72 + mark.value_s / self.until_s * self.width_pt
        half = text_pt(mark.words, palette.BODY_PT) / 2
        left = min(max(left, MARGIN_PT + half), width_pt - MARGIN_PT - half)
        how = styled(palette.BODY_PT, color=palette.GUESS, style="italic", ha="center")
        picture.text(
            left / width_pt,
            1 - bottom_pt / self.top_pt,
            mark.words,
            va="bottom",
            gid="guess",
            **how,
        )
