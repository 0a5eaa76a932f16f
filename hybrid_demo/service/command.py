"""``python -m hybrid_demo serve``: its arguments, and what they come to.

It imports what only the service needs when the command is run, so that
somebody who has not installed that is told how.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command to argparse's subcommands."""
    serve = commands.add_parser(
        "serve",
        help="the service of notebook 08, on this machine only, until Ctrl-C",
        description="Serve POST /analyze and GET /health on 127.0.0.1 until Ctrl-C.",
    )
    modes = ("inline", "threads", "processes")
    add = serve.add_argument
    add("--mode", choices=modes, default="processes", help="where the inference runs (processes)")
    add("--port", type=_number(0, 65_535), default=8000, help="0 is any that is free (8000)")
    add("--workers", type=_number(1, 61), help="threads or processes (one for each CPU)")
    add("--most", type=_number(1, 10_000), help="requests in flight (4 for each worker)")
    add("--deadline", type=_seconds, default=1.0, metavar="S", help="seconds to answer in (1)")
    add("--inference", type=_seconds, default=0.05, metavar="S", help="CPU time of one (0.05)")
    add("--cache", type=Path, metavar="FILE", help="keep the answers there (a temporary file)")


def run(options: argparse.Namespace) -> int:
    """Serve until the process is told to end.

    Raises:
        OSError: the port cannot be had.
        RuntimeError: something is not installed, or the application did not start.
    """
    from ..machine import effective_cpus

    try:
        from . import Design, passes_for, serve
    except ImportError as error:
        raise RuntimeError(str(error)) from error
    workers = options.workers or effective_cpus()
    with tempfile.TemporaryDirectory(prefix="hybrid-demo-") as folder:
        design = Design(
            mode=options.mode,
            workers=workers,
            most=options.most or 4 * workers,
            deadline_s=options.deadline,
            passes=passes_for(options.inference),
            cache=options.cache or Path(folder) / "answers.sqlite",
        )
        serve(design, options.port)
    return 0


def _number(least: int, most: int) -> Callable[[str], int]:
    """Return what argparse makes a whole number of, if it is from `least` to `most`."""

    def number(text: str) -> int:
        if not (text.isdecimal() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r}; expected {least} to {most}")
        return int(text)

    return number


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 60:
        raise argparse.ArgumentTypeError(f"{text!r}; expected seconds, above 0 and at most 60")
    return seconds
