"""``python -m hybrid_demo``: what this machine can show, and a rehearsal of the notebooks on it.

Thin: it reads the arguments, and leaves the work to ``rehearsal``, of which
each command imports what it needs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

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
        from .rehearsal.rehearsing import rehearse

        return rehearse(options.notebooks, html=options.html, recordings=options.recordings)
    except (OSError, ValueError) as error:
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
    return parser


if __name__ == "__main__":
    sys.exit(main())
