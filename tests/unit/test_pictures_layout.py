"""Whole pictures: one axis for all, legible everywhere, nothing global touched."""

import base64
import re
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import matplotlib
import pytest

from hybrid_demo import compare, plot_lag, timeline
from hybrid_demo.pictures import Picture
from hybrid_demo.pictures.palette import BAR_PT, FONT, LANE, LOOKS, PAPER, SMALL_PT, contrast
from hybrid_demo.recording import Recording, StillOpenError
from tests.unit import recordings
from tests.unit.picture_reading import (
    boxes,
    collisions,
    colour_of,
    outside,
    panels,
    pixels,
    spans,
    texts,
)


def _two() -> Picture:
    return compare(recordings.six_inline(), recordings.six_in_pool())


ROOT = Path(__file__).parents[2]
DRAWN: dict[str, Callable[[], Picture]] = {
    "two": _two,
    "three": lambda: compare(
        recordings.six_inline(), recordings.six_in_threads(), recordings.six_in_pool()
    ),
    "threads": lambda: timeline(recordings.six_in_threads()),
    "backlog": lambda: compare(recordings.backlog(), recordings.backlog(bounded=True)),
    "mixed": lambda: timeline(recordings.mixed_outcomes()),
    "quota": lambda: compare(recordings.six_inline(cpus=1), recordings.throttled()),
    "unseen": lambda: timeline(recordings.unseen_executor()),
    "many": lambda: timeline(recordings.many_workers()),
    "nothing": lambda: timeline(recordings.nothing()),
}
PICTURES = {name: cache(draw) for name, draw in DRAWN.items()}


@pytest.mark.parametrize("name", PICTURES)
def test_texts_stand_apart_and_inside(name: str) -> None:
    """No text of a picture overlaps another or reaches beyond the picture."""
    picture = PICTURES[name]()
    assert collisions(picture) == []
    assert outside(picture) == []


@pytest.mark.parametrize("name", PICTURES)
def test_texts_are_large_and_in_the_one_font(name: str) -> None:
    """Only names in bars are set below 12.5 points; no face is used that might be missing."""
    for text, _ in boxes(PICTURES[name]()):
        assert text.get_fontsize() >= (BAR_PT if text.get_gid() == "name" else SMALL_PT)
        assert text.get_fontfamily() == [FONT]


@pytest.mark.parametrize("kind", LOOKS)
def test_labels_can_be_read_on_every_kind_of_bar(kind: str) -> None:
    """A bar's label has a contrast of at least 4.5 to what lies behind it."""
    assert contrast(LOOKS[kind].ink, LOOKS[kind].fill) >= 4.5


def test_labels_over_hatches_have_a_plate_of_the_fill() -> None:
    """Behind a label on a hatched bar lies one colour."""
    picture = timeline(recordings.mixed_outcomes())
    hatched = [text for text, _ in boxes(picture) if text.get_text() == "read_results"]
    assert hatched[0].get_bbox_patch() is not None


def test_kinds_differ_by_more_than_colour() -> None:
    """Fates that share a lane have hatches (or edges) that tell them apart in grey."""
    kinds = ("process", "process queued", "process pending", "abandoned", "error", "lost")
    shapes = {(LOOKS[k].hatch, LOOKS[k].edge, contrast(LOOKS[k].fill, PAPER) > 3) for k in kinds}
    assert len(shapes) == len(kinds)
    assert LOOKS["computing"].hatch != LOOKS["not running"].hatch
    assert contrast(LANE, PAPER) < 1.2


def test_all_panels_share_one_time_axis() -> None:
    """Whatever is compared has the same axis, starting at 0, with its unit written once."""
    picture = PICTURES["three"]()
    assert len({ax.get_xlim() for ax in picture.axes}) == 1
    assert picture.axes[0].get_xlim()[0] == 0
    assert [ax.get_xlabel() for ax in picture.axes if ax.get_xlabel()] == [
        "seconds since the start"
    ]
    assert picture.axes[-1].get_xlabel()


def test_waits_share_one_scale() -> None:
    """A second of waiting is as high in one lag panel of a picture as in another."""
    lags = panels(PICTURES["three"](), "a new client\nwaits")
    assert len(lags) == 3
    second = [ax.get_window_extent().height / ax.get_ylim()[1] for ax in lags]
    assert second == pytest.approx([second[0]] * 3)


def test_panels_appear_only_when_they_say_something() -> None:
    """Depths are drawn for queues, the lag not where it was nothing and the story is another."""
    assert not panels(PICTURES["two"](), "how\nmany")
    backlog = PICTURES["backlog"]()
    assert len(panels(backlog, "how\nmany")) == 2
    assert not panels(backlog, "a new client\nwaits")
    assert any("The loop stayed free" in text for text in texts(backlog))


@pytest.mark.parametrize("name", ["three", "one cpu"])
def test_three_recordings_fit_a_projector(name: str) -> None:
    """A comparison of three is no higher than it is wide, and every lane is still named."""
    draw = {
        "three": PICTURES["three"],
        "one cpu": lambda: compare(
            recordings.six_inline(1), recordings.six_in_threads(), recordings.six_in_pool(1)
        ),
    }
    picture = draw[name]()
    assert picture.get_figheight() <= picture.get_figwidth() + 0.01
    assert texts(picture, "lane").count("thread 4") == texts(picture, "lane").count("worker 4") == 1
    assert texts(picture, "name").count("request 3") == 3


def test_words_are_dark_on_what_they_stand_on() -> None:
    """Even what is set in grey has a contrast of at least 7 to paper and lane."""
    for text, _ in boxes(PICTURES["three"]()):
        if text.get_gid() not in ("name", "headline"):
            assert contrast(colour_of(text), LANE) >= 7


def test_html_carries_image_and_alt_text() -> None:
    """A notebook gets one image with its description, and the summary as plain text."""
    picture = PICTURES["two"]()
    bundle = picture._repr_mimebundle_(None, None)
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"] == picture.summary
    found = re.search(r'src="data:image/png;base64,([^"]+)" alt="([^"]+)"', bundle["text/html"])
    assert found is not None
    assert base64.b64decode(found[1]).startswith(b"\x89PNG")
    assert "1.20 s on the event loop" in found[2]
    assert "max-width" in bundle["text/html"]


def test_alt_text_is_escaped() -> None:
    """A label with quotes and angle brackets cannot break out of the attribute."""
    picture = timeline(recordings.made('<b "x">', 0.1))
    shown = picture._repr_mimebundle_(None, None)["text/html"]
    assert "<b " not in shown
    assert '"x"' not in shown


def test_a_label_with_dollar_signs_is_no_formula() -> None:
    """What users call their recordings and tasks is shown as written."""
    holds = [recordings.Hold(name="$x_1$", start_s=0.0, stop_s=0.5, cause="computing")]
    picture = timeline(recordings.made("costs $5 and $\\frac$", 0.6, holds=holds))
    assert pixels(picture).shape[2] == 4
    assert outside(picture) == []


def test_a_very_long_label_stays_inside() -> None:
    """A label of a hundred words is broken into lines, not cut."""
    picture = timeline(recordings.made("in a pool " * 40, 0.3))
    assert outside(picture) == []
    assert collisions(picture) == []


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ((), TypeError, "was given nothing"),
        (("blocked",), TypeError, "'blocked' is not a Recording"),
        (([recordings.six_inline()],), TypeError, "several as compare"),
        ((Recording.opened("still here"),), StillOpenError, "'still here' cannot be drawn"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    given: tuple[object, ...], error: type[Exception], says: str
) -> None:
    """The message says what was given, what is expected and what to do."""
    with pytest.raises(error, match=says):
        compare(*given)  # type: ignore[arg-type]


def test_nothing_global_is_touched() -> None:
    """A student's rcParams neither change nor are changed, and pyplot is not imported."""
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black", "text.usetex": False}):
        before = dict(matplotlib.rcParams)
        styled = pixels(_two())
        assert dict(matplotlib.rcParams) == before
    assert (styled == pixels(_two())).all()
    script = (
        "import sys; from tests.unit import recordings as r; from hybrid_demo import timeline; "
        "timeline(r.six_in_pool())._repr_mimebundle_(); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_importing_the_package_loads_no_plotting() -> None:
    """Only asking for a picture imports matplotlib."""
    script = "import sys, hybrid_demo; assert not {'matplotlib', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)


def test_ten_thousand_jobs_and_a_hundred_thousand_samples_stay_cheap() -> None:
    """A picture of two crowds takes at most 12 times one of two small recordings."""

    def seconds(draw: Callable[[], Picture]) -> float:
        start = time.process_time()
        draw().png()
        return time.process_time() - start

    one, other = recordings.crowd(), recordings.crowd()
    small = min(seconds(_two) for _ in range(3))
    assert seconds(lambda: compare(one, other)) < 12 * small
    picture = timeline(one)
    assert collisions(picture) == []
    bars = sum(len(spans(ax, "process")) for ax in picture.axes)
    assert bars < 20_000


def test_pieces_refuse_nothing_they_can_draw() -> None:
    """A piece draws with a scale and an axis of the caller's choice."""
    ax = plot_lag(recordings.six_inline(), until_s=5.0, scale_s=2.0)
    assert ax.get_xlim() == (0.0, 5.0)
    assert ax.get_ylim()[1] > 2.0


def test_a_piece_of_its_own_can_be_shown_and_read() -> None:
    """The figure that a piece makes for itself carries alternative text too."""
    picture = plot_lag(recordings.six_inline()).get_figure()
    assert isinstance(picture, Picture)
    assert "1.20 s" in picture._repr_mimebundle_(None, None)["text/html"]


def test_jobs_that_leave_nothing_to_draw_leave_no_panel() -> None:
    """Jobs submitted just before the end, never run, cost no empty panel."""
    late = recordings.job(0, 0.999, None, None, outcome="pending")
    pool = recordings.process_pool()
    picture = timeline(recordings.made("too late", 1.0, jobs=[late], pools=[pool]))
    assert len(picture.axes) == 2
    assert "1 pending" in picture.alt_text
