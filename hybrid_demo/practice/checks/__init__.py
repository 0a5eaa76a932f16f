"""The checks: each calls an answer with requests of its own, and finds what is wrong, if anything.

A check is awaited with the student's function and returns a finding. Each module
holds those of one subject. They import trials and findings, and none another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ..findings import Finding
from .again import note_once
from .bounds import bound_in_flight, n_consumers
from .crossing import three_layers, wait_rightly, your_own_function
from .gathering import as_they_come, one_bad_request
from .loop import free_the_loop, take_turns
from .losses import crash_and_retry, deadline
from .pools import close_without_holding, share_one_pool
from .shedding import shed_at_once

CHECKS: Mapping[str, Callable[[Callable[..., Any]], Awaitable[Finding]]] = {
    check.__name__: check
    for check in (
        free_the_loop,
        take_turns,
        share_one_pool,
        close_without_holding,
        as_they_come,
        one_bad_request,
        bound_in_flight,
        n_consumers,
        wait_rightly,
        three_layers,
        your_own_function,
        deadline,
        crash_and_retry,
        shed_at_once,
        note_once,
    )
}
