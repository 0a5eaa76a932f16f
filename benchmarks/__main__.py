"""``python -m benchmarks``: measure everything the suite promises about speed.

Takes about ten minutes. Name a part to measure that alone (cost, gain, explorers, notebooks,
service).
The exit status is the number of bounds that were missed.
"""

import sys
from importlib import import_module

from hybrid_demo import describe_machine

PARTS = ("cost", "gain", "explorers", "notebooks", "service")


def main() -> int:
    """Print a line for each figure as it is taken; return how many bounds were missed."""
    chosen = sys.argv[1:] or PARTS
    unknown = [part for part in chosen if part not in PARTS]
    if unknown:
        print(f"unknown part {unknown[0]!r}; expected some of {', '.join(PARTS)}, or nothing")
        return 2
    print(describe_machine())
    print(f"{'':<62} {'median':>8} {'':<6} {'range':<20} {'bound'}")
    missed = 0
    for part in chosen:
        for figure in import_module(f"benchmarks.{part}").figures():
            print(figure, flush=True)
            missed += figure.holds is False
    print("every bound was kept" if not missed else f"{missed} bounds were missed")
    return missed


if __name__ == "__main__":
    sys.exit(main())
