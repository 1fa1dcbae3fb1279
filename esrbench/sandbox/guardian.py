"""A process that outlives the judge by a moment, and ends what would outlive it for longer.

The kernel ends a runner with its judge (``PR_SET_PDEATHSIG``), but not what the runner has started:
of a process that is gone, its children are nobody's. In a process namespace they go with the first
one; elsewhere the judge ends their group, as long as there is a judge. When it is killed, its end
of a pipe closes, and whoever reads the other ends the groups that were written down there.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import threading

_READS = r"""
trap '' HUP INT TERM
groups=' '
while read -r what group; do
    case $what in
        +) groups="$groups$group " ;;
        -) groups="${groups%% $group *} ${groups#* $group }" ;;
    esac
done
for group in $groups; do kill -s KILL -- "-$group"; done
"""
"""For any POSIX shell, which is there in a thousandth of a second."""


class _Guardian:
    """The judge's side: groups that are to end with this process, and the shell that reads them."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._reader: subprocess.Popen[bytes] | None = None
        atexit.register(self._close)

    def watch(self, group: int) -> None:
        with self._lock:
            self._groups.add(group)
            if not self._told(f"+ {group}\n"):  # there is none yet, or somebody ended it
                self._begin()

    def forget(self, group: int) -> None:
        with self._lock:
            if group in self._groups:
                self._groups.discard(group)
                self._told(f"- {group}\n")

    def _begin(self) -> None:
        with contextlib.suppress(OSError):  # where there is no shell, nobody watches
            self._reader = subprocess.Popen(
                ["/bin/sh", "-c", _READS],
                env={}, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            self._told("".join(f"+ {group}\n" for group in sorted(self._groups)))

    def _told(self, lines: str) -> bool:
        if self._reader is None or self._reader.poll() is not None:
            return False
        assert self._reader.stdin is not None
        try:
            os.write(self._reader.stdin.fileno(), lines.encode())
        except OSError:
            return False
        return True

    def _close(self) -> None:
        """At the end of the process: the shell's too, and nothing is left of either."""
        if self._reader is not None and self.owner == os.getpid():
            assert self._reader.stdin is not None
            with contextlib.suppress(OSError):
                self._reader.stdin.close()
            self._reader.wait()


_own: _Guardian | None = None
_once = threading.Lock()


def _guardian() -> _Guardian:
    global _own
    with _once:
        if _own is None or _own.owner != os.getpid():  # a fork answers for its own
            _own = _Guardian()
        return _own


def watch(group: int) -> None:
    """End the processes of ``group`` when this one ends, however it does; until :func:`forget`."""
    _guardian().watch(group)


def forget(group: int) -> None:
    """It has ended: its number may be another's soon."""
    _guardian().forget(group)
