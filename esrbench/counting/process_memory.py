"""How much a process grows in one forward, for a runtime that torch's counters do not see into.

The largest resident set within the call, less the resident set before it. Libraries and weights
that stand before are no part of it; what the runtime keeps for itself is. It is to be asked of a
process that has not run an input of that size yet: an arena that has grown does not grow again.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import re
from collections.abc import Callable
from pathlib import Path

from esrbench.counting.memory import peak_rss_bytes, rss_bytes

_CLEAR, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
_RESET_PEAK = "5"
"""Written to ``clear_refs`` it makes the peak the resident set of now (proc(5), Linux 4.0)."""


def growth(call: Callable[[], object]) -> int | None:
    """Bytes by which the resident set is larger at its peak during ``call`` than before it.

    None where the system does not tell: where the peak cannot be reset and was larger before.
    """
    gc.collect()
    _give_back()
    before = rss_bytes()
    reset = _reset_peak()
    highest = peak_rss_bytes()
    result = call()
    peak = _peak() if reset else peak_rss_bytes()
    del result
    if before is None or peak is None or (not reset and peak <= highest):
        return None
    return max(0, peak - before)


def _give_back() -> None:
    """Let the C library return what was freed: else the call would fill that first, unseen."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _reset_peak() -> bool:
    try:
        _CLEAR.write_text(_RESET_PEAK)
    except OSError:
        return False
    return _peak() is not None


def _peak() -> int | None:
    try:
        found = re.search(r"^VmHWM:\s+(\d+) kB", _STATUS.read_text(), re.MULTILINE)
    except OSError:
        return None
    return 1024 * int(found[1]) if found else None
