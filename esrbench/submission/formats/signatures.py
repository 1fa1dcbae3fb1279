"""The keys and shapes of every network that comes with esrbench, so that a checkpoint finds its.

They are made once by a child process that builds each network without memory for its tensors, and
kept in the cache until a file of a bundled submission changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import esrbench
from esrbench import bundled
from esrbench.errors import SubmissionError
from esrbench.own_program import own_program
from esrbench.submission import limits
from esrbench.submission.formats.keys import Shapes

_PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "OMP_NUM_THREADS", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Signature:
    """One network as a checkpoint sees it."""

    name: str
    variant: str | None
    scale: int
    title: str
    trained: bool
    """Whether it is the training form, which the submission turns into the deployed one."""
    shapes: Shapes

    @property
    def label(self) -> str:
        """``span/c28 x4``."""
        return f"{self.name}/{self.variant} x{self.scale}" if self.variant else self.plain_label

    @property
    def plain_label(self) -> str:
        """``bsrn x4``: without the variant."""
        return f"{self.name} x{self.scale}"


def signatures() -> list[Signature]:
    """Every bundled network with tensors, at every scale, from the cache or made now."""
    return list(_signatures(bundled.cache()))


@lru_cache(maxsize=4)
def _signatures(cache: Path) -> tuple[Signature, ...]:
    path = cache / "signatures" / f"{_version()}.json"
    try:
        return tuple(signature_from(row) for row in json.loads(path.read_text()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        rows = ask_child("signatures", None, seconds=None)  # not there, or damaged
        with contextlib.suppress(OSError):  # a cache that cannot be written is made again
            path.parent.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(f".{os.getpid()}")
            unfinished.write_text(json.dumps(rows))
            unfinished.replace(path)
    return tuple(signature_from(row) for row in rows)


def signature_from(row: dict[str, Any]) -> Signature:
    """A signature as JSON has it; shapes are lists there."""
    shapes = {name: tuple(shape) for name, shape in row["shapes"].items()}
    return Signature(**{**row, "shapes": shapes})


def ask_child(question: str, about: object, seconds: int | None = limits.CHILD_SECONDS) -> Any:
    """The answer of ``networks.py``, run apart so that this process needs no torch.

    Only code that comes with esrbench (and spandrel's) runs there, with nothing of the environment
    that it does not need, in ``seconds`` of its own CPU time and bounded memory. Raises
    SubmissionError where it ends without an answer: only a checkpoint can be the reason.
    """
    bound = [] if seconds is None else [str(seconds)]
    root = str(Path(esrbench.__file__).resolve().parent.parent)
    paths = [root, *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            own_program("esrbench.submission.formats.networks", question, *bound),
            input=json.dumps(about),
            capture_output=True,
            text=True,
            env={**environment, "PYTHONPATH": os.pathsep.join(path for path in paths if path)},
            check=False,
            timeout=limits.CHILD_WAIT_SECONDS if bound else None,
        )
    except subprocess.TimeoutExpired:
        raise SubmissionError(
            "The checkpoint could not be held against the known networks in "
            f"{limits.CHILD_WAIT_SECONDS:g} s."
        ) from None
    if done.returncode == -signal.SIGXCPU:
        raise SubmissionError(
            f"The checkpoint could not be held against the known networks in {seconds} s of "
            "computing; no honest file takes as much."
        )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise SubmissionError(
            f"The checkpoint could not be held against the known networks: {last[0]}."
        )
    return json.loads(done.stdout.splitlines()[-1])


def _version() -> str:
    """A hash of what the table is made from."""
    digest = hashlib.sha256()
    files = [Path(__file__).with_name("networks.py"), Path(__file__)]
    for pattern in ("*/*.py", "*/submission.yaml"):
        files += sorted(bundled.submissions().glob(pattern))
    for file in files:
        digest.update(f"{file.parent.name}/{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
