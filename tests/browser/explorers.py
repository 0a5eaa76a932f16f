"""An explorer's panel in a page, used as a student uses it."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Locator, Page, TimeoutError

WAIT_MS, CLICK_MS = 60_000, 2_000
BUSY = "button:not([disabled])"


class Panel:
    """The panel of the one explorer of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        run = page.get_by_role("button", name="Run", exact=True)
        # The output of its cell, so that no other cell's widget is taken for one of its own.
        self.root = page.locator(".jp-OutputArea-child", has=run)
        self.picture = self.root.locator("img")

    def button(self, name: str) -> Locator:
        """Return a button of the panel."""
        return self.root.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press a button of the panel, once it can be."""
        self.button(name).click(timeout=WAIT_MS)

    def choose(self, control: str, choice: str) -> None:
        """Choose from a list."""
        self.root.get_by_label(control, exact=True).select_option(choice)

    def turn(self, control: str, choice: str) -> None:
        """Choose from a list, or move a slider to its end, which must then be the choice."""
        if self.root.locator(".widget-slider", has_text=control).count():
            self.slide(control, "End")
        else:
            self.choose(control, choice)

    def slide(self, control: str, key: str) -> None:
        """Press a key on a slider, as one does without a mouse."""
        self.root.locator(".widget-slider", has_text=control).locator(".noUi-handle").press(key)

    def runs(self) -> int:
        """Return how many runs are in the list; a single one is not listed yet."""
        listed = self.root.locator("select[size] option, select[multiple] option").count()
        return max(listed, self.picture.count())

    def run(self) -> str:
        """Press Run, wait for the picture of this run, and return the picture's words."""
        before = self.picture.get_attribute("src") if self.picture.count() else None
        self.press("Run")
        self.wait_for_another(before)
        return self.words()

    def wait_for_another(self, source: str | None) -> None:
        """Wait until another picture than this one is shown, and the panel is at rest."""
        self.page.wait_for_function(
            "([panel, source]) => { const image = panel.querySelector('img');"
            " return image && image.src !== source && image.complete; }",
            arg=[self.root.element_handle(), source],
            timeout=WAIT_MS,
        )
        self.button("Run").and_(self.page.locator(BUSY)).wait_for(timeout=WAIT_MS)

    def stop(self) -> None:
        """Run once more and press Stop in the middle of it; wait until it says that it stopped.

        A click that a busy machine brings too late, when the run is over, is tried again; in the
        end by the page itself, which is as quick as the shortest run.
        """
        for press in [self._press_stop, self._press_stop, *[self._let_the_page_stop] * 3]:
            before = self.picture.get_attribute("src") if self.picture.count() else None
            press()
            self.wait_for_another(before)
            if "Stopped after" in self.status():
                break

    def _press_stop(self) -> None:
        self.press("Run")
        self.button("Stop").and_(self.page.locator(BUSY)).wait_for(timeout=WAIT_MS)
        with suppress(TimeoutError):
            self.button("Stop").click(timeout=CLICK_MS)

    def _let_the_page_stop(self) -> None:
        self.button("Stop").evaluate(
            "button => new MutationObserver((changes, observer) => {"
            " if (!button.disabled) { observer.disconnect(); button.click(); }"
            "}).observe(button, {attributes: true})"
        )
        self.press("Run")

    def compare(self) -> str:
        """Compare the run before with the last, and return the picture's words."""
        before = self.picture.get_attribute("src")
        self.press("Compare with the last")
        self.wait_for_another(before)
        return self.words()

    def words(self) -> str:
        """Return the picture's alternative text."""
        return self.picture.get_attribute("alt") or ""

    def status(self) -> str:
        """Return what the panel says of its last run, and of the student's clicks."""
        return " ".join(self.root.locator("[role=status]").all_inner_texts())
