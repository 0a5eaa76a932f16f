"""A Jupyter kernel to measure in, as a notebook's: its process, and what runs code in it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .alone import ROOT

WITHIN_S = 120


@contextmanager
def kernel() -> Iterator[tuple[int, Callable[[str], str]]]:
    """Start a kernel that finds the project; yield its process id, and what runs code in it.

    That gives back what the code printed, and raises RuntimeError if the code did.
    """
    from jupyter_client.manager import start_new_kernel

    # At every start it warns that its ports are not encrypted; only this machine reaches them.
    manager, client = start_new_kernel(stderr=subprocess.DEVNULL)

    def run(code: str) -> str:
        said: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            if message["msg_type"] == "stream":
                said.append(message["content"]["text"])

        reply = client.execute_interactive(code, output_hook=hear, timeout=WITHIN_S)
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"the kernel answered {reply['content']} to {code}")
        return "".join(said)

    try:
        run(f"import sys; sys.path.insert(0, {str(ROOT)!r})")
        yield int(run("import os; print(os.getpid())")), run
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
