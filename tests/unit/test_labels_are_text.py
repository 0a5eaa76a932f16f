"""Whatever a student calls something: it is drawn and shown as text, never as HTML or TeX."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import matplotlib
import pytest
from bs4 import BeautifulSoup
from matplotlib.text import Text

from hybrid_demo import compare, explore, timeline, watch
from hybrid_demo.explorer import Explorer
from hybrid_demo.explorer.runs import Run
from hybrid_demo.pictures import plot_depths, plot_lag, plot_loop, plot_visits, plot_workers
from hybrid_demo.pictures.frame import axes_pt
from hybrid_demo.pictures.thin import COLUMNS
from hybrid_demo.recording import Lag, LagSample, Recording
from hybrid_demo.teaching.mistakes import Mistake
from hybrid_demo.teaching.trouble import shown_error
from tests.unit.picture_reading import outside
from tests.unit.recordings import mixed_outcomes, six_in_pool, six_inline
from tests.unit.strange import LABELS, MARKUP, TEX

IDS = ["markup", "tex", "one word", "many words", "scripts", "controls", "signs", "digits", "task"]
# What our own HTML is made of; none of it has an address or runs anything.
OURS = {
    *("figure", "img", "details", "summary", "div", "table", "caption", "thead", "tbody"),
    *("tr", "th", "td", "b", "br", "code", "i", "small", "span"),
}


def labelled(label: str) -> Recording:
    """Return a recording in which everything that has a name has this one."""
    plain = mixed_outcomes()
    return replace(
        plain,
        label=label,
        jobs=tuple(
            replace(job, name=label, by=f"{label} {at}") for at, job in enumerate(plain.jobs)
        ),
        holds=tuple(replace(hold, name=label) for hold in (*plain.holds, *six_inline().holds)),
        queues=tuple(replace(queue, name=label) for queue in plain.queues),
        notes=(label,),
    )


def elements(html: str) -> BeautifulSoup:
    """Return HTML as it is read, in which there is nothing but ours, and nothing to be typeset."""
    soup = BeautifulSoup(html, features="html.parser")
    assert {each.name for each in soup.find_all(True)} <= OURS
    for each in soup.find_all(True):
        assert not any(name.startswith("on") for name in each.attrs)
        assert str(each.get("src", "data:")).startswith("data:")
    for words in soup.find_all(string=lambda text: bool(text and text.strip())):
        parents = [parent.get("class") or [] for parent in words.parents]
        assert any("mathjax_ignore" in classes for classes in parents), words
    return soup


@pytest.mark.parametrize("label", LABELS, ids=IDS)
def test_a_picture_draws_and_tells_any_label_as_text(label: str) -> None:
    """No artist parses it as mathematics, no element is made of it, and it stays in the picture."""
    recording = labelled(label)
    for picture in (timeline(recording), compare(recording, six_in_pool())):
        written = picture.findobj(Text)
        assert not any(each.get_usetex() for each in written)
        named = [each for each in written if each.get_text() and each.get_gid()]
        assert not any(each.get_parse_math() for each in named)
        assert not any(each.get_parse_math() for each in written if "$" in each.get_text())
    assert outside(picture) == []
    soup = elements(picture._repr_mimebundle_()["text/html"])
    assert soup.img is not None
    assert " ".join(label.split())[:50] in " ".join(str(soup.img["alt"]).split())


def test_no_piece_asks_latex_whatever_a_student_has_set() -> None:
    """Also where it is the student's wish for all other pictures."""
    with matplotlib.rc_context({"text.usetex": True}):
        for plot in (plot_lag, plot_loop, plot_workers, plot_depths, plot_visits):
            ax = plot(labelled(TEX))
            written = [each for each in ax.findobj(Text) if "$" in each.get_text()]
            assert not any(each.get_usetex() or each.get_parse_math() for each in written)


@pytest.mark.parametrize("label", [MARKUP, TEX], ids=["markup", "tex"])
def test_an_explorer_and_a_mistake_show_it_as_text(label: str) -> None:
    """The goal, the values, what was returned, the error's own words."""

    async def act(**more: str) -> str:
        return label

    async def panel() -> Explorer:
        explorer = explore(act, {"how": [label]}, goal=label)
        explorer.start()
        while explorer.is_running:
            await asyncio.sleep(0.01)
        explorer._picture.value = timeline(labelled(label))._repr_mimebundle_()["text/html"]
        for html in (explorer._status.value, explorer._picture.value):
            elements(html)
        assert label not in explorer.widget.children[0].value or "<" not in label
        assert not explorer.widget.children[0].value.startswith(f"<b>{MARKUP}")
        explorer.close()
        return explorer

    (run,) = asyncio.run(panel()).runs
    assert isinstance(run, Run)
    elements(shown_error(ValueError(label)))
    found = Mistake(1.0, None)
    found.error = ValueError(label)
    elements(found._bundle()["text/html"])


def test_half_a_character_is_refused_as_a_label_and_replaced_in_a_name() -> None:
    """Nobody can send it to a browser, nor save it."""
    with pytest.raises(ValueError, match="half a character"):
        watch("\ud800")

    async def named() -> Recording:
        async with watch("named", hold_s=0) as recording:
            await asyncio.create_task(asyncio.sleep(0), name="\ud800")
        return recording

    recording = asyncio.run(named())
    assert "?" in [hold.name for hold in recording.holds]
    str(timeline(recording)._repr_mimebundle_()).encode()


def test_a_million_samples_are_as_many_points_as_pixels() -> None:
    """What is drawn is bounded by the columns of the picture, not by the recording."""
    many = 1_000_000
    samples = Lag(tuple(LagSample(at * 0.005, 0.0004 * (at % 7)) for at in range(many)))
    recording = replace(six_in_pool(), duration_s=many * 0.005, lag=samples)
    picture = timeline(recording)
    points = 0
    for ax in picture.axes:
        points += sum(len(line.get_xdata()) for line in ax.lines)
        for collection in ax.collections:
            points += sum(len(path.vertices) for path in collection.get_paths())
    width_pt, _ = axes_pt(picture.axes[0])
    assert COLUMNS < points < 4 * 2 * COLUMNS + 2 * width_pt + 1000
