"""Recording in, Axes or Figure out: pictures that are understood in five seconds.

It imports nothing of this package but the recording and its parts, so that a
picture can be drawn of a recording made by hand or loaded from a file. It sets
nothing global, shows nothing, and does without pyplot.
"""

from .breakeven import crossover, plot_crossover
from .depths import plot_depths
from .figure import compare, timeline
from .lag import plot_lag
from .loop import plot_loop
from .offered import under_load
from .picture import Picture
from .visits import plot_visits
from .workers import plot_workers

__all__ = [
    "Picture",
    "compare",
    "crossover",
    "plot_crossover",
    "plot_depths",
    "plot_lag",
    "plot_loop",
    "plot_visits",
    "plot_workers",
    "timeline",
    "under_load",
]
