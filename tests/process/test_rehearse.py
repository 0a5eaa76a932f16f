"""``rehearse`` with real kernels: what it collects, keeps, and leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import nbformat
import psutil
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook

from hybrid_demo import Recording
from hybrid_demo.__main__ import main
from hybrid_demo.rehearsal import places, running
from hybrid_demo.teaching.claims import VERDICT_TYPE

CLAIMS = """
from hybrid_demo import claim, predict
wait_s, workers = 0.25, 2
claim("2.7", wait_s < 0.5)
claim("2.4", workers == 4)
claim("2.6", wait_s < 0.5, needs_cpus=1000)
predict("5-worst-wait")
"""
WATCHED = """
import asyncio
from hybrid_demo import watch
async with watch("a nap") as nap:
    await asyncio.sleep(0.01)
_private = again = nap
opened = watch("never left")
still_open = await opened.__aenter__()
"""
# A pool with a job, and a program beside it: what an Interrupt finds under way.
BUSY = """
import os, subprocess, sys, time
from hybrid_demo import open_pool
executor = open_pool(2).__enter__()
jobs = [executor.submit(time.sleep, 600) for _ in range(2)]
program = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("under-way", "w").close()
time.sleep(600)
"""


def written(path: Path, cells: Mapping[str, str]) -> Path:
    """Write a notebook of code cells by their ids, and return its path."""
    made = [new_code_cell(source, id=each) for each, source in cells.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(new_notebook(cells=made), path)
    return path


def test_the_deck_is_one_file_made_of_what_ran(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a notebook that anybody wrote, too; and none is left of one that stopped."""
    shown = written(tmp_path / "01-shown.ipynb", {"one-watched": WATCHED, "two-after": "6 * 7"})
    stops = written(tmp_path / "02-stops.ipynb", {"one-stops": "1 / 0"})
    folder = tmp_path / "deck"
    assert main(["deck", str(shown), str(stops), "--out", str(folder)]) == 1
    assert "02-stops stopped at one-stops: ZeroDivisionError" in capsys.readouterr().out
    assert not folder.exists()
    assert main(["deck", str(shown), "--out", str(folder)]) == 0
    assert [path.name for path in folder.iterdir()] == ["deck.html"]
    slides = BeautifulSoup((folder / "deck.html").read_text(encoding="utf-8"), "html.parser")
    assert [pre.get_text().strip() for pre in slides.select(".deck-printed pre")] == ["42"]
    assert "open" in capsys.readouterr().out


def test_it_collects_verdicts_saves_recordings_and_writes_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A claim that does not hold stops nothing, though the tests' own variable is set here."""
    assert os.environ["HYBRID_DEMO_TESTING"] == "1"
    first = written(tmp_path / "00-start-here.ipynb", {"one-claims": CLAIMS, "two-after": "6 * 7"})
    beyond = written(tmp_path / "beyond" / "07-more.ipynb", {"one-watched": WATCHED})
    kept, pages = tmp_path / "kept", tmp_path / "pages"
    arguments = ["rehearse", str(first), str(beyond), "--html", str(pages)]
    assert main([*arguments, "--recordings", str(kept)]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "✓ true here 250 ms <" in told
    assert "1 claim true here, 1 claim not true here, 1 claim cannot be shown here." in told
    assert "2.6 (00-start-here): CPU work needs" in told
    assert "1/2 00-start-here: 2 cells" in told
    files = sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*.json"))
    assert files == ["07-more/again.json", "07-more/nap.json"]
    assert Recording.load(kept / "07-more" / "nap.json").duration_s > 0.01
    names = ["00-start-here.html", "07-more.html", "index.html"]
    assert sorted(path.name for path in pages.iterdir()) == names
    page = (pages / "index.html").read_text(encoding="utf-8")
    for words in ("42", "not true here", "you choose here", "measured: 250 ms &lt;"):
        assert words in page


def test_what_is_not_installed_is_said_before_minutes_are_spent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is named is refused; of all, it is left out, and the handout has the others."""
    monkeypatch.chdir(tmp_path)
    imports = "import json, of_the_moon.craters\nfrom of_the_sea import tide\nimport beside_it"
    lacks = written(tmp_path / "notebooks" / "beyond" / "08-lacks.ipynb", {"one-imports": imports})
    Path(lacks.parent, "beside_it.py").touch()
    Path(lacks.parent, "requirements.txt").touch()
    written(tmp_path / "notebooks" / "00-start-here.ipynb", {"one-plain": "import json; 6 * 7"})
    monkeypatch.setattr(places, "notebooks_folder", lambda: tmp_path / "notebooks")
    command = f"python -m pip install -r {Path('notebooks', 'beyond', 'requirements.txt')}"
    words = f"beyond/08-lacks needs of_the_moon, of_the_sea: {command}"
    for arguments in (["rehearse", "08"], ["deck", "08"]):
        assert main(arguments) == 2
        assert words in capsys.readouterr().err
    assert main(["rehearse", "--html", "pages"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"Left out - {words}" in told
    assert not list(Path("pages").glob("08*"))
    assert Path("pages", "index.html").is_file()


def test_a_notebook_runs_in_its_folder_and_stops_at_its_first_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others go on; no half handout is written; an error that is wanted does not stop it."""
    cells = {"one-file": "open('here', 'w').close()", "two-error": "1 / 0", "three-later": "late"}
    stopped = written(tmp_path / "a" / "01-stops.ipynb", cells)
    verdict = {"key": "2.7", "status": "held", "figures": "1 < 2", "reason": ""}
    shows = (
        f"from IPython.display import display\ndisplay({{{VERDICT_TYPE!r}: {verdict}}}, raw=True)"
    )
    ends = written(tmp_path / "02-ends.ipynb", {"one-wanted": "1 / 0", "two-shows": shows})
    notebook = nbformat.read(ends, as_version=4)
    notebook.cells[0].metadata["tags"] = ["raises-exception"]
    nbformat.write(notebook, ends)
    pages = tmp_path / "pages"
    assert main(["rehearse", str(stopped), str(ends), "--html", str(pages)]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert (tmp_path / "a" / "here").is_file()
    assert "01-stops, cell two-error: ZeroDivisionError: division by zero (1 cell after" in told
    assert "2/2 02-ends: 2 cells ... 02-ends: done" in told
    assert "1 claim true here, 1 notebook stopped." in told
    assert "No handout: 01-stops did not run to the end." in told
    assert not pages.exists()


def test_a_kernel_that_dies_or_a_cell_without_end_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what the kernel said last, and with the cell's id."""
    monkeypatch.setattr(running, "CELL_WITHIN_S", 1)
    dies = "import os, sys\nos.write(2, b'out of memory')\nos._exit(3)"
    endless = written(tmp_path / "01-endless.ipynb", {"one-waits": "import time; time.sleep(600)"})
    dead = written(tmp_path / "02-dead.ipynb", {"one-dies": dies, "two-later": "1"})
    assert main(["rehearse", str(endless), str(dead), "--recordings", str(tmp_path / "r")]) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "cell one-waits: the cell was still running after 1 s" in told
    assert "cell one-dies: the kernel died" in told
    assert not (tmp_path / "r").exists()


def test_a_notebook_of_text_alone_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No cell, no claim, no error."""
    assert main(["rehearse", str(written(tmp_path / "01-text.ipynb", {}))]) == 0
    assert "no claims." in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--html", "--recordings"])
def test_a_folder_that_is_a_file_is_refused_before_anything_runs(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the file is further up the path."""
    notebook = written(tmp_path / "01-a.ipynb", {"one-file": "open('ran', 'w').close()"})
    for folder in (notebook, notebook / "deep"):
        assert main(["rehearse", str(notebook), option, str(folder)]) == 2
        assert "01-a.ipynb' is a file; expected a folder" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


def test_what_is_no_notebook_is_refused_before_anything_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Broken JSON, other JSON, an unknown name; none of it is a traceback."""
    good = written(tmp_path / "01-a.ipynb", {"one-file": "open('ran', 'w').close()"})
    bad = tmp_path / "02-bad.ipynb"
    for text in ("{", json.dumps({"a": 1}), json.dumps([])):
        bad.write_text(text)
        assert main(["rehearse", str(good), str(bad)]) == 2
        assert "02-bad.ipynb' is no notebook" in capsys.readouterr().err
    assert main(["rehearse", "no-such"]) == 2
    assert "no notebook is called 'no-such'" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["reherse"])
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT to send to one process")
def test_an_interrupt_ends_kernel_workers_and_programs(tmp_path: Path) -> None:
    """Nothing of what was under way stays, no page is written, and the exit status says so."""
    notebook = written(tmp_path / "01-busy.ipynb", {"one-busy": BUSY})
    command = [sys.executable, "-m", "hybrid_demo", "rehearse", str(notebook)]
    command += ["--html", str(tmp_path / "pages")]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as one:
        try:
            started = psutil.Process(one.pid)
            while not (tmp_path / "under-way").exists() and one.poll() is None:
                time.sleep(0.05)
            below = started.children(recursive=True)
            assert len(below) >= 4  # the kernel, two workers, the program
            one.send_signal(signal.SIGINT)
            _, said = one.communicate(timeout=120)
        finally:
            one.kill()
    assert one.returncode == 130
    assert said.strip().endswith("rehearse: interrupted")
    assert "Traceback" not in said
    assert psutil.wait_procs(below, timeout=30)[1] == []
    assert not (tmp_path / "pages").exists()
