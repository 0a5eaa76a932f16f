"""The evening before a lecture: what this machine is, and every notebook run on it once.

``machine`` and ``weak`` are behind ``python -m hybrid_demo check``, the rest
behind ``rehearse``. A room above all the others: nothing of ours imports it but
the command line and ``presenting``. It imports Jupyter's libraries only where it
runs notebooks.
"""
