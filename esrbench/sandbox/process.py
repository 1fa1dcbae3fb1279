"""Start a process within walls, and hold it to its limits from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from esrbench.sandbox import bubblewrap, scratch, tree
from esrbench.sandbox.sight import COMPILERS, Sight, around, hidden_in_libraries, of_python
from esrbench.sandbox.spawner import spawn
from esrbench.sandbox.tiers import Tier

_GONE_WITHIN = 2.0
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_FACTS = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/filesystems")
_FACTS_OF_A_GPU = ("/proc/driver", "/proc/devices", "/proc/sys/vm", "/sys/bus/pci", "/sys/module",
                   "/sys/devices")  # fmt: skip
"""What NVIDIA's driver reads when a process begins to use it. Not yet run on a GPU."""


@dataclass(frozen=True)
class Place:
    """Where a confined process will stand: known before it starts."""

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


def start(
    place: Place,
    command: Sequence[str],
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    output: int,
) -> subprocess.Popen[bytes]:
    """Run the interpreter with ``command`` in ``place``; what it prints goes to ``output``.

    ``descriptors`` are what it gets of the judge's, and all it gets.
    """
    if place.tier == "bwrap":
        return _in_bubblewrap(place, command, environment, descriptors, output)
    return _spawned(
        [sys.executable, *command], dict(environment), descriptors, output, cwd=place.home
    )


def _in_bubblewrap(
    place: Place,
    command: Sequence[str],
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    output: int,
) -> subprocess.Popen[bytes]:
    with os.fdopen(os.memfd_create("arguments"), "wb+") as arguments:
        arguments.write(bubblewrap.arguments(place.sight, environment))
        arguments.seek(0)
        given = str(arguments.fileno())
        words = ["bwrap", "--args", given, "--", sys.executable, *command]
        # What bwrap itself is started with can be read inside, in /proc/1/environ.
        bare = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
        return _spawned(words, bare, [*descriptors, arguments.fileno()], output, cwd="/")


def _spawned(
    words: Sequence[str],
    environment: dict[str, str],
    descriptors: Sequence[int],
    output: int,
    cwd: str,
) -> subprocess.Popen[bytes]:
    def popen() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=environment,
            pass_fds=descriptors,
            start_new_session=True,
        )

    return spawn(popen)


def end(process: subprocess.Popen[bytes], known: Collection[int] = ()) -> None:
    """Kill ``process`` and all its descendants, and wait until they are gone.

    ``known`` are those that were seen: where the first of them is gone already, nobody else tells
    of the others, which go with the namespace or the group.
    """
    family = tree.members(process.pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for pid in reversed(family):  # those that left the group
        if pid != process.pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
    process.wait()
    left = {*family, *known} - {process.pid}
    _until(lambda: not any(runs(pid) for pid in left))


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _GONE_WITHIN
    while not done() and time.monotonic() < deadline:
        time.sleep(0.002)


def runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (OSError, IndexError):
        return False
