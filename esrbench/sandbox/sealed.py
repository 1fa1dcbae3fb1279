"""The interpreter, where nobody can write to it."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def sealed_interpreter() -> Iterator[str]:
    """The path of a copy of the interpreter in memory, which nobody can write to.

    A fork that enters other walls keeps ``/proc/self/exe``, which leads to the file itself and not
    to what stands under its name within; where that can be written to, it is the machine's.
    """
    copy = os.memfd_create("python", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(copy, "wb", closefd=False) as file:
            file.write(Path(sys.executable).read_bytes())
        seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
        fcntl.fcntl(copy, fcntl.F_ADD_SEALS, seals)
        yield f"/proc/{os.getpid()}/fd/{copy}"
    finally:
        os.close(copy)
