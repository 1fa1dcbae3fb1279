"""A seccomp filter: system calls that no network needs and that reach beyond one's own process.

A classic BPF program (Linux ``seccomp(2)``), assembled here: a handful of instructions, and the
same for every tier that has it. A denied call fails with EPERM, as it would without the right.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
"""BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_JMP|JSET|K, BPF_RET|K."""
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Offsets in ``struct seccomp_data``; of an argument its low half."""
_EPERM, _ENOSYS = 1, 38
_NEW_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
_X32 = 0x40000000

# name: number on x86_64, on aarch64
_PACE = {
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118), "sched_setattr": (314, 274), "setpriority": (141, 140),
    "ioprio_set": (251, 30),
}  # fmt: skip
"""Its own pace and place: whose cores, at which priority."""
_CALLS = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_getfd": (438, 438),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "perf_event_open": (298, 241),
    "setsid": (112, 157), "setpgid": (109, 154), **_PACE,
    # the kernel
    "bpf": (321, 280), "userfaultfd": (323, 282), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "syslog": (103, 116),
    "acct": (163, 89), "swapon": (167, 224), "swapoff": (168, 225), "quotactl": (179, 60),
    # keys, and what outlives a process
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    # views of the file system
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_by_handle_at": (304, 265),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "mount_setattr": (442, 442),
    # who opens what, and when
    "inotify_init": (253, 1043), "inotify_init1": (294, 26), "fanotify_init": (300, 262),
    # the network, in every family
    "socket": (41, 198),
}  # fmt: skip
DENIED = tuple(_CALLS)
_MARKS = {
    "chmod": (90, 53), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, 54), "fchown": (93, 55), "lchown": (94, 54), "fchownat": (260, 54),
    "utime": (132, 88), "utimes": (235, 88), "futimesat": (261, 88), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
"""Mode, owner, times and attributes of any file of the same user's, which Landlock leaves open: a
results folder could be locked, a record made to look older, a library be made unreadable. (arm64
has one call where x86-64 has several.)"""
_CLONE, _CLONE3, _PRLIMIT, _PRCTL = (56, 220), (435, 435), (302, 261), (157, 167)
_PARENT_DEATH_SIGNAL = 1
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}


def program(*, starting: bool = False, marks: bool = True) -> bytes | None:
    """The filter for this machine's architecture; None where there is none for it.

    ``starting``: for a process that has yet to choose its cores, before it holds itself to the
    whole filter. ``marks``: whether it may mark files (:data:`_MARKS`), as where it sees none but
    its own.
    """
    known = _ARCHITECTURES.get(platform.machine())
    if known is None:
        return None
    column, architecture = known
    code = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),  # calls by another architecture's numbers
        _step(_LOAD, _NUMBER),
    ]
    if column == 0:
        code += [_step(_ANY_BIT, _X32, 0, 1), _step(_RETURN, _ERRNO | _ENOSYS)]
    # glibc goes back to clone, whose flags a filter can read.
    code += [_step(_EQUAL, _CLONE3[column], 0, 1), _step(_RETURN, _ERRNO | _ENOSYS)]
    denied = [numbers for name, numbers in _CALLS.items() if not (starting and name in _PACE)]
    for numbers in [*denied, *([] if marks else _MARKS.values())]:
        code += [_step(_EQUAL, numbers[column], 0, 1), _step(_RETURN, _ERRNO | _EPERM)]
    code += [  # limits: its own alone
        _step(_EQUAL, _PRLIMIT[column], 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_EQUAL, 0, 0, 1),
        _step(_RETURN, _ALLOW),
        _step(_RETURN, _ERRNO | _EPERM),
    ]
    code += [  # what it asked for already: to end with whoever started it
        _step(_EQUAL, _PRCTL[column], 0, 4),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_EQUAL, _PARENT_DEATH_SIGNAL, 0, 1),
        _step(_RETURN, _ERRNO | _EPERM),
        _step(_RETURN, _ALLOW),
    ]
    code += [  # processes and threads: in no new namespace
        _step(_EQUAL, _CLONE[column], 0, 3),
        _step(_LOAD, _FIRST_ARGUMENT),
        _step(_ANY_BIT, _NEW_NAMESPACES, 0, 1),
        _step(_RETURN, _ERRNO | _EPERM),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(code)


def _step(code: int, value: int, when_true: int = 0, when_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, when_true, when_false, value)


def apply(*, marks: bool = True) -> None:
    """Hold this process, its threads and children to the filter, for good; OSError where not."""
    code = program(marks=marks)
    if code is None:
        raise OSError(_ENOSYS, f"no seccomp filter for {platform.machine()}")
    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(code, len(code))
    pointer = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    no_new_privileges, seccomp, filter_mode, all_threads = 38, (317, 277), 1, 1
    if libc.prctl(no_new_privileges, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs")
    number = seccomp[_ARCHITECTURES[platform.machine()][0]]
    if libc.syscall(number, filter_mode, all_threads, ctypes.c_char_p(pointer)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
