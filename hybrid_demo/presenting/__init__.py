"""The lecture live: a deck made of executed notebooks, and links that open them elsewhere.

A room above all the others, beside ``rehearsal``, which runs the notebooks for
it: nothing of ours imports it but the command line.
"""
