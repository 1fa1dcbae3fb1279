"""Every attack on what is outside, tried in a tier of walls by a program started as a runner is."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import esrbench
from esrbench import bundled
from esrbench.data.built_in import scikit_image_folder
from esrbench.judge.child import child_environment
from esrbench.runner.shared import SharedArray
from esrbench.sandbox import process, scratch
from esrbench.sandbox.confined import Starter
from esrbench.sandbox.sight import Sight, own_files
from esrbench.sandbox.start import Start
from esrbench.sandbox.tiers import Tier

INSIDE = Path(__file__).parent / "inside"
_SECONDS = 240


@dataclass
class Outside:
    """What an attack is after, set up in a folder; ``facts`` tell the attacker where it is."""

    folder: Path
    facts: dict[str, Any]
    sibling: subprocess.Popen[bytes]
    hidden: tuple[Path, ...]

    def untouched(self) -> list[str]:
        """What is not as it was set up; empty when all is well."""
        wrong = [] if self.sibling.poll() is None else ["the sibling ended"]
        state = Path(f"/proc/{self.sibling.pid}/stat").read_text().rpartition(")")[2].split()[0]
        wrong += ["the sibling was stopped"] if state in "Tt" else []
        left = [path for path in self.folder.rglob("*left*") if path.is_file()]
        record = (self.folder / "results/record.json").read_text()
        wrong += [f"{path} was left" for path in left]
        wrong += [] if record == "{}" else ["the record was edited"]
        return wrong


@contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Ground truth, secrets, records, servers and a sibling to be attacked."""
    files = {
        "data/HR.png": "ground truth", "home/token": "secret", "results/record.json": "{}",
        "other/model.py": "code", "cache/kept": "kept", "secret": "secret", "tmp/x": "",
        "cwd/x": "", "own/w.safetensors": "weights",
    }  # fmt: skip
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    own = folder / "own"
    for source in INSIDE.iterdir():
        if source.is_file():
            (own / source.name).write_bytes(source.read_bytes())
    with ExitStack() as stack:
        sibling = subprocess.Popen(["sleep", "600"])
        stack.callback(sibling.wait)
        stack.callback(sibling.kill)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix, abstract = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        unix.bind(str(folder / "s"))
        abstract.bind(f"\0esrbench-{os.getpid()}")
        for server in (unix, abstract):
            server.listen()
        _, terminal = pair = os.openpty()
        for end in pair:
            stack.callback(os.close, end)
        hidden = tuple(folder / name for name in ("data", "home", "results", "cache"))
        package = Path(esrbench.__file__).resolve().parent
        site = next(path for path in sys.path if path.endswith("site-packages"))
        named = {name: str(folder / name) for name in ("data", "home", "results", "other", "cwd")}
        facts = {
            **named, "cache": str(folder / "cache"), "tmp": str(folder / "tmp"), "own": str(own),
            "weights": str(own / "w.safetensors"), "photograph": str(_photograph()),
            "bundled": str(bundled.submissions()), "checkout": str(package.parent),
            "library": str(Path(os.__file__).parent), "package": str(package), "site": site,
            "judge": os.getpid(), "sibling": sibling.pid, "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1], "unix": str(folder / "s"),
            "terminal": os.ttyname(terminal), "abstract": f"esrbench-{os.getpid()}",
        }  # fmt: skip
        yield Outside(folder, facts, sibling, hidden)


def succeeded(tier: Tier, outside: Outside, starter: Starter = process.start) -> dict[str, str]:
    """What each attack got in ``tier``, by its name; empty for one that failed."""
    own = outside.folder / "own"
    sight = Sight(readable=own_files(own, None, None, of="own"), hidden=outside.hidden)
    place = process.make_place(tier, sight)
    read, write = os.pipe()
    lr, sr = SharedArray.create(from_judge=True), SharedArray.create()
    try:
        shared = {"lr": (lr.descriptor,), "sr": (sr.descriptor,)}
        start = Start(0, 1, tier=tier, threads=1, cpu_seconds=60, **shared, **place.rules())
        facts = {**outside.facts, **shared, "private_shm": tier == "bwrap"}
        command = [str(own / "run.py"), start.to_json(), json.dumps(facts)]
        environment = child_environment(place.home, 1)
        attacker = starter(place, command, environment, [lr.descriptor, sr.descriptor], write)
        os.close(write)
        with os.fdopen(read, "rb") as told:
            text = told.read().decode(errors="replace")
        process.end(attacker)
    finally:
        lr.close()
        sr.close()
        scratch.remove(place.folder)
    found: dict[str, str] = json.loads(text.strip().splitlines()[-1])
    return found


def _photograph() -> Path:
    return next(scikit_image_folder().glob("*.png"))
