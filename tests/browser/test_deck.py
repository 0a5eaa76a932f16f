"""The deck as a speaker opens it: from a file, by keyboard, on a projector of 1280 x 720."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import missing

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(bool(missing()), reason=missing() or "never"),
]
# What sticks out of the present slide, or is cut within it; type smaller than `least` pixels.
AMISS = """least => {
  const sheet = Reveal.getCurrentSlide().querySelector('.deck-sheet');
  const place = sheet.getBoundingClientRect();
  const amiss = [];
  for (const each of sheet.querySelectorAll('h1, h2, p, li, pre, table, img')) {
    const box = each.getBoundingClientRect();
    const out = box.bottom > place.bottom || box.right > place.right || box.top < place.top;
    const small = parseFloat(getComputedStyle(each).fontSize) < least;
    if (out || small || each.scrollWidth > each.clientWidth + 1)
      amiss.push(`${each.tagName}: ${each.textContent.slice(0, 60)}`);
  }
  return amiss;
}"""
FRAGMENTS = """() => Array.from(Reveal.getCurrentSlide().querySelectorAll('.fragment'))
  .map(each => [each.textContent, each.classList.contains('visible')])"""
LEAST = 18  # pixels on a slide that is 720 high


@pytest.fixture
def deck(exported: Path, page: Page, complaints: Sequence[str]) -> Page:
    """Open the deck on a projector."""
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto((exported / "deck.html").as_uri())
    page.wait_for_function("window.Reveal?.isReady()")
    return page


def test_every_slide_fits_and_the_space_bar_leads_through_all(
    deck: Page, complaints: Sequence[str]
) -> None:
    """No end of a line, of code or of a picture is cut; no network is asked for anything."""
    seen, pictures = set[str](), 0
    total = deck.evaluate("Reveal.getTotalSlides()")
    for _ in range(5 * total):
        slide = str(
            deck.evaluate("JSON.stringify(Reveal.getIndices().h + '/' + Reveal.getIndices().v)")
        )
        if slide not in seen:
            assert deck.evaluate(AMISS, LEAST) == [], slide
            pictures += deck.evaluate(
                "Reveal.getCurrentSlide().querySelectorAll('.deck-picture img').length"
            )
        seen.add(slide)
        if deck.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
            break
        deck.keyboard.press("Space")
    assert len(seen) == total > 25
    assert pictures >= 5
    assert list(complaints) == []


def test_no_answer_is_seen_before_the_vote(deck: Page) -> None:
    """On the slide of a vote there is no picture and nothing printed; they come after it."""
    slides = deck.evaluate(
        """() => Reveal.getSlides().map(slide =>
          ['vote', 'picture', 'printed'].filter(kind => slide.querySelector('.deck-' + kind)))"""
    )
    votes = [at for at, kinds in enumerate(slides) if "vote" in kinds]
    assert len(votes) >= 5
    assert all(slides[at] == ["vote"] for at in votes)
    for at in votes:
        following = next(kinds for kinds in slides[at + 1 :] if kinds)
        assert following[0] in ("picture", "printed")


def test_what_is_said_of_a_picture_comes_after_a_look_at_it(deck: Page) -> None:
    """The words below it are hidden until a key is pressed, one after the other."""
    deck.evaluate(
        """() => {
          const slide = Reveal.getSlides().find(
            each => each.querySelectorAll('.deck-caption').length > 1);
          const at = Reveal.getIndices(slide);
          Reveal.slide(at.h, at.v);
        }"""
    )
    assert {shown for _, shown in deck.evaluate(FRAGMENTS)} == {False}
    deck.keyboard.press("ArrowRight")
    assert [shown for _, shown in deck.evaluate(FRAGMENTS)][:2] == [True, False]


def test_the_speaker_sees_notes_in_a_window_of_their_own(deck: Page) -> None:
    """The key S opens it; at a vote it tells the right letter and the beliefs."""
    deck.evaluate(
        """() => {
          const at = Reveal.getIndices(document.querySelector('.deck-vote').closest('section'));
          Reveal.slide(at.h, at.v);
        }"""
    )
    assert "Right:" not in deck.locator(".reveal").inner_text()
    with deck.expect_popup() as opened:
        deck.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("Right:").wait_for()
    assert "believes:" in notes.inner_text()
