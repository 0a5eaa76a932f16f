"""The layout of a picture: a headline, one section a recording, one time axis, a key.

Places are in points from the top, found before anything is drawn, because the
height of the whole follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch

from ..recording import Recording
from . import palette
from .alt import alt_text, summary
from .depths import DEPTH_PT, plot_depths
from .frame import (
    LEFT_IN,
    RIGHT_IN,
    broken,
    hide_time,
    recorded_s,
    styled,
    text_pt,
)
from .headlines import coloured
from .key import LINE_PT as KEY_PT, draw_key, key_of
from .lag import LAG_PT, Mark, plot_lag
from .loop import LOOP_PT, plot_loop
from .naming import label_of
from .picture import WIDTH_IN, Picture
from .plan import Guess, plan_for
from .story import (
    figures_of,
    free_remark,
    headline,
    remark_on_all,
    remarks,
)
from .words import end_words_of, headed, say, sentence
from .workers import plot_workers

MARGIN_PT = 16.0
FULL_PT = WIDTH_IN * 72 - 2 * MARGIN_PT  # of a line of text
WIDTH_PT = (WIDTH_IN - LEFT_IN - RIGHT_IN) * 72  # of the panels
PROJECTED_PT = WIDTH_IN * 72  # a picture as high as it is wide still fits a projector
LEAST_LAG_PT = 50.0
LINE = 1.28  # line height, in type sizes


class Composer:
    """Stacks panels downwards; places are in points from the top."""

    def __init__(self, recordings: Sequence[Recording], guess: Guess | None) -> None:
        self.recordings = recordings
        self.headline = headline(recordings)
        self.plan = plan_for(recordings, guess, width_pt=WIDTH_PT)
        self.entries = key_of(recordings, self.plan.lanes)
        self.top_pt = self.key_top_pt = 0.0
        compact_pt = LEAST_LAG_PT if self.plan.compact else LAG_PT
        self.lag_pt = LAG_PT - 12 if len(recordings) == 2 else compact_pt
        self.guessed_end: tuple[Mark, float] | None = None
        self.guessed_panels = range(0)
        self.texts: list[tuple[float, float, str, dict[str, Any]]] = []
        self.panels: list[tuple[float, float, Callable[[Axes], Axes]]] = []

    def picture(self) -> Picture:
        """Lay everything out, with lag panels as high as a projector lets them be, and draw it."""
        self._lay_out()
        if self.plan.compact and self.plan.lags:
            spare_pt = (PROJECTED_PT - self.top_pt) / len(self.recordings)
            self.lag_pt = min(max(self.lag_pt, self.lag_pt + spare_pt), LAG_PT - 24)
            self._lay_out()
        return self._drawn()

    def _lay_out(self) -> None:
        self.top_pt = MARGIN_PT
        self.texts, self.panels = [], []
        for line in coloured(self.headline, figures_of(self.recordings), FULL_PT):
            for left, part, how in line:
                self.texts.append((MARGIN_PT + left, self.top_pt, part, how))
            self.top_pt += palette.HEADLINE_PT * LINE
        whole = remark_on_all(self.recordings)
        if whole:
            self._write(whole, palette.TITLE_PT)
        self.top_pt += 2 if self.plan.compact else 8
        for at, recording in enumerate(self.recordings):
            self._section(at, recording)
        self.top_pt += 36
        self.key_top_pt = self.top_pt
        self.top_pt += 8 + KEY_PT * draw_key(None, self.entries, FULL_PT, 0)
        self._notes()
        self.top_pt += MARGIN_PT * 0.6

    def _write(self, text: str, size: float, *, left: float = MARGIN_PT, **more: Any) -> None:
        bold = more.get("weight") == "bold"
        for line in broken(text, FULL_PT, size, bold=bold):
            self.texts.append((left, self.top_pt, line, styled(size, **more)))
            self.top_pt += size * LINE

    def _section(self, at: int, recording: Recording) -> None:
        label = headed(label_of(recording, at, len(self.recordings)))
        self.top_pt += 2 if self.plan.compact else 6
        head = self.top_pt
        said = " ".join(([] if self.plan.lags else [free_remark(recording)]) + remarks(recording))
        title = styled(palette.TITLE_PT, weight="bold")
        self.texts.append((MARGIN_PT, head, label, title))
        used = text_pt(label, palette.TITLE_PT, bold=True) + 14
        self.top_pt += palette.TITLE_PT * LINE
        if said:
            if used + text_pt(said, palette.BODY_PT) <= FULL_PT:
                self.texts.append((MARGIN_PT + used, head + 1, said, styled(palette.BODY_PT)))
            else:
                self._write(said, palette.BODY_PT)
        self.top_pt += 2
        share = {"until_s": self.plan.until_s}
        end_guess = self.plan.mark_of("end", at)
        if end_guess is not None:
            self.top_pt += 18
            self.guessed_end = (end_guess, self.top_pt - 3)
        first_panel = len(self.panels)
        if self.plan.lags:
            wait = self.plan.mark_of("wait", at)
            self._panel(
                self.lag_pt,
                plot_lag,
                recording,
                scale_s=self.plan.scale_s,
                mark=wait or end_guess,
                **share,
            )
            self.top_pt += 5 if self.plan.compact else 7
        self._panel(LOOP_PT - 8 * self.plan.compact, plot_loop, recording, **share)
        self.top_pt += 5 if self.plan.compact else 8
        if self.plan.lanes[at].height_pt > 0:
            lanes = self.plan.lanes[at]
            self._panel(lanes.height_pt, plot_workers, recording, lanes=lanes, **share)
            self.top_pt += 2
        peak = self.plan.mark_of("peak", at)
        if self.plan.depths:
            self._panel(
                DEPTH_PT, plot_depths, recording, scale=self.plan.depth_scale, mark=peak, **share
            )
            self.top_pt += 8
        if end_guess is not None:
            self.guessed_panels = range(first_panel, len(self.panels))
        self.top_pt += 4 if self.plan.compact else 10

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

    def _drawn(self) -> Picture:
        height_pt, width_pt = self.top_pt, WIDTH_IN * 72
        picture = Picture.made(height_pt / 72)
        drawn: list[Axes] = []
        for top, height, plot in self.panels:
            ax = picture.add_axes(
                (
                    LEFT_IN / WIDTH_IN,
                    1 - (top + height) / height_pt,
                    WIDTH_PT / width_pt,
                    height / height_pt,
                )
            )
            drawn.append(plot(ax))
        for ax in drawn[:-1]:
            hide_time(ax)
        last = max(self.plan.mark_end_s, *map(recorded_s, self.recordings)) * 1.01
        for ax in drawn:
            ax.set_xticks([tick for tick in ax.get_xticks() if tick <= last])
        self._draw_guessed_end(picture, drawn)
        for left, top, text, how in self.texts:
            picture.text(left / width_pt, 1 - top / height_pt, text, va="top", **how)
        draw_key(picture, self.entries, FULL_PT, self.key_top_pt)
        guesses = [self.plan.mark.words] if self.plan.mark else []
        picture.headline = self.headline
        picture.alt_text = alt_text(self.recordings, guesses)
        picture.summary = summary(self.recordings)
        return picture

    def _draw_guessed_end(self, picture: Picture, drawn: Sequence[Axes]) -> None:
        """Draw the guessed end through the panels of its recording, its words on top."""
        if self.guessed_end is None:
            return
        mark, bottom_pt = self.guessed_end
        if mark.value_s > self.plan.until_s:
            self._point_beyond(picture, mark, bottom_pt)
            return
        for at in self.guessed_panels:
            line = drawn[at].axvline(
                mark.value_s, color=palette.GUESS, linewidth=1.8, zorder=5.5, gid="guess"
            )
            line.set_linestyle((0, (4, 2)))
        width_pt = WIDTH_IN * 72
        left = LEFT_IN * 72 + mark.value_s / self.plan.until_s * WIDTH_PT
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

    def _point_beyond(self, picture: Picture, mark: Mark, bottom_pt: float) -> None:
        """Point to where a guessed end lies that would make the axis too long."""
        width_pt, height_pt = WIDTH_IN * 72, self.top_pt
        tip, shaft = width_pt - RIGHT_IN * 72, 30.0
        level = 1 - (bottom_pt - palette.BODY_PT * 0.55) / height_pt
        arrow = FancyArrowPatch(
            ((tip - shaft) / width_pt, level),
            (tip / width_pt, level),
            arrowstyle="-|>",
            mutation_scale=14,
            linewidth=1.8,
            color=palette.GUESS,
            shrinkA=0,
            shrinkB=0,
            transform=picture.transFigure,
        )
        arrow.set_gid("guess beyond")
        picture.add_artist(arrow)
        words = say("guess.beyond", words=mark.words, time=end_words_of(mark.value_s))
        how = styled(palette.BODY_PT, color=palette.GUESS, style="italic", ha="right")
        at = ((tip - shaft - 6) / width_pt, 1 - bottom_pt / height_pt)
        picture.text(*at, words, va="bottom", gid="guess", **how)
