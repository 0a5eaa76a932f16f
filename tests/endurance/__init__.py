"""What a term does to the suite: minutes to hours of it, outside the ordinary tests.

`python -m tests.endurance` runs it; pytest collects nothing here.
It takes a POSIX system; quotas, and being root on Linux.
"""
