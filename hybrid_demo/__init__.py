"""See what the event loop felt: instruments, pictures and workloads for one lecture.

Every public name is resolved on first use, because worker processes import
this package too and must not load what only the student's process needs.
"""

# Read by type checkers as typing.TYPE_CHECKING; importing typing costs a worker 5 ms.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from .explorer import explore as explore
    from .instruments import watch as watch
    from .machine import (
        calibrate as calibrate,
        describe_machine as describe_machine,
        effective_cpus as effective_cpus,
    )
    from .pictures import (
        compare as compare,
        crossover as crossover,
        plot_crossover as plot_crossover,
        plot_depths as plot_depths,
        plot_lag as plot_lag,
        plot_loop as plot_loop,
        plot_visits as plot_visits,
        plot_workers as plot_workers,
        timeline as timeline,
        under_load as under_load,
    )
    from .pools import open_pool as open_pool
    from .practice import exercises as exercises
    from .recording import Recording as Recording
    from .teaching import (
        claim as claim,
        mistake as mistake,
        predict as predict,
        run_program as run_program,
    )
    from .workloads import (
        cpu_intensive_analysis as cpu_intensive_analysis,
        model_inference as model_inference,
        upload_analysis as upload_analysis,
    )

__version__ = "0.1.0"

_HOMES = {
    "watch": "instruments",
    "Recording": "recording",
    "timeline": "pictures",
    "compare": "pictures",
    "crossover": "pictures",
    "plot_crossover": "pictures",
    "plot_lag": "pictures",
    "plot_loop": "pictures",
    "plot_visits": "pictures",
    "plot_workers": "pictures",
    "plot_depths": "pictures",
    "under_load": "pictures",
    "open_pool": "pools",
    "calibrate": "machine",
    "describe_machine": "machine",
    "effective_cpus": "machine",
    "predict": "teaching",
    "claim": "teaching",
    "explore": "explorer",
    "exercises": "practice",
    "mistake": "teaching",
    "run_program": "teaching",
    "cpu_intensive_analysis": "workloads",
    "model_inference": "workloads",
    "upload_analysis": "workloads",
}

__all__ = tuple(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
