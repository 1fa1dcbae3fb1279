"""Landlock (Linux ``landlock(7)``): a process gives up its rights to files, TCP and signals.

No root and no other program needed. The bindings on PyPI are pre-releases, and three system calls
are what they wrap, so these are made here through ctypes.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""System calls; the same numbers on every architecture."""
_ASK_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_TCP = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3
# How many rights to files each version of the interface knows.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}


def version() -> int:
    """The kernel's version of the interface; 0 where there is none."""
    found = _syscall(_CREATE, None, 0, _ASK_VERSION)
    return max(found, 0)


def confine(
    readable: Iterable[Path], writable: Iterable[Path], listed: Iterable[Path] = ()
) -> None:
    """Allow this thread and its children nothing but these paths; raises OSError where it fails.

    Of ``listed`` folders, and below, names can be read and nothing more. To be called before there
    are other threads. Devices to be used belong to ``writable``.
    """
    abi = version()
    if abi == 0:
        raise OSError("this kernel has no Landlock")
    handled = (1 << _RIGHTS.get(abi, 16)) - 1
    attributes = struct.pack(
        "QQQ",
        handled,
        _TCP if abi >= 4 else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if abi >= 6 else 0,
    )
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    rules = _syscall(_CREATE, ctypes.c_char_p(attributes), size, 0)
    if rules < 0:
        raise OSError(ctypes.get_errno(), "landlock_create_ruleset")
    try:
        for path in readable:
            _allow(rules, path, _READ & handled)
        for path in listed:
            _allow(rules, path, _READ_DIR & handled)
        for path in writable:
            _allow(rules, path, handled)
        no_new_privileges = 38
        if ctypes.CDLL(None, use_errno=True).prctl(no_new_privileges, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "no_new_privs")
        if _syscall(_RESTRICT, rules, 0) < 0:
            raise OSError(ctypes.get_errno(), "landlock_restrict_self")
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    with contextlib.suppress(FileNotFoundError, PermissionError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not path.is_dir():
                rights &= _FILE_RIGHTS
            beneath = struct.pack("=Qi", rights, descriptor)
            if _syscall(_ADD, rules, _PATH_BENEATH, ctypes.c_char_p(beneath), 0) < 0:
                raise OSError(ctypes.get_errno(), f"landlock_add_rule for {path}")
        finally:
            os.close(descriptor)


def _syscall(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return int(libc.syscall(number, *arguments))
