"""The lecture's sentence as a service: read, parse, ask the cache, run the inference, answer.

A room at the top: nothing of ours imports it. What it needs besides the
suite (Starlette and uvicorn) comes with the extra ``beyond``. Small enough to
be read in one sitting, in this order:

- ``model``: the inference, which crosses to a worker
- ``layers``: where it runs in each mode, and what happens when a worker dies
- ``cache``: SQLite, a blocking library in threads
- ``admission``: who is let in, and whose place is free again when
- ``app``: the five steps, and the application's life around them
- ``serving``: the address, the signals, and the end
"""
