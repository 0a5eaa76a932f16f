"""One measurement in an interpreter of its own, so that nothing measured before is beside it.

What is measured is a module's function, ``python -c`` its main program: a worker
that imports the main program finds nothing in it to do.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parents[1]
WITHIN_S = 600.0


def alone(function: str, *arguments: object) -> Any:
    """Return what a function returns in a new interpreter.

    Args:
        function: "module.function" of this package; it returns what JSON can hold.
        arguments: what it is given, which JSON can hold too.

    Raises:
        RuntimeError: it failed; the message ends in what it wrote to stderr.
        subprocess.TimeoutExpired: it took more than ten minutes.
    """
    module, _, name = function.rpartition(".")
    program = (
        f"import json, sys\nfrom benchmarks.{module} import {name}\n"
        f"print(json.dumps({name}(*json.loads(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", program, json.dumps(arguments)]
    with subprocess.Popen(
        command, text=True, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            said, complained = process.communicate(timeout=WITHIN_S)
        except BaseException:
            # Workers hold the pipes open, and some outlive whoever started them.
            family = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            psutil.wait_procs([each for each in family if _killed(each)])
            raise
    if process.returncode:
        raise RuntimeError(f"{function}{arguments} failed: {complained[-3000:]}")
    return json.loads(said.splitlines()[-1])


def _killed(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):  # Windows denies access to one that is ending
        process.kill()
        return True
    return False
