"""The pulse: a beat that an event loop makes by itself, and cannot make while it is held.

Imports nothing of this package but how numbers are said. It shows what no picture
made afterwards can: a loop that stands still while you look at it.
"""

from __future__ import annotations

import asyncio
from html import escape

import ipywidgets  # type: ignore[import-untyped]

from ..recording import counted

PERIOD_S = 0.04  # 25 beats a second, which a browser shows one by one
_DOTS = 12

# The dot runs along its track by a beat's number, so that it stands where the loop does. Where a
# reader prefers no motion, it stays and only the number changes.
_STYLE = """<style>
.hybrid-pulse {
  display: inline-flex; align-items: center; gap: 8px; margin-left: 16px; white-space: nowrap;
  font-variant-numeric: tabular-nums;
}
.hybrid-pulse b { position: relative; width: 110px; height: 16px; border-radius: 8px; }
.hybrid-pulse b { background: #e8e8e8; }
.hybrid-pulse i {
  position: absolute; top: 1px; left: calc(1px + var(--at) * 8.5px);
  width: 14px; height: 14px; border-radius: 50%; background: #0072b2;
}
@media (prefers-reduced-motion: reduce) { .hybrid-pulse i { left: 1px; } }
</style>"""


class Pulse:
    """A dot that moves with every beat of the loop, and a counter beside it.

    Attributes:
        widget: what is shown.
        beats: beats of the present run.
    """

    def __init__(self) -> None:
        self.beats = 0
        self.widget = ipywidgets.HTML()
        self._show("the loop's pulse")

    async def beat(self) -> None:
        """Beat on the running loop until cancelled, on an absolute grid, missing what is missed."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        self.beats = 0
        while True:
            self.beats += 1
            self._show(counted(self.beats, "beat"))
            periods = int((loop.time() - begun) / PERIOD_S) + 1
            await asyncio.sleep(begun + periods * PERIOD_S - loop.time())

    def rest(self) -> None:
        """Show how often it beat in the run that has ended."""
        self._show(f"{counted(self.beats, 'beat')} in the last run")

    def _show(self, words: str) -> None:
        there_and_back = abs((self.beats + _DOTS - 1) % (2 * (_DOTS - 1)) - (_DOTS - 1))
        self.widget.value = (
            f'{_STYLE}<span class="hybrid-pulse" style="--at: {there_and_back}">'
            f"<b><i></i></b><span>{escape(words)}</span></span>"
        )
