"""`predict`: a guess committed before the run, and drawn beside the measurement after it.

Question and options stand in the notebook's Markdown, above the control, which
has the letters only; their values and the beliefs behind the wrong ones are in
``misconceptions.toml``. It never waits for a click: with no guess made,
``mark`` has nothing to draw and everything else goes on. Once it has been drawn, the answer to
whoever chose it appears under the picture. ipywidgets is imported when a
control is first shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Any

from ..given import shown
from ..recording import Recording
from .data import Option, Question, questions, unknown
from .marks import FORMULAS, Mark
from .shown import ShowsItself, boxed, once_this_cell_is_done, with_code

if TYPE_CHECKING:
    import ipywidgets  # type: ignore[import-untyped]


class Prediction(ShowsItself):
    """The control for one guess, to be given to a picture as ``guess=``."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self._choice: str | None = None
        self._control: ipywidgets.VBox | None = None
        self._alone_s: float | None = None

    @property
    def choice(self) -> str | None:
        """The letter chosen; None until there is one. Assigning chooses, as a click does.

        Raises:
            ValueError: on assigning what is not among the options.
        """
        return self._choice

    @choice.setter
    def choice(self, letter: str | None) -> None:
        if letter is not None and not (isinstance(letter, str) and letter in self.question.options):
            raise ValueError(
                f"choice is {shown(letter)}; expected one of {', '.join(self.question.options)}, "
                "or None to take the guess back"
            )
        self._choice = letter
        if self._control is not None:
            buttons, said = self._control.children
            buttons.value, said.value = letter, self._said()

    def mark(self, recording: Recording) -> Mark | None:
        """Return what the guess amounts to on this recording; None if none was made.

        None also where the recording has nothing to measure it by: no job ran, say.
        Such a recording, the same work on the loop, is then the measure for the
        next; and where an outcome was guessed, which is no figure. In a notebook, the
        answer to the guess is shown when the cell is done.
        """
        if not recording.jobs:
            self._alone_s = recording.held_s or None
        option = self._option()
        if option is None:
            return None
        if self.question.measure == "outcome":
            self.answer_below()
            return None
        value_s = FORMULAS[option.value](recording, self._alone_s)
        if value_s is None:
            return None
        self.answer_below()
        words = f"your guess: {option.words}"
        return Mark(value_s=value_s, words=words, measure=self.question.measure)

    def answer_below(self) -> None:
        """Answer the guess, if one was made, when the running cell has shown all it shows."""
        option = self._option()
        if option is not None:
            once_this_cell_is_done(Answer(letter=self._choice or "", option=option))

    def __repr__(self) -> str:
        """Read aloud as one line."""
        return f"<Prediction {self.question.key!r}: {self._said()}>"

    def _option(self) -> Option | None:
        return None if self._choice is None else self.question.options[self._choice]

    def _said(self) -> str:
        option = self._option()
        if option is None:
            return f"choose {', '.join(self.question.options)}, then run the next cell"
        return f"you chose {self._choice}: {option.words}"

    def _bundle(self) -> dict[str, Any]:
        if self._control is None:
            self._control = self._made()
        bundle: dict[str, Any] = self._control._repr_mimebundle_()
        return {**bundle, "text/plain": repr(self)}

    def _made(self) -> ipywidgets.VBox:
        import ipywidgets

        options = self.question.options
        buttons = ipywidgets.ToggleButtons(
            options=list(options),
            value=self._choice,
            description="Your guess",
            tooltip="Choose before you run the next cell",
            tooltips=[f"{letter}: {option.words}" for letter, option in options.items()],
            style={"button_width": "4em"},
        )
        said = ipywidgets.Label(self._said(), layout={"margin": "0 0 0 2px"})
        buttons.observe(lambda change: setattr(self, "choice", change["new"]), names="value")
        return ipywidgets.VBox([buttons, said])


@dataclass(frozen=True, repr=False, kw_only=True)
class Answer(ShowsItself):
    """What is said to whoever chose an option, when the picture has been seen."""

    letter: str
    option: Option

    def __repr__(self) -> str:
        """Read aloud as one line; to a mistaken guess, with the belief behind it."""
        option = self.option
        belief = (
            f" Behind it is a belief that many share: {option.belief}." if option.belief else ""
        )
        return f"You chose {self.letter}: {option.words}.{belief} {option.answer}"

    def _bundle(self) -> dict[str, Any]:
        option = self.option
        told = [f"You chose <b>{escape(self.letter)}</b>: {with_code(option.words)}."]
        if option.belief:
            told.append(
                f"Behind it is a belief that many share: <i>{with_code(option.belief)}</i>.<br>"
            )
        told.append(with_code(option.answer))
        html = boxed([" ".join(told)], "#4477aa")
        return {"text/html": html, "text/plain": repr(self)}


def predict(key: str) -> Prediction:
    """Show the control for a guess that is made before a run, and return it.

    Args:
        key: which prediction, as in the notebook's question above it.

    Returns:
        The prediction, the same one whenever its cell runs again, so that a guess
        stays made until the kernel ends. Its ``choice`` is None until somebody
        chooses; nothing ever waits for that.

    Raises:
        ValueError: there is no such prediction.
    """
    if not isinstance(key, str) or key not in questions():
        raise unknown("prediction", key, questions())
    prediction = _of_this_process(key)
    prediction.show()
    return prediction


@cache
def _of_this_process(key: str) -> Prediction:
    # A guess must outlive its cell's second run, so it has to be kept somewhere: here, by key.
    return Prediction(questions()[key])
