"""Make the lock files from pyproject.toml: every package pinned, for every platform and Python.

    python -m pip install uv
    python tools/lock.py              # keep the pins that still fit
    python tools/lock.py --upgrade    # move to the newest versions

One resolution serves Linux, macOS and Windows and all Pythons that
pyproject.toml allows; where they need different versions, a marker says so.
What the tests add is resolved under the user's pins, so that students and
tests run the same JupyterLab. One more lock has the oldest versions that
pyproject.toml allows of what it names: the tests pass with both.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = "3.11"
OLDEST = "tests/oldest.txt"
# mybinder.org starts `jupyter notebook`, whose release has to fit JupyterLab's.
LOCKS = {
    "requirements.txt": "-e .",
    "notebooks/beyond/requirements.txt": "-e .[beyond]",
    "docs/requirements.txt": "-e .[deck]",
    "tests/requirements.txt": "-e .[beyond,tests]",
    "benchmarks/requirements.txt": "-e .[beyond,benchmarks]",
    "binder/requirements.txt": "-e .[beyond]\nnotebook",
    OLDEST: "-e .[beyond,tests]",
}


def lock(output: str, wanted: str, pins: str, options: list[str]) -> str:
    """Write one lock file and return its pins, without the project itself."""
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "pins.txt"
        constraints.write_text(pins, encoding="utf-8")
        command = ["uv", "pip", "compile", "-", "--output-file", output, "--quiet", *options]
        command += ["--universal", "--python-version", OLDEST_PYTHON]
        command += ["--constraint", str(constraints), "--no-annotate"]
        command += ["--custom-compile-command", "python tools/lock.py"]
        subprocess.run(command, cwd=ROOT, input=wanted, text=True, check=True)
    lines = (ROOT / output).read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("-e "))


def main() -> None:
    """Lock what the user needs, then what tests and Binder need on top of it."""
    options = sys.argv[1:]
    pins = ""
    for output, wanted in LOCKS.items():
        if output == OLDEST:  # what the tests' own tools need fits itself to the suite's oldest
            pins = lock(output, "-e .[beyond]", "", [*options, "--resolution=lowest-direct"])
        made = lock(output, wanted, pins, options)
        pins = pins or made


if __name__ == "__main__":
    main()
