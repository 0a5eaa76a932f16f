"""The panel around a student's coroutine function: run it, stop it, compare its runs.

Everything that changes a widget runs on the event loop that runs the cells:
JupyterLab may deliver a click on that thread or on another, so a click only
ever asks the loop to do something.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from html import escape
from typing import Any

import ipywidgets  # type: ignore[import-untyped]

from ..given import shown
from ..instruments import watch
from ..pictures import Picture, compare, timeline
from ..recording import Recording, counted
from ..schedule import schedule
from ..teaching.trouble import shown_error
from .client import IN_A_ROW, Client
from .controls import told
from .interrupting import Button, Interrupted
from .pulse import Pulse
from .runs import Run, computes, on_stopping

_HOLD_S = 0.003  # the pulse's own steps are shorter
_MOST_COMPUTED = 16


class Explorer:
    """Controls, a Run and a Stop button, a pulse, the picture of the last run, and the runs before.

    Attributes:
        runs: every run so far, oldest first.
    """

    def __init__(
        self,
        fn: Callable[..., Awaitable[object]],
        controls: Mapping[str, Any],
        goal: str,
        loop: asyncio.AbstractEventLoop,
        lent: Collection[Any] = (),
    ) -> None:
        self.runs: list[Run] = []
        self._fn, self._controls, self._loop = fn, dict(controls), loop
        self._lent = lent  # a student's own widgets: an explorer's end is not theirs
        self._task: asyncio.Task[None] | None = None
        self._can_be_stopped = False
        self._pulse, self._client = Pulse(), Client(loop)
        self._run_button = ipywidgets.Button(
            description="Run", button_style="primary", tooltip="Run it with these values"
        )
        self._stop_button = ipywidgets.Button(
            description="Stop", disabled=True, tooltip="Cancel the run"
        )
        self._progress = ipywidgets.FloatProgress(
            min=0.0, max=1.0, layout={"width": "140px", "display": "none"}
        )
        self._status = ipywidgets.HTML(layout={"min_height": "32px"})  # lest the picture jump
        self._picture = ipywidgets.HTML()
        self._cpus = ipywidgets.IntSlider(
            min=1,
            max=_MOST_COMPUTED,
            description="Computed for so many CPUs",
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "40em", "max_width": "98%", "display": "none"},
        )
        self._list = ipywidgets.Select(
            options=[], rows=4, description="Runs so far", layout={"width": "auto"}
        )
        self._compare_button = ipywidgets.Button(
            description="Compare with the last",
            tooltip="Draw the chosen run and the last one on one time axis",
            layout={"width": "14em"},
        )
        self._history = ipywidgets.VBox(
            [self._list, self._compare_button], layout={"display": "none"}
        )
        self.widget = ipywidgets.VBox(
            [
                ipywidgets.HTML(f"<b>{escape(goal)}</b>" if goal else ""),
                *self._controls.values(),
                ipywidgets.HBox(
                    [self._run_button, self._stop_button, self._pulse.widget, self._progress],
                    layout=IN_A_ROW,
                ),
                self._client.widget,
                self._status,
                self._picture,
                self._cpus,
                self._history,
            ]
        )
        self._run_button.on_click(self._asked_to_run)
        self._stop_button.on_click(lambda _: self._ask(self.stop))
        self._compare_button.on_click(lambda _: self._ask(self._compare))
        self._cpus.observe(lambda _: self._ask(self._draw), names="value")

    @property
    def is_running(self) -> bool:
        """Whether a run is under way."""
        return self._task is not None

    def start(self) -> None:
        """Run the function with the controls' values, unless it is running."""
        if self._task is None:
            values = {name: control.value for name, control in self._controls.items()}
            self._set_running(True)
            self._client.begin()
            self._task = self._loop.create_task(self._run(values), name=self._name)
            self._task.add_done_callback(self._ended)

    def stop(self) -> None:
        """Cancel the run; what runs in a worker already cannot be stopped."""
        if self._task is not None and self._can_be_stopped:
            self._say("Stopping: it ends when it next gives way to the loop.")
            self._task.cancel()

    def close(self) -> None:
        """End the run, if there is one, and take all widgets away."""
        if self._task is not None:
            self._task.cancel()
        for widget in _all_in(self.widget, except_for=self._lent):
            widget.close()
        self._picture.value = ""  # a notebook may keep the explorer itself, as a cell's value

    def _asked_to_run(self, _: object) -> None:
        self._client.hear()
        self._ask(self.start)

    def _ask(self, what: Callable[[], None]) -> None:
        """Have something done on the event loop, whichever thread this is."""
        self._loop.call_soon_threadsafe(what)

    async def _run(self, values: Mapping[str, Any]) -> None:
        beating = self._loop.create_task(self._pulse.beat(), name="pulse")
        progressing = self._loop.create_task(self._advance(), name="progress")
        ending, said, words = "done", "", told(self._controls)
        recording: Recording | None = None
        watching = watch(words or self._name, hold_s=_HOLD_S)
        button = Button(lambda: self._ask(self.stop))
        try:
            await button.take()
            async with watching as recording:
                self._can_be_stopped = True
                try:
                    with button.may_end():
                        returned = await self._fn(**values)
                finally:  # a click that comes now is too late: what it did is being drawn
                    self._can_be_stopped = False
            said = "" if returned is None else f"It returned {escape(shown(returned))}."
        except asyncio.CancelledError:
            ending = "stopped"
        except Exception as error:
            ending, said = "failed", shown_error(error)
        except (Interrupted, BaseExceptionGroup):
            if not button.pressed:
                raise
            ending = "stopped"
        finally:
            button.give_back()
            for task in (beating, progressing):
                task.cancel()
            await asyncio.wait([beating, progressing])
        if recording is None or recording.is_open:
            return
        recording = await self._client.seen_in(recording, watching.start)
        self.runs.append(Run(values, words, recording, ending))
        self._pulse.rest()
        self._show_last(said)

    def _show_last(self, said: str) -> None:
        run = self.runs[-1]
        if run.ending == "stopped":
            said = on_stopping(run.recording)
        self._say(f"<div>Run {len(self.runs)}: {escape(run.line)}</div>{said}")
        # A new run begins at its own CPUs; told before the value, lest it be drawn twice.
        self._cpus.unobserve_all()
        self._cpus.max = max(_MOST_COMPUTED, run.recording.cpus)
        self._cpus.value = run.recording.cpus
        self._cpus.observe(lambda _: self._ask(self._draw), names="value")
        self._cpus.layout.display = "" if computes(run.recording) else "none"
        lines = [f"{number}: {run.line}" for number, run in enumerate(self.runs, 1)]
        self._list.options = list(zip(lines, range(len(lines)), strict=True))
        self._list.index = max(0, len(self.runs) - 2)
        self._list.rows = min(6, max(2, len(lines)))
        self._history.layout.display = "" if len(self.runs) > 1 else "none"
        self._draw()

    def _draw(self) -> None:
        """Draw the last run, and beside it what the model says for another number of CPUs."""
        recording, cpus = self.runs[-1].recording, self._cpus.value
        if cpus == recording.cpus or not computes(recording):
            self._show(timeline(recording))
        else:
            self._show(compare(recording, schedule(recording, cpus=cpus)))

    def _compare(self) -> None:
        chosen, last = self.runs[self._list.value or 0], self.runs[-1]
        if chosen is last:
            chosen = self.runs[-2]
        self._show(compare(chosen.recording, last.recording))

    def _show(self, picture: Picture) -> None:
        self._picture.value = picture._repr_mimebundle_()["text/html"]

    def _say(self, html: str) -> None:
        self._status.value = (
            f'<div class="mathjax_ignore" role="status" style="line-height: 1.5">{html}</div>'
        )

    async def _advance(self) -> None:
        """Show how far it may be, measured by the last run, and for how long it has run."""
        begun = self._loop.time()
        usual_s = self.runs[-1].recording.duration_s if self.runs else 0.0
        self._progress.layout.display = "" if usual_s > 1.0 else "none"
        while True:
            passed_s = self._loop.time() - begun
            self._progress.value = min(1.0, passed_s / usual_s) if usual_s else 0.0
            if passed_s > 1.0:
                self._say(f"Running for {passed_s:.0f} s.")
            await asyncio.sleep(0.25)

    def _set_running(self, running: bool) -> None:
        self._run_button.disabled = running
        self._stop_button.disabled = not running
        self._compare_button.disabled = running
        for control in (*self._controls.values(), self._cpus, self._list):
            control.disabled = running
        if running:
            self._say("Running.")
        else:
            self._progress.layout.display = "none"

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._task = None
        with contextlib.suppress(asyncio.CancelledError):
            error = task.exception()
            if error is not None:
                self._say(shown_error(error))
        self._set_running(False)

    @property
    def _name(self) -> str:
        return str(getattr(self._fn, "__name__", "run"))

    def __repr__(self) -> str:
        return f"<Explorer of {self._name}(): {counted(len(self.runs), 'run')}>"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, Any]:
        bundle: dict[str, Any] = self.widget._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self)}


def _all_in(widget: Any, *, except_for: Collection[Any]) -> list[Any]:
    """Return a widget and those in it, with their layouts and styles, the innermost first."""
    if any(widget is each for each in except_for):
        return []
    children = getattr(widget, "children", ())
    found = [each for child in children for each in _all_in(child, except_for=except_for)]
    own = [getattr(widget, name, None) for name in ("layout", "style")]
    return [*found, *(each for each in own if each is not None), widget]
