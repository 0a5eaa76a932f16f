"""`explore`: ipywidgets' `interact` for async code, watched and drawn.

A room at the top: it may use instruments, pictures, the model and the
teaching's way of speaking, and nothing of ours imports it. Every widget is
changed on the event loop that runs the cells, whichever thread a click
arrives on.
"""

from .asking import explore
from .panel import Explorer

__all__ = ["Explorer", "explore"]
