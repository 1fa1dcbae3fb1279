"""What esrbench offers to Python: the same work as the command line's, for notebooks and training.

Thin on purpose: each function resolves what it is given and calls the room that does the work.
"""
