"""The layout of a picture: a headline, one section a recording, one time axis, a key.

Places are in points from the top, found before anything is drawn, because the
height of the whole follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes

from ..recording import Recording
from . import palette
from .alt import alt_text, summary
from .client import CLIENT_PT
from .depths import DEPTH_PT, plot_depths
from .frame import (
    LEFT_IN,
    RIGHT_IN,
    broken,
    elided,
    hide_time,
    recorded_s,
    styled,
    text_pt,
)
from .guessed import draw_guessed_end
from .headlines import coloured
from .key import LINE_PT as KEY_PT, draw_key, key_of
from .lag import LAG_PT, Mark, plot_lag, shared_pt
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
from .tables import tables_of
from .visits import plot_visits, visits_pt
from .words import headed, sentence
from .workers import plot_workers

MARGIN_PT = 16.0
FULL_PT = WIDTH_IN * 72 - 2 * MARGIN_PT  # of a line of text
WIDTH_PT = (WIDTH_IN - LEFT_IN - RIGHT_IN) * 72  # of the panels
PROJECTED_PT = WIDTH_IN * 72  # a picture as high as it is wide still fits a projector
LINE = 1.28  # line height, in type sizes


class Composer:
    """Stacks panels downwards; places are in points from the top."""

    def __init__(self, recordings: Sequence[Recording], guess: Guess | None) -> None:
        self.recordings = recordings
        self.headline = headline(recordings)
        self.plan = plan_for(recordings, guess, width_pt=WIDTH_PT)
        self.entries = key_of(recordings, self.plan.lanes)
        self.top_pt = self.key_top_pt = 0.0
        self.lag_pts = [LAG_PT - 12 * (len(recordings) > 1)] * len(recordings)
        self.guessed_end: tuple[Mark, float] | None = None
        self.guessed_panels = range(0)
        self.texts: list[tuple[float, float, str, dict[str, Any]]] = []
        self.panels: list[tuple[float, float, Callable[[Axes], Axes]]] = []

    def picture(self) -> Picture:
        """Lay everything out, with lag panels as high as a projector lets them be, and draw it."""
        self._lay_out()
        if self.plan.compact and self.plan.lags:
            spare_pt = PROJECTED_PT - self.top_pt + sum(self.lag_pts)
            self.lag_pts = shared_pt(
                list(map(self._lag_part, range(len(self.recordings)))), spare_pt
            )
            self._lay_out()
        return self._drawn()

    def _lag_part(self, at: int) -> float:
        """Return the part of the greatest wait on the axis that one recording needs."""
        mark = self.plan.mark_of("wait", at)
        most_s = max(self.recordings[at].lag.max_s, mark.value_s if mark else 0.0)
        return most_s / self.plan.scale_s

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
        if text_pt(label, palette.TITLE_PT, bold=True) > FULL_PT:
            label = elided(label, FULL_PT, palette.TITLE_PT)
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
            # Panels may differ in height, never in how high a second is drawn.
            share_of_most = (self.lag_pts[at] - CLIENT_PT) / (max(self.lag_pts) - CLIENT_PT)
            self._panel(
                self.lag_pts[at],
                plot_lag,
                recording,
                scale_s=self.plan.scale_s * share_of_most,
                mark=wait or end_guess,
                **share,
            )
            self.top_pt += 5 if self.plan.compact else 7
        own_pt = visits_pt(recording, self.plan.until_s, WIDTH_PT)
        if own_pt:
            self._panel(own_pt, plot_visits, recording, **share)
            self.top_pt += 4
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
        if self.guessed_end is not None:
            crossed = [drawn[at] for at in self.guessed_panels]
            draw_guessed_end(picture, crossed, *self.guessed_end, until_s=self.plan.until_s)
        for left, top, text, how in self.texts:
            picture.text(left / width_pt, 1 - top / height_pt, text, va="top", **how)
        draw_key(picture, self.entries, FULL_PT, self.key_top_pt)
        guesses = [self.plan.mark.words] if self.plan.mark else []
        picture.headline = self.headline
        picture.alt_text = alt_text(self.recordings, guesses)
        picture.summary = summary(self.recordings)
        picture.tables = tables_of(self.recordings)
        return picture
