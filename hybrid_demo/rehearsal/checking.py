"""``check``: two seconds, and the instructor knows what will be weak in this room."""

from __future__ import annotations

from . import places
from .machine import look
from .printing import console, listed
from .weak import described, weaknesses


def check() -> int:
    """Print what this machine is and what will be weak; return 1 if something will not work."""
    try:
        needs = places.cpus_needed(places.notebooks_in(places.notebooks_folder()))
    except FileNotFoundError:  # it is the machine that was asked about
        needs = {}
    machine = look()
    weak = list(weaknesses(machine, needs))
    out = console()
    listed(out, "This machine", described(machine))
    words = [each.words for each in weak] or ["Nothing that can be told in two seconds."]
    listed(out, "What will be weak on it", words)
    return int(any(each.fatal for each in weak))
