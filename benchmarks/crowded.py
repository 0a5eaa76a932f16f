"""How long a Run All takes where the CPUs are scarce. Takes minutes, so only when it is named."""

from .notebooks import crowded as figures

__all__ = ["figures"]
