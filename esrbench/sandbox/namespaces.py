"""Enter the namespaces of another process (Linux ``setns(2)``), with no right in them.

What a program started by bubblewrap is born into, a process that is there already can enter: the
same mounts, network, users, host name, IPC and control groups, and for its children the same
process numbers. It needs no root: whoever made a user namespace may enter it.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

_ALL = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
_DROP_BOUND, _DUMPABLE, _NO_NEW_PRIVILEGES = 24, 4, 38
_CAPSET = {"x86_64": 126, "aarch64": 91}
_MOST_CAPABILITIES = 64


def enter(process: int) -> None:
    """Enter all namespaces of ``process``, a descriptor of it (``pidfd_open``).

    Where it stands there is their root. Of process numbers only children get theirs. Entering
    gives every right within, and all of them are given up, for good. To be called while there is
    one thread, by a process that holds no descriptor of a folder. Raises OSError.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(process, _ALL):
        raise OSError(ctypes.get_errno(), "setns")
    for capability in range(_MOST_CAPABILITIES):
        if libc.prctl(_DROP_BOUND, capability, 0, 0, 0):
            break  # the kernel knows no more of them
    if libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    header, none = struct.pack("Ii", 0x20080522, 0), bytes(24)
    if libc.syscall(_CAPSET[platform.machine()], header, none):
        raise OSError(ctypes.get_errno(), "capset")
    libc.prctl(_DUMPABLE, 1, 0, 0, 0)  # as a program is that was started here
    os.chdir("/")
