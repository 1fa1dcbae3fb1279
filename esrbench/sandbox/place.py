"""Where a confined process will stand: known before it starts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from esrbench.sandbox import bubblewrap, scratch
from esrbench.sandbox.sight import COMPILERS, Sight, around, hidden_in_libraries, of_python
from esrbench.sandbox.tiers import Tier

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_FACTS = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems")
_FACTS_OF_A_GPU = ("/proc/driver", "/proc/devices", "/proc/sys/vm", "/sys/bus/pci", "/sys/module",
                   "/sys/devices")  # fmt: skip
"""What NVIDIA's driver reads when a process begins to use it. Not yet run on a GPU."""


@dataclass(frozen=True)
class Place:
    """A tier, a folder, and what is to be seen from there."""

    tier: Tier
    folder: Path
    """The judge's folder for it: its scratch, or only its outbox where that is private memory."""
    sight: Sight

    @property
    def home(self) -> str:
        """Its home, temporary and working folder, as it will see it."""
        return bubblewrap.SCRATCH if self.tier == "bwrap" else str(self.folder)

    def rules(self) -> dict[str, tuple[str, ...]]:
        """What a process is told to give up all but, where it is its own wall."""
        if self.tier != "landlock":
            return {}
        readable, listed = self._readable()
        return {"readable": readable, "listed": listed, "writable": self._writable()}

    def _readable(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """For a tier that hides nothing but allows: what it may read, and what only list."""
        libraries, listed = _rules_of_libraries(self.sight.compiler)
        inside = [h for h in self.sight.hidden if any(_holds(path, h) for path in libraries)]
        allowed, more = around(libraries, inside) if inside else (libraries, [])
        own, listed_own = around(self.sight.readable, self.sight.hidden)
        facts = (*_FACTS, *(_FACTS_OF_A_GPU if self.sight.device != "cpu" else ()))
        readable = (*allowed, *own, *map(Path, facts))
        return tuple(map(str, readable)), tuple(map(str, (*listed, *more, *listed_own)))

    def _writable(self) -> tuple[str, ...]:
        """... and write: its folder and devices."""
        gpu = sorted(Path("/dev").glob("nvidia*")) if self.sight.device != "cpu" else []
        return tuple(map(str, (self.folder, *_DEVICES, *gpu)))


def _holds(folder: Path, path: Path) -> bool:
    return path.resolve().is_relative_to(folder)


@lru_cache(maxsize=2)
def _rules_of_libraries(compiler: bool) -> tuple[list[Path], list[Path]]:
    """What of the interpreter's files may be read, and what only be listed: asked of the disk."""
    hidden = [*hidden_in_libraries(), *([] if compiler else map(Path, COMPILERS))]
    return around(of_python(), [path for path in hidden if path.exists()])


def make_place(tier: Tier, sight: Sight, *, outbox: bool = False) -> Place:
    """A place with a scratch folder of its own; with ``outbox`` what is left there can be read."""
    scratch.sweep_once()
    folder = scratch.make()
    if tier == "bwrap" and outbox:
        sight = Sight(sight.readable, folder, sight.hidden, sight.device, sight.compiler)
    return Place(tier, folder, sight)
