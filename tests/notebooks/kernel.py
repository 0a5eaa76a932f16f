"""A kernel alone, without a notebook: cells go to it as JupyterLab sends them, each with its id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

STARTS_WITHIN_S = 60
RUNS_WITHIN_S = 120


@dataclass
class Kernel:
    """A running kernel.

    Attributes:
        pid: its process.
        client: what speaks with it.
    """

    pid: int
    client: BlockingKernelClient

    def run(self, source: str, *, cell: str) -> list[dict[str, Any]]:
        """Run a cell and return the content of what it shows and prints.

        Raises:
            AssertionError: it raised, or wrote to standard error.
        """
        content = {"code": source, "silent": False, "store_history": True, "stop_on_error": True}
        content |= {"user_expressions": {}, "allow_stdin": False}
        asked = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(asked)
        shown: list[dict[str, Any]] = []
        while True:
            message = self.client.get_iopub_msg(timeout=RUNS_WITHIN_S)
            if message["parent_header"].get("msg_id") != asked["header"]["msg_id"]:
                continue
            kind, content = message["header"]["msg_type"], message["content"]
            assert kind != "error", f"{cell}: {content.get('ename')}: {content.get('evalue')}"
            assert content.get("name") != "stderr", f"{cell}: {content['text']}"
            if kind in ("stream", "display_data", "execute_result"):
                shown.append(content)
            if kind == "status" and content["execution_state"] == "idle":
                self.client.get_shell_msg(timeout=RUNS_WITHIN_S)
                return shown

    def printed(self, source: str, *, cell: str) -> str:
        """Run a cell and return what it printed."""
        return "".join(each.get("text", "") for each in self.run(source, cell=cell))


@contextmanager
def kernel(folder: Path) -> Iterator[Kernel]:
    """Run a kernel in a folder until the block is left."""
    manager, client = start_new_kernel(startup_timeout=STARTS_WITHIN_S, cwd=str(folder))
    try:
        yield Kernel(manager.provisioner.pid, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
