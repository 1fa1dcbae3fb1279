"""Ask the kernel for what no network needs."""

from __future__ import annotations

import ctypes
import os
from typing import Any

Facts = dict[str, Any]
_libc = ctypes.CDLL(None, use_errno=True)
_X86 = os.uname().machine == "x86_64"
_DENIED = {1, 13, 38}
"""EPERM, EACCES, ENOSYS: what a wall says. Any other error means that the call was let through."""


def _reached(x86: int, aarch64: int, *arguments: object) -> bool:
    result = _libc.syscall(x86 if _X86 else aarch64, *arguments)
    return result != -1 or ctypes.get_errno() not in _DENIED


def memory_of_the_first_process(facts: Facts) -> object:
    """Code written into a process without the filter makes its calls for one."""
    with open("/proc/1/status") as status:
        filtered = "Seccomp:\t2" in status.read()
    with open("/proc/1/mem", "r+b") as memory:
        return not filtered and memory.fileno()


def user_namespace(facts: Facts) -> object:
    return _reached(272, 97, 0x10000000)


def network_namespace(facts: Facts) -> object:
    return _reached(272, 97, 0x40000000)


def namespace_by_clone(facts: Facts) -> object:
    child = _libc.syscall(56 if _X86 else 220, 0x10000000 | 17, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    return child > 0


def file_system(facts: Facts) -> object:
    return _reached(165, 40, b"none", b"/tmp", b"tmpfs", 0, None)


def new_root(facts: Facts) -> object:
    return _reached(161, 51, b"/")


def file_by_handle(facts: Facts) -> object:
    return _reached(304, 265, -1, None, 0)


def keyring(facts: Facts) -> object:
    return _reached(250, 219, 0, -3, 1)


def key_that_stays(facts: Facts) -> object:
    return _reached(248, 217, b"user", b"left", b"x", 1, -4)


def shared_segment_that_stays(facts: Facts) -> object:
    return _reached(29, 194, 0x45535221, 4096, 0o1600)


def message_queue_that_stays(facts: Facts) -> object:
    return _reached(68, 186, 0x45535221, 0o1600)


def semaphores_that_stay(facts: Facts) -> object:
    return _reached(64, 190, 0x45535221, 1, 0o1600)


def programs_in_the_kernel(facts: Facts) -> object:
    return _reached(321, 280, 0, None, 0)


def counters_of_the_processor(facts: Facts) -> object:
    return _reached(298, 241, None, 0, -1, -1, 0)


def faults_in_user_space(facts: Facts) -> object:
    return _reached(323, 282, 0)


def calls_by_ring(facts: Facts) -> object:
    return _reached(425, 425, 1, None)


def kernel_module(facts: Facts) -> object:
    return _reached(313, 273, -1, b"", 0)


def kernel_log(facts: Facts) -> object:
    return _reached(103, 116, 3, None, 0)


def restart_of_the_machine(facts: Facts) -> object:
    return _reached(169, 142, 0, 0, 0, None)


def descriptor_of_another(facts: Facts) -> object:
    return _reached(438, 438, -1, 0, 0)


def comparison_of_processes(facts: Facts) -> object:
    return _reached(312, 272, facts["judge"], os.getpid(), 0, 0, 0)
