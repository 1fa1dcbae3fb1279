"""A process that was started within walls, as the judge holds it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from esrbench.sandbox import tree

if TYPE_CHECKING:
    from esrbench.sandbox.place import Place


class Confined(Protocol):
    """What can be done to one, however it was started."""

    @property
    def pid(self) -> int:
        """Its first process, which leads a group and a session of its own."""

    @property
    def roots(self) -> tuple[int, ...]:
        """The processes that all of its own are children of."""

    def poll(self) -> int | None:
        """As ``Popen.poll``."""

    def wait(self, timeout: float | None = None) -> int:
        """As ``Popen.wait``."""

    def release(self) -> None:
        """It has ended, and nothing is asked of it any more: give back what was kept for it."""


Starter = Callable[["Place", Sequence[str], Mapping[str, str], Sequence[int], int], Confined]
"""``process.start``, or another way to the same: takes a place, a command, its environment, its
descriptors and its output."""


class Fresh(subprocess.Popen[bytes]):
    """One that was started as a program."""

    @property
    def roots(self) -> tuple[int, ...]:
        """Itself."""
        return (self.pid,)

    def release(self) -> None:
        """Nothing was kept."""


def members(process: Confined) -> list[int]:
    """All of its processes that are there now."""
    return [pid for root in process.roots for pid in tree.members(root)]
