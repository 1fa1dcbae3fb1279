"""Which descriptors can be read or written: for waiting on pipes."""

from __future__ import annotations

import math
import select
from collections.abc import Iterable

_ENDED = select.POLLERR | select.POLLHUP | select.POLLNVAL
"""The other side is gone: the read or the write that follows tells."""


def ready(
    reading: Iterable[int], writing: Iterable[int] = (), *, within: float
) -> tuple[set[int], set[int]]:
    """Those of ``reading`` and of ``writing`` that no longer block, waited for ``within`` seconds.

    ``select.select`` without its bound: it takes no descriptor above 1023, which a notebook or a
    long test run has.

    Example:
        >>> import os
        >>> out, into = os.pipe()
        >>> ready([out], [into], within=0.1) == (set(), {into})
        True
        >>> os.close(into); ready([out], within=0.1) == ({out}, set())
        True
    """
    poll = select.poll()
    wanted = dict.fromkeys(reading, select.POLLIN)
    for fd in writing:
        wanted[fd] = wanted.get(fd, 0) | select.POLLOUT
    for fd, events in wanted.items():
        poll.register(fd, events)
    found = poll.poll(max(0, math.ceil(within * 1e3)))
    readable = {
        fd for fd, seen in found if wanted[fd] & select.POLLIN and seen & (select.POLLIN | _ENDED)
    }
    writable = {
        fd for fd, seen in found if wanted[fd] & select.POLLOUT and seen & (select.POLLOUT | _ENDED)
    }
    return readable, writable
