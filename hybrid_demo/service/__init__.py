"""The lecture's sentence as a service: read, parse, ask the cache, run the inference, answer.

A room at the top: nothing of ours imports it, and a worker never does (what
crosses to one is in ``model``). Small enough to be read in one sitting, in this order:

- ``app``: the five steps, and the application's life around them
- ``layers``: where the inference runs in each mode, and what happens when a worker dies
- ``cache``: SQLite, a blocking library in threads
- ``admission``: who is let in, and whose place is free again when
- ``serving``: the address, the signals, and the end
"""

from ..machine import PIP

try:
    from .app import Design, create_app
    from .serving import running, serve
except ModuleNotFoundError as error:
    raise ImportError(
        f"{error.name} is missing, which the service needs: "
        f"run `{PIP} install -r notebooks/beyond/requirements.txt`"
    ) from error

__all__ = ("Design", "create_app", "running", "serve")
