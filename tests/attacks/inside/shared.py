"""Turn the memory that is shared with the judge against it."""

from __future__ import annotations

import fcntl
import mmap
import os
from typing import Any

Facts = dict[str, Any]


def shorter_pixels(facts: Facts) -> object:
    os.ftruncate(facts["sr"][0], 0)
    return True


def longer_pixels(facts: Facts) -> object:
    os.ftruncate(facts["sr"][0], 1 << 50)
    return True


def pixels_beyond_their_room(facts: Facts) -> object:
    return os.pwrite(facts["sr"][0], b"x", 1 << 40)


def lr_for_everyone(facts: Facts) -> object:
    return os.pwrite(facts["lr"][0], b"x", 0)


def lr_by_a_mapping(facts: Facts) -> object:
    return mmap.mmap(facts["lr"][0], 4096)


def lr_opened_again(facts: Facts) -> object:
    again = os.open(f"/proc/self/fd/{facts['lr'][0]}", os.O_RDWR)
    return mmap.mmap(again, 4096)


def seal_of_its_own(facts: Facts) -> object:
    fcntl.fcntl(facts["sr"][0], 1033, 0x8)
    return True


def hole_in_the_lr(facts: Facts) -> object:
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    keep_size, punch = 1, 2
    offset, length = ctypes.c_long(0), ctypes.c_long(4096)
    return libc.fallocate(facts["lr"][0], keep_size | punch, offset, length) == 0
