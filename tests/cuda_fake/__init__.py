"""A CUDA device that is not there: streams, events, memory, graphs and NVML as they are documented.

Whatever waits in the wrong place, reads too early or on the wrong device fails here as it would on
a GPU. ``test_semantics.py`` asks the same of a real one where there is one.
"""
