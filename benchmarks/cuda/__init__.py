"""The first hour on a GPU: all that needs one, in parts that stand alone, in under eight minutes.

    python -m benchmarks.cuda --out gpu            every part that has not passed there yet
    python -m benchmarks.cuda --out gpu --part memory --part metrics
    python -m benchmarks.cuda --dry                the same on a CPU, with fakes of events and NVML

A part has seconds of its own, runs in a process of its own, and writes what it found into the
folder: ``PART.json`` and, as a table, ``PART.md``. One that fails or hangs costs no other anything.
"""
