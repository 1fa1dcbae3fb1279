"""Start a process within walls, and hold it to its limits from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from esrbench.sandbox import bubblewrap, guardian, seccomp
from esrbench.sandbox.confined import Confined, Fresh, members
from esrbench.sandbox.place import Place, make_place
from esrbench.sandbox.spawner import spawn

__all__ = ["end", "make_place", "runs", "start"]

_GONE_WITHIN = 2.0


def start(
    place: Place,
    command: Sequence[str],
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    output: int,
) -> Fresh:
    """Run the interpreter with ``command`` in ``place``; what it prints goes to ``output``.

    ``descriptors`` are what it gets of the judge's, and all it gets.
    """
    words = [sys.executable, *command]
    if place.tier == "bwrap":
        # The program holds itself to the filter, but the namespace's first process, whose memory
        # is within its reach, must be held to it too.
        filtered = seccomp.program(starting=True)
        return in_bubblewrap(place, words, environment, descriptors, output, filtered=filtered)
    return spawned(words, dict(environment), descriptors, output, cwd=place.home)


def in_bubblewrap(
    place: Place,
    words: Sequence[str],
    environment: Mapping[str, str],
    descriptors: Sequence[int],
    output: int,
    *,
    given: int = subprocess.DEVNULL,
    filtered: bytes | None = None,
) -> Fresh:
    """Run a program in bubblewrap; ``given`` is its input, ``filtered`` a seccomp program that it
    and the namespace's first process are held to.
    """
    with ExitStack() as stack:
        told = [_in_memory(stack, bubblewrap.arguments(place.sight, environment))]
        line = ["bwrap", "--args", str(told[0])]
        if filtered is not None:
            told.append(_in_memory(stack, filtered))
            line += ["--seccomp", str(told[1])]
        # What bwrap itself is started with can be read inside, in /proc/1/environ.
        bare = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
        return spawned(
            [*line, "--", *words], bare, [*descriptors, *told], output, cwd="/", given=given
        )


def _in_memory(stack: ExitStack, content: bytes) -> int:
    """The descriptor of a file that holds ``content``, to be read from its beginning."""
    file = stack.enter_context(os.fdopen(os.memfd_create("told"), "wb+"))
    file.write(content)
    file.seek(0)
    return file.fileno()


def spawned(
    words: Sequence[str],
    environment: dict[str, str],
    descriptors: Sequence[int],
    output: int,
    cwd: str,
    *,
    given: int = subprocess.DEVNULL,
    program: str | None = None,
) -> Fresh:
    """Run ``words``, or ``program`` under their name, in a session of its own."""

    def popen() -> Fresh:
        return Fresh(
            words,
            executable=program,
            stdin=given,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=environment,
            pass_fds=descriptors,
            start_new_session=True,
        )

    started = spawn(popen)
    guardian.watch(started.pid)
    return started


def end(process: Confined, known: Collection[int] = ()) -> None:
    """Kill ``process`` and all its descendants, and wait until they are gone.

    ``known`` are those that were seen: where the first of them is gone already, nobody else tells
    of the others, which go with the namespace or the group.
    """
    family = members(process)
    for root in process.roots:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(root, signal.SIGKILL)
    for pid in reversed(family):  # those that left the group
        if pid not in process.roots:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
    process.wait()
    for root in process.roots:
        guardian.forget(root)
    process.release()
    left = {*family, *known}
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
