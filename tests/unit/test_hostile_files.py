"""A recording's file is somebody else's word: nothing in it runs, and what is wrong is told."""

from __future__ import annotations

import contextlib
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, strategies as st

from hybrid_demo import Recording, timeline
from tests.unit.recordings import mixed_outcomes
from tests.unit.strange import FIXED, MARKUP


class Bomb:
    """What, unpickled, writes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.fixture
def content(tmp_path: Path) -> dict[str, Any]:
    """Return what a good file holds."""
    found: dict[str, Any] = json.loads(mixed_outcomes().save(tmp_path / "good.json").read_text())
    return found


def refused(path: Path, text: str | bytes) -> str:
    """Write a file, and return what is said when it is loaded."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=r"expected a file that|update hybrid_demo") as caught:
        Recording.load(path)
    assert path.name in str(caught.value)
    assert len(str(caught.value)) < 2000
    return str(caught.value)


def test_a_pickle_is_not_unpickled(tmp_path: Path) -> None:
    """Neither alone nor behind the name of a recording."""
    for bomb in (pickle.dumps(Bomb(tmp_path / "ran")), pickle.dumps(Bomb(tmp_path / "ran"), 0)):
        refused(tmp_path / "pickle.json", bomb)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    "opening", ["[", '{"kind":', '{"kind": "hybrid_demo recording", "jobs": [']
)
def test_a_file_that_is_nested_too_deeply_is_told(opening: str, tmp_path: Path) -> None:
    """No RecursionError, however deep."""
    assert "nested too deeply" in refused(tmp_path / "deep.json", opening * 200_000)


def test_nesting_in_place_of_a_part_is_told(content: dict[str, Any], tmp_path: Path) -> None:
    """Also where it can just be read; the error is short all the same."""
    nest: list[Any] = []
    for _ in range(400):
        nest = [nest]
    for name in content.keys() - {"kind", "format", "recorded"}:
        refused(tmp_path / "nest.json", json.dumps({**content, name: nest}))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 400, "9" * 5000])
@pytest.mark.parametrize("name", ["duration_s", "cpus", "format"])
def test_numbers_that_are_none_are_told(
    number: str, name: str, content: dict[str, Any], tmp_path: Path
) -> None:
    """NaN and infinity, and those of hundreds of digits."""
    text = json.dumps({**content, name: "here"}).replace('"here"', number)
    refused(tmp_path / "number.json", text)


@pytest.mark.parametrize("version", [2, 10**30, 0, -1, True, 1.0, "1", None, [1], {}])
def test_a_format_of_the_future_or_of_nowhere_is_told(
    version: Any, content: dict[str, Any], tmp_path: Path
) -> None:
    """Newer ones with the advice to update."""
    said = refused(tmp_path / "format.json", json.dumps({**content, "format": version}))
    assert ("update" in said) == (type(version) is int and version > 1)


@pytest.mark.parametrize("part", ["jobs", "holds", "queues", "pools", "in_flight", "lag"])
@pytest.mark.parametrize("name", ["__class__", "__dict__", "__init__", "__reduce__", "save"])
def test_a_name_that_is_no_field_is_told(
    part: str, name: str, content: dict[str, Any], tmp_path: Path
) -> None:
    """Nothing can be put into a recording's parts but their fields."""
    place = content[part] if isinstance(content[part], dict) else None
    if place is None and not content[part]:
        content[part] = [{}]
    (place if place is not None else content[part][0])[name] = "builtins.exec"
    said = refused(tmp_path / "name.json", json.dumps(content))
    assert f"a name in {part}" in said
    assert name in said


def places(content: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value of a file, the first two of each list."""
    if isinstance(content, dict):
        inner = list(content.items())
    elif isinstance(content, list):
        inner = list(enumerate(content))[:2]
    else:
        inner = []
    return [at, *(place for key, each in inner for place in places(each, (*at, key)))]


_json = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=8),
        st.sampled_from([MARKUP, -1e300, 10**300, "\ud800"]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@given(st.data())
@FIXED
def test_any_value_anywhere_is_refused_or_can_be_drawn(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """What loads has words and a trace; what does not raises nothing but ValueError."""
    path = tmp_path_factory.getbasetemp() / "mutated.json"
    text = mixed_outcomes().save(path).read_text()
    for _ in range(6):
        mutated = json.loads(text)
        *way, last = data.draw(st.sampled_from(places(mutated)[1:]))
        place = mutated
        for key in way:
            place = place[key]
        place[last] = data.draw(_json)
        path.write_text(json.dumps(mutated))
        with contextlib.suppress(ValueError):
            loaded = Recording.load(path)
            loaded.to_chrome_trace(path)
            assert repr(loaded)


def test_markup_in_a_file_is_text(content: dict[str, Any], tmp_path: Path) -> None:
    """In the label, in every name and note, and in the day it says it was recorded."""
    content["label"] = content["recorded"] = MARKUP
    content["notes"] = [MARKUP]
    for each in (*content["jobs"], *content["holds"]):
        each["name"] = MARKUP
        each |= {"by": MARKUP} if "by" in each else {}
    path = tmp_path / "markup.json"
    path.write_text(json.dumps(content))
    html = timeline(Recording.load(path))._repr_mimebundle_()["text/html"]
    soup = BeautifulSoup(html, features="html.parser")
    assert soup.find_all("script") == []
    (image,) = soup.find_all("img")
    assert set(image.attrs) == {"src", "alt", "style"}
    assert MARKUP in str(image["alt"])
