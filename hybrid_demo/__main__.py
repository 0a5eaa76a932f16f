"""``python -m hybrid_demo``: what this machine can show, a rehearsal, slides, links, the service.

Thin: it reads the arguments, and leaves the work to ``rehearsal``, ``presenting``
and ``service``, of which each command imports what it needs.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

_INTERRUPTED = 130  # what a shell makes of SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name, and return the exit status.

    0 if all is well, 1 if something will not work or did not hold, 2 for
    arguments that make no sense, 130 after an Interrupt.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        if options.command == "check":
            from .rehearsal.checking import check

            return check()
        if options.command == "serve":
            return _serve(options)
        if options.command == "deck":
            from .presenting.deck import deck

            return deck(options.notebooks, options.out)
        if options.command == "links":
            from .presenting.links import links

            return links(repo=options.repo, branch=options.branch, hub=options.hub)
        from .rehearsal.rehearsing import rehearse

        return rehearse(options.notebooks, html=options.html, recordings=options.recordings)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"{parser.prog} {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"{parser.prog} {options.command}: interrupted", file=sys.stderr)
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m hybrid_demo", description="For whoever teaches with these notebooks."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser(
        "check",
        help="two seconds: what this machine is, and what will be weak on it",
        description="Say what this machine is, and what will be weak on it.",
    )
    rehearse = commands.add_parser(
        "rehearse",
        help="run the notebooks, and print the ledger with this machine's own figures",
        description="Run the notebooks as you would the evening before, and print the ledger "
        "with this machine's own figures, what will not show here, and how long each takes.",
    )
    rehearse.add_argument(
        "notebooks",
        nargs="*",
        metavar="NOTEBOOK",
        help="a file, a name, or its number (05); all of them by default",
    )
    rehearse.add_argument(
        "--html",
        type=Path,
        metavar="DIR",
        help="write the executed notebooks there, as pages that need no kernel and no network",
    )
    rehearse.add_argument(
        "--recordings",
        type=Path,
        metavar="DIR",
        help="save what `watch` recorded there, to be drawn again by Recording.load",
    )
    deck = commands.add_parser(
        "deck",
        help="run the notebooks, and write slides of them that need no network",
        description="Run the notebooks, and write slides of them, with speaker's notes, as one "
        "page that needs no kernel and no network.",
    )
    deck.add_argument(
        "notebooks",
        nargs="*",
        metavar="NOTEBOOK",
        help="a file, a name, or its number (05); 01, 03, 04 and 05 by default",
    )
    deck.add_argument(
        "--out",
        type=Path,
        default=Path("deck"),
        metavar="DIR",
        help="where to write it; the folder deck by default",
    )
    links = commands.add_parser(
        "links",
        help="print the links that open the notebooks on Binder and on a JupyterHub",
        description="Print the links that open the notebooks on Binder, and on a JupyterHub by "
        "nbgitpuller, from the repository that this project is in.",
    )
    links.add_argument(
        "--repo", metavar="URL", help="its address; the one it was cloned from by default"
    )
    links.add_argument("--branch", metavar="NAME", help="its branch; the present one by default")
    links.add_argument(
        "--hub", metavar="URL", help="your university's JupyterHub; left open by default"
    )
    _add_serve(commands)
    return parser


def _add_serve(commands: Any) -> None:
    serve = commands.add_parser(
        "serve",
        help="the service of notebook 08, on this machine only, until Ctrl-C",
        description="Serve POST /analyze and GET /health on 127.0.0.1 until Ctrl-C.",
    )
    from .machine import MOST_WORKERS

    modes = ("inline", "threads", "processes")
    add = serve.add_argument
    add("--mode", choices=modes, default="processes", help="where the inference runs (processes)")
    add("--port", type=_number(0, 65_535), default=8000, help="0 is any that is free (8000)")
    add("--workers", type=_number(1, MOST_WORKERS), help="threads or processes (one for each CPU)")
    add("--most", type=_number(1, 10_000), help="requests in flight (4 for each worker)")
    add("--deadline", type=_seconds, default=1.0, metavar="S", help="seconds to answer in (1)")
    add("--inference", type=_seconds, default=0.05, metavar="S", help="CPU time of one (0.05)")
    add("--passes", type=_number(1, 10_000_000), help="of the model in one, instead of its time")
    add("--cache", type=Path, metavar="FILE", help="keep the answers there (a temporary file)")


def _serve(options: argparse.Namespace) -> int:
    """Serve until the process is told to end.

    Raises:
        OSError: the port cannot be had.
        RuntimeError: something is not installed, or the application did not start.
    """
    from .machine import effective_cpus
    from .model import passes_for

    try:
        from .service import Design, serve
    except ImportError as error:
        raise RuntimeError(str(error)) from error
    workers = options.workers or effective_cpus()
    with tempfile.TemporaryDirectory(prefix="hybrid-demo-") as folder:
        design = Design(
            mode=options.mode,
            workers=workers,
            most=options.most or 4 * workers,
            deadline_s=options.deadline,
            passes=options.passes or passes_for(options.inference),
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


if __name__ == "__main__":
    sys.exit(main())
