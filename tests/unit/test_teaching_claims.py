"""Claims: one verdict for each measurement, in words that blame nobody."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hybrid_demo.teaching import claim, claims
from hybrid_demo.teaching.data import Claim, claims as ledger, made_of


@pytest.fixture(autouse=True)
def _a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two idle CPUs, and a student's session rather than the suite's own tests."""
    monkeypatch.setattr(claims, "effective_cpus", lambda: 2)
    monkeypatch.setattr(claims, "_busy_elsewhere", lambda needs_cpus: "")
    monkeypatch.setattr(claims, "throttled_s", lambda: claims._stopped_before_s)
    monkeypatch.delenv("HYBRID_DEMO_TESTING", raising=False)


def test_a_claim_that_is_measured_true_held() -> None:
    """A true comparison gives the verdict "held", with the slide's words and no excuse."""
    verdict = claim("5.3", True)
    assert (verdict.status, verdict.held, verdict.reason) == ("held", True, "")
    assert f"true here: {ledger()['5.3'].words}" in repr(verdict)


def test_a_corrected_claim_is_never_said_to_be_true_as_it_stands() -> None:
    """Where the ledger corrects the slide, the verdict says so in its first words."""
    verdict = claim("5.5", True)
    assert "true here, once put more exactly: " in repr(verdict)
    assert f"More exactly: {ledger()['5.5'].precisely}" in repr(verdict)
    assert "<b>✓ true here, once put more exactly</b>" in verdict._bundle()["text/html"]


def test_a_condition_is_shown_with_the_tick() -> None:
    """A claim that is true only under a condition is not ticked without it."""
    row = ledger()["2.5"]
    html = claim("2.5", True)._bundle()["text/html"]
    assert row.kind == "holds when"
    assert f"<b>True when</b> {row.precisely}" in html


def test_no_verdict_says_that_something_is_held() -> None:
    """In these notebooks a loop is held, which is bad news: a claim is true, or is not."""
    for condition in (True, False):
        shown = claim("5.3", condition)._bundle()
        assert "held" not in shown["text/html"] + shown["text/plain"]
        assert "hold" not in shown["text/html"] + shown["text/plain"]


def test_numpy_comparisons_are_conditions() -> None:
    """NumPy's bool is judged as Python's."""
    assert claim("5.3", np.float64(1) < np.float64(2)).held
    assert not claim("5.3", np.float64(2) < np.float64(1)).held


def test_a_claim_that_did_not_hold_blames_the_set_up() -> None:
    """After a student's change the verdict speaks of the set-up and says what to do."""
    verdict = claim("5.3", False)
    assert verdict.status == "did not hold"
    assert "your set-up differs from the lecture's" in verdict.reason
    assert "run the notebook from the top" in verdict.reason


def test_under_the_tests_not_held_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """With HYBRID_DEMO_TESTING=1 a claim that did not hold raises; one that held does not."""
    monkeypatch.setenv("HYBRID_DEMO_TESTING", "1")
    claim("5.3", True)
    with pytest.raises(AssertionError, match=r"claim 5\.3, not true here"):
        claim("5.3", False)


@pytest.mark.parametrize("condition", [True, False])
def test_too_few_cpus_are_no_verdict(condition: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With fewer CPUs than it needs a claim is not judged, not even under the tests."""
    monkeypatch.setenv("HYBRID_DEMO_TESTING", "1")
    verdict = claim("5.5", condition, needs_cpus=3)
    assert verdict.status == "not showable here"
    assert "○ cannot be shown here" in verdict._bundle()["text/html"]
    assert "takes 3 CPUs" in verdict.reason
    assert "this session has 2" in verdict.reason


def test_a_busy_machine_excuses_time_that_was_not_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where CPUs must be idle, load elsewhere is named; what was saved all the same held."""
    monkeypatch.setattr(claims, "_busy_elsewhere", lambda needs_cpus: "load 8.2 on 2 CPUs")
    verdict = claim("5.5", False, needs_cpus=2)
    assert verdict.status == "not showable here"
    assert "load 8.2" in verdict.reason
    assert claim("5.5", True, needs_cpus=2).held


def test_a_busy_machine_excuses_times_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait may be somebody else's doing; an order or a count is not."""
    monkeypatch.setattr(claims, "_busy_elsewhere", lambda needs_cpus: "load 8.2 on 2 CPUs")
    peak, wait_s, other_s = 4, 0.3, 0.2
    assert claim("5.3", peak == 4 and wait_s < other_s).status == "not showable here"
    assert claim("5.3", peak == 6 and wait_s < other_s).status == "did not hold"
    assert claim("5.3", peak == 6).status == "did not hold"
    assert claim("5.3", False).status == "did not hold"


def test_a_quota_that_ran_out_excuses_times_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What it stopped before this kernel began does not count."""
    wait_s, other_s = 0.3, 0.2
    monkeypatch.setattr(claims, "_stopped_before_s", 100.0)
    monkeypatch.setattr(claims, "throttled_s", lambda: 102.3)
    verdict = claim("5.3", wait_s < other_s)
    assert verdict.status == "not showable here"
    assert "stopped it for 2.30 s" in verdict.reason
    assert claim("5.3", False).status == "did not hold"
    monkeypatch.setattr(claims, "throttled_s", lambda: 100.05)
    assert claim("5.3", wait_s < other_s).status == "did not hold"
    monkeypatch.setattr(claims, "throttled_s", lambda: None)
    monkeypatch.setattr(claims, "_stopped_before_s", 0.0)
    assert claim("5.3", wait_s < other_s).status == "did not hold"


def test_an_idle_machine_excuses_nothing() -> None:
    """With nothing else at work, times that do not compare as claimed are a finding."""
    wait_s, other_s = 0.3, 0.2
    assert claim("5.3", wait_s < other_s).status == "did not hold"


@pytest.mark.parametrize("condition", [None, 1, 0.0, "held", np.array([True, True])])
def test_a_condition_is_a_comparison(condition: object) -> None:
    """Anything but True or False is refused, with an example of what is expected."""
    with pytest.raises(TypeError, match=r"condition is .*expected True or False.*such as"):
        claim("5.3", condition)  # type: ignore[arg-type]


def test_an_unknown_key_names_the_nearest() -> None:
    """A mistyped key is answered with the nearest one and with all there are."""
    with pytest.raises(ValueError, match=r"'5\.33'; did you mean '5\.3'\? known keys: 1\.1, "):
        claim("5.33", True)
    with pytest.raises(ValueError, match=r"no claim has the key 5\.3;"):
        claim(5.3, True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("needs_cpus", "error"),
    [(0, ValueError), (-1, ValueError), (True, TypeError), (2.0, TypeError)],
)
def test_needs_cpus_is_a_count(needs_cpus: int, error: type[Exception]) -> None:
    """The CPUs a claim needs are a whole number from 1."""
    with pytest.raises(error, match=r"needs_cpus is .*expected"):
        claim("5.3", True, needs_cpus=needs_cpus)


def test_a_verdict_shows_as_html_without_markup_of_its_words() -> None:
    """The rich form carries sign, status and words; the words are text, not markup."""
    row = Claim(key="9.9", slide=9, words="a < b & c", notebook="x", kind="holds")
    bundle = claims.Verdict(claim=row, status="held")._bundle()
    assert "<i>a &lt; b &amp; c</i>" in bundle["text/html"]
    assert "✓ true here" in bundle["text/html"]
    assert bundle["text/plain"].startswith("<Verdict slide 9, claim 9.9, true here: ")


def test_a_plainly_true_claim_takes_one_line() -> None:
    """Nine verdicts in a row can be taken in: only what needs a word more has a second line."""
    assert "<br>" not in claim("5.3", True)._bundle()["text/html"]
    assert claim("5.3", False)._bundle()["text/html"].count("<br>") == 2
    assert claim("5.5", True)._bundle()["text/html"].count("<br>") == 2


@pytest.mark.parametrize(
    ("kind", "precisely"), [("holds", "but"), ("corrected", ""), ("holds when", ""), ("maybe", "")]
)
def test_a_row_that_contradicts_itself_is_refused(kind: str, precisely: str) -> None:
    """A row says more than the slide exactly where the slide's words do not suffice."""
    with pytest.raises(ValueError, match=r"claim 1\.1: "):
        Claim(key="1.1", slide=1, words="w", notebook="n", kind=kind, precisely=precisely)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({}, "missing 4 required"),
        ({"slide": 1, "words": "w", "notebook": "n", "kind": "maybe"}, "kind is 'maybe'"),
        ({"slde": 1}, "unexpected keyword argument 'slde'"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row: dict[str, object], told: str) -> None:
    """Whoever wrote it is led to the file and the row, not to our lines."""
    with pytest.raises(ValueError, match=rf'claims\.toml, "1\.1": .*{told}'):
        made_of("claims.toml", {"1.1": row}, lambda key, row: Claim(key=key, **row))


def test_every_row_is_numbered_by_its_slide() -> None:
    """A claim's key is slide and bullet, and the ledger is in the order of the slides."""
    numbers = [tuple(map(int, key.split("."))) for key in ledger()]
    for (slide, _), row in zip(numbers, ledger().values(), strict=True):
        assert slide == row.slide, f'claims.toml, "{row.key}": slide is {row.slide}'
    early = [b for a, b in itertools.pairwise(numbers) if b < a]
    assert not early, f"rows of claims.toml that stand behind a later slide or bullet: {early}"


def test_code_in_a_verdict_is_shown_as_code() -> None:
    """The ledger writes code between backticks; a reader sees code, not backticks."""
    html = claim("4.5", True)._bundle()["text/html"]
    assert "A plain <code>with</code> waits" in html
    assert "`" not in html
