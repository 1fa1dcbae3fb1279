"""bubblewrap: namespaces in which nothing exists but what a runner needs.

The arguments say what is there; what they do not name is not there at all: no network, no other
process, no home, no data. They travel by descriptor, not on the command line, which the confined
process can read; so does nothing of the judge's environment.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from esrbench.sandbox.sight import COMPILERS, Sight, hidden_in_libraries, of_python
from esrbench.sandbox.start import SCRATCH_BYTES
from esrbench.timing.nvml import which_gpu

SCRATCH = "/scratch"
_OLDEST = (0, 8)
_NOBODY = "65534"
_GPU = re.compile(r"nvidia(\d+|ctl|-uvm|-uvm-tools|-modeset)$")
_GPU_FACTS = ("/sys/bus/pci", "/sys/module/nvidia", "/sys/devices/pci0000:00", "/etc/vulkan")


@lru_cache(maxsize=1)
def why_not() -> str | None:
    """Why bubblewrap cannot be used here, as far as can be told without trying; None: it may."""
    program = shutil.which("bwrap")
    if program is None:
        return "bubblewrap is not installed (Debian, Ubuntu: apt install bubblewrap)"
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired) as why:
        return f"{program} does not run ({why})"
    found = tuple(map(int, re.findall(r"\d+", told.stdout)[:2]))
    if found < _OLDEST:
        return f"{program} is {told.stdout.strip()}, and 0.8 or newer is needed"
    return None


def arguments(sight: Sight, environment: Mapping[str, str]) -> bytes:
    """bwrap's arguments, each ended by NUL, as ``--args`` takes them."""
    return b"".join(os.fsencode(word) + b"\0" for word in _words(sight, environment))


def _words(sight: Sight, environment: Mapping[str, str]) -> Iterator[str]:
    yield from ("--unshare-all", "--unshare-user", "--disable-userns", "--uid", _NOBODY)
    yield from ("--gid", _NOBODY, "--cap-drop", "ALL", "--die-with-parent", "--new-session")
    yield from ("--hostname", "runner", "--proc", "/proc", "--dev", "/dev")
    yield from _settings_of_the_machine()
    small = str(SCRATCH_BYTES // 4)
    for folder, size in (("/dev/shm", small), ("/tmp", small), (SCRATCH, str(SCRATCH_BYTES))):
        yield from ("--size", size, "--tmpfs", folder)
    yield from _words_of_libraries(sight.compiler)
    readable = [*sight.readable, *([sight.writable] if sight.writable else [])]
    yield from _binds(readable)
    seen = (*_libraries(), *(path.resolve() for path in readable))
    for path in sight.hidden:
        real = path.resolve()
        around = any(real.is_relative_to(there) for there in seen)
        if around and not any(own.is_relative_to(real) for own in readable) and real.is_dir():
            yield from ("--size", "4096", "--tmpfs", str(real))
    if sight.writable is not None:
        yield from ("--bind", str(sight.writable), str(sight.writable))
    if sight.device.startswith("cuda"):
        yield from _gpu(sight.device)
    # The parents of what is bound are a file system of their own, and would be writable.
    yield from ("--remount-ro", "/", "--chdir", SCRATCH, "--clearenv")
    for name, value in environment.items():
        yield from ("--setenv", name, value)


def _settings_of_the_machine() -> Iterator[str]:
    """What /proc holds beside processes: settings read-only, what only root reads not at all.

    A judge that is root is root to the kernel inside, whatever its number there, and without any
    capability it still owns these files: the program that is run for a core dump is one of them,
    where the kernel lies in memory another. bwrap covers folders only that could be written
    themselves.
    """
    for path in sorted(Path("/proc").iterdir()):
        if path.name.isdigit() or path.is_symlink():
            continue
        mode = path.stat().st_mode
        if not mode & stat.S_IROTH:
            yield from ("--ro-bind-try", os.devnull, str(path))
        elif path.is_dir() or mode & stat.S_IWUSR:
            yield from ("--ro-bind-try", str(path), str(path))


@lru_cache(maxsize=2)
def _words_of_libraries(compiler: bool) -> tuple[str, ...]:
    """What all confined processes of a command see alike: asked of the disk once."""
    words = [*_binds(_bound())]
    compilers = [] if compiler else [Path(p) for p in COMPILERS if Path(p).is_dir()]
    for path in (*hidden_in_libraries(), *compilers):
        if any(path.is_relative_to(there) for there in _libraries()):
            words += ("--size", "4096", "--tmpfs", str(path))
    return tuple(words)


def _bound() -> list[Path]:
    return [path for path in of_python() if not str(path).startswith("/proc")]


@lru_cache(maxsize=1)
def _libraries() -> tuple[Path, ...]:
    """Where what is bound for the interpreter really is."""
    return tuple(path.resolve() for path in _bound())


def _binds(paths: Sequence[Path]) -> Iterator[str]:
    """Outer folders first: an inner one, bound before, would be covered."""
    for path in sorted(dict.fromkeys(paths), key=lambda path: len(path.parts)):
        if path.is_symlink() and path.parent == Path("/"):
            yield from ("--symlink", str(path.readlink()), str(path))
        else:
            yield from ("--ro-bind", str(path), str(path))


def _gpu(device: str) -> Iterator[str]:
    """The driver's nodes: of the cards, the one alone that ``device`` is, where that is known.

    Written from the driver's documentation: never yet run on a GPU.
    """
    gpu = which_gpu(device)
    minor = None if gpu is None else gpu.minor
    for node in sorted(Path("/dev").glob("nvidia*")):
        kind = _GPU.match(node.name)
        if kind and (not kind[1].isdigit() or minor in (None, int(kind[1]))):
            yield from ("--dev-bind", str(node), str(node))
    for fact in _GPU_FACTS:
        yield from ("--ro-bind-try", fact, fact)
