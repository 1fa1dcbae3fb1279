"""Does a tier hold here? A program is started in it and tries what it must not be able to do.

``python -m esrbench.sandbox.selftest START SECRET PARENT`` prints what it could do, as JSON.
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from esrbench.sandbox.confined import Starter
from esrbench.sandbox.start import Start, confine_self
from esrbench.sandbox.tiers import Tier

_SECONDS = 60


def fault(tier: Tier, start: Starter | None = None, threads: int = 1) -> str | None:
    """Why ``tier`` does not hold on this machine, as a clause; None where it does.

    ``start``: how a process is started there; None for as a program.
    """
    from esrbench.judge.child import child_environment
    from esrbench.sandbox import process, scratch
    from esrbench.sandbox.place import make_place
    from esrbench.sandbox.sight import Sight

    place, outside = make_place(tier, Sight()), scratch.make()
    secret = outside / "secret"
    secret.write_text(secrets.token_hex(8))
    read, write = os.pipe()
    try:
        begin = Start(0, 1, (), (), tier, 0, _SECONDS, **place.rules())
        command = ["-s", "-m", __name__, begin.to_json(), str(secret), str(os.getpid())]
        environment = child_environment(place.home, threads)
        tested = (start or process.start)(place, command, environment, [], write)
        os.close(write)
        write = -1
        try:
            tested.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            return "its self-test did not end"
        finally:
            process.end(tested)
        return _verdict(os.read(read, 1 << 16).decode(errors="replace"))
    except OSError as why:
        return f"it does not start ({why})"
    finally:
        os.close(read)
        if write >= 0:
            os.close(write)
        scratch.remove(place.folder)
        scratch.remove(outside)


def _verdict(printed: str) -> str | None:
    lines = [line for line in printed.splitlines() if line.strip()]
    try:
        could = json.loads(lines[-1])["could"]
    except (IndexError, ValueError, KeyError, TypeError):
        return f"it does not start ({lines[-1][:200] if lines else 'it printed nothing'})"
    return f"a program inside could {', '.join(could)}" if could else None


def _attempts(secret: Path, parent: int) -> dict[str, Callable[[], object]]:
    """What must fail with an OSError, in words that go on after "could"."""
    return {
        "read a file outside": secret.read_text,
        "write outside": lambda: _written(secret.parent / "left"),
        "write into the libraries": lambda: _written(Path(os.__file__).parent / "left"),
        "change a setting of the machine": lambda: _opened("/proc/sys/kernel/core_pattern"),
        "change the mode of a file outside": lambda: secret.chmod(0o600),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
        "read the judge's environment": lambda: _environment_of(parent),
        "trace a process": lambda: _called(b"ptrace", 0, 0, 0, 0),
        "make a namespace": lambda: _called(b"unshare", 0x10000000),
    }


def _written(path: Path) -> None:
    path.write_text("left by a self-test")
    path.unlink()


def _opened(path: str) -> None:
    """To be written, and left as it is."""
    os.close(os.open(path, os.O_WRONLY))


def _environment_of(pid: int) -> None:
    """Raises OSError where no such process is seen, or another one has its number here."""
    if Path(f"/proc/{pid}/environ").read_bytes() == Path("/proc/self/environ").read_bytes():
        raise OSError("that is this process")


def _called(name: bytes, *arguments: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name.decode())(*arguments) == -1:
        raise OSError(ctypes.get_errno(), "denied")


def main() -> None:
    """Confine this process, try, and print what worked."""
    begin, secret, parent = sys.argv[1:4]
    confine_self(Start.from_json(begin))
    could = []
    for what, attempt in _attempts(Path(secret), int(parent)).items():
        try:
            attempt()
        except OSError:
            continue
        could.append(what)
    print(json.dumps({"could": could}), flush=True)


if __name__ == "__main__":
    main()
