"""Read by JupyterLab when it is started in this folder, as the README's first command does.

In a container everybody is root, and Jupyter refuses to start as root unless
told that this is meant. Its access token stays on, and it listens to this machine only.
"""

import os

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - Jupyter provides it
c.ServerApp.allow_root = getattr(os, "geteuid", lambda: -1)() == 0
