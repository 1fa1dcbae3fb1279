"""What the system and Python let a process turn: cores, niceness, variables; read and put back.

Linux binds and slows threads one by one, so each of this process is looked at.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import warnings
from pathlib import Path
from typing import Any, cast

_VARIABLES = (
    "OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "VECLIB_", "ONEDNN_", "DNNL_",
    "ATEN_", "CUBLAS_", "CUDNN_", "NVIDIA_", "CUDA_VISIBLE_", "CUDA_LAUNCH_", "PYTORCH_", "MALLOC_",
    "GLIBC_", "LD_",
)  # fmt: skip
"""How variables begin that libraries read to choose threads, cores, arithmetic or memory."""

_affinity = getattr(os, "sched_getaffinity", None)
_bind = getattr(os, "sched_setaffinity", None)
_niceness = getattr(os, "getpriority", None)
_renice = getattr(os, "setpriority", None)
_policy = getattr(os, "sched_getscheduler", None)
_schedule = getattr(os, "sched_setscheduler", None)


def cores() -> frozenset[int]:
    """Every core that any thread of this process may run on; none where the system cannot say."""
    found: set[int] = set()
    for thread in _threads():
        with contextlib.suppress(OSError):  # a thread that ended meanwhile
            found |= _affinity(thread) if _affinity else set()
    return frozenset(found)


def set_cores(wanted: frozenset[int]) -> None:
    """Bind every thread of this process to ``wanted``."""
    for thread in _threads():
        with contextlib.suppress(OSError):
            if _bind and wanted:
                _bind(thread, wanted)


def niceness() -> tuple[int, ...]:
    """The lowest and the highest niceness of this process's threads."""
    if _niceness is None:
        return ()
    values = []
    for thread in _threads():
        with contextlib.suppress(OSError):
            values.append(_niceness(os.PRIO_PROCESS, thread))
    return (min(values), max(values)) if values else ()


def set_niceness(wanted: tuple[int, ...]) -> None:
    """Give every thread the niceness ``wanted`` begins with; less than now needs the right to."""
    for thread in _threads():
        with contextlib.suppress(OSError):
            if _renice and wanted:
                _renice(os.PRIO_PROCESS, thread, wanted[0])


def scheduling() -> frozenset[int]:
    """The policies by which this process's threads get their turns; none where there are none."""
    found: set[int] = set()
    for thread in _threads():
        with contextlib.suppress(OSError):
            found |= {_policy(thread)} if _policy else set()
    return frozenset(found)


def set_scheduling(wanted: frozenset[int]) -> None:
    """Give every thread the policy ``wanted``, where it is one; some need the right to."""
    for thread in _threads():
        with contextlib.suppress(OSError):
            if _schedule and len(wanted) == 1:
                _schedule(thread, min(wanted), os.sched_param(0))


def variables() -> dict[str, str]:
    """Those that matter, from the C library, whose environment ``os.environ`` need not know."""
    found: dict[str, str] = {}
    entries, number = _environ(), 0
    while entries and entries[number]:
        name, _, value = entries[number].decode(errors="replace").partition("=")
        if name.startswith(_VARIABLES):
            found[name] = value
        number += 1
    return found


def set_variables(wanted: dict[str, str]) -> None:
    """Make them ``wanted``, no more and no fewer."""
    for name in set(variables()) - set(wanted):
        os.environ.pop(name, None)
        os.unsetenv(name)
    os.environ.update(wanted)


def raised_warnings() -> tuple[Any, ...]:
    """The filters that make an error of a warning: libraries warn in the harness's calls, too."""
    return tuple(rule for rule in warnings.filters if rule[0] == "error")


def set_raised_warnings(wanted: tuple[Any, ...]) -> None:
    """Keep of such filters those of ``wanted`` alone."""
    rules: list[Any] = cast(Any, warnings.filters)
    rules[:] = [rule for rule in rules if rule[0] != "error" or rule in wanted]


def _environ() -> Any:
    try:
        return ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    except (ValueError, OSError, TypeError):  # a system without such a symbol
        return None


def _threads() -> list[int]:
    try:
        return [int(path.name) for path in Path("/proc/self/task").iterdir()]
    except OSError:
        return [0]
