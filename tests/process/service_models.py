"""Models that a test can hold, or let die, in place of the service's inference."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from hybrid_demo.model import Inference

DEADLY = 666.0


def at_once(features: list[float], passes: int) -> Inference:
    """Answer with what was asked."""
    return Inference(passes, features[0], 0.0)


def behind_a_gate(gate: str, features: list[float], passes: int) -> Inference:
    """Answer once the file at `gate` is gone; the warm-up, of one pass, at once."""
    pause = threading.Event()
    while passes > 1 and Path(gate).exists():
        pause.wait(0.005)
    return at_once(features, passes)


def dies_once(poison: str, features: list[float], passes: int) -> Inference:
    """Die while the file at `poison` is there, and take it along."""
    if passes > 1 and Path(poison).exists():
        Path(poison).unlink()
        os._exit(3)
    return at_once(features, passes)


def deadly(features: list[float], passes: int) -> Inference:
    """Die of one certain reading."""
    if features[0] == DEADLY:
        os._exit(3)
    return at_once(features, passes)


def counted(folder: str, features: list[float], passes: int) -> Inference:
    """Work for a moment, and leave a file in the folder for each request but the warm-up."""
    if passes > 1:
        time.sleep(0.05)
        (Path(folder) / str(features[0])).touch()
    return at_once(features, passes)
