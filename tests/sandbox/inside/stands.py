"""Confine this process and print where it stands, as JSON: ``stands.py START``."""

from __future__ import annotations

import ctypes
import json
import os
import re
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from esrbench.sandbox.start import Start, confine_self

_STATUS = (
    "Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs",
    "Seccomp", "Seccomp_filters", "SigBlk", "SigIgn", "SigCgt", "Threads", "Umask",
)  # fmt: skip
_PR_GET_PDEATHSIG, _PR_GET_DUMPABLE = 2, 3


def stands() -> dict[str, Any]:
    """All that walls, limits and inheritance make of a process."""
    libc = ctypes.CDLL(None)
    dies_by = ctypes.c_int(0)
    libc.prctl(_PR_GET_PDEATHSIG, ctypes.byref(dies_by), 0, 0, 0)
    here = Path("/proc/self")
    status = dict(line.split(":", 1) for line in (here / "status").read_text().splitlines())
    limits = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return {
        "status": {name: status[name].split() for name in _STATUS},
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in limits},
        "dumpable": libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0),
        "dies_by": dies_by.value,
        "environment": dict(os.environ),
        "descriptors": _descriptors(),
        "folder": str(Path.cwd()),
        "path": sys.path,
        "leads": [os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid()],
        "cores": sorted(os.sched_getaffinity(0)),
        "nice": os.getpriority(os.PRIO_PROCESS, 0),
        "host": os.uname().nodename,
        "root": _listed(Path("/")),
        "mounts": _mounts(here),
        "networks": _told(here / "net" / "dev"),
        "signals": [str(signal.getsignal(s)) for s in (signal.SIGINT, signal.SIGCHLD)],
    }


def _descriptors() -> dict[str, Any]:
    """What each leads to, and whether programs get it."""
    found = {}
    for number in range(64):
        try:
            to = str(Path(f"/proc/self/fd/{number}").readlink())
        except OSError:
            continue
        found[str(number)] = [re.sub(r"\d+", "#", to), os.get_inheritable(number)]
    return found


def _mounts(here: Path) -> list[str]:
    """Where each mount is, with its options and its kind of file system; numbers differ."""
    told = _told(here / "mountinfo")
    lines = [line.partition(" - ") for line in told.splitlines()]
    return [" ".join([*head.split()[3:6], rest.split()[0]]) for head, _, rest in lines]


def _listed(folder: Path) -> list[str] | str:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError as why:
        return type(why).__name__


def _told(path: Path) -> str:
    try:
        return re.sub(r"\s+\d+", "", path.read_text())
    except OSError as why:
        return type(why).__name__


if __name__ == "__main__":
    confine_self(Start.from_json(sys.argv[1]))
    print(json.dumps(stands()), flush=True)
