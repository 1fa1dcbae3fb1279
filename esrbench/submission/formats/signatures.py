"""The keys and shapes of every network that comes with esrbench, so that a checkpoint finds its.

They are made by a child process that builds each network without memory for its tensors, and kept
in the cache, a system's until a file of it changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from esrbench import bundled
from esrbench.number_of import number_of
from esrbench.submission import limits
from esrbench.submission.declared import bundled_names
from esrbench.submission.formats.child import ask_child
from esrbench.submission.formats.keys import Shapes

_TABLE = "signatures.json"
_SAID = (
    "Reading the names and shapes of {systems}, once until their code changes, to hold checkpoints "
    "against."
)
Rows = list[dict[str, Any]]


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
    path = cache / _TABLE
    table = _kept(path)
    versions = {name: _version(name) for name in bundled_names()}
    new = [name for name, version in versions.items() if table.get(name, _NONE)[0] != version]
    if new:
        _say(_SAID.format(systems=number_of(len(new), "bundled system")))
        table |= {name: (versions[name], []) for name in new}
        for row in ask_child("signatures", new, seconds=limits.TABLE_SECONDS):
            table[row["name"]][1].append(row)
        _keep(path, table)
    return tuple(signature_from(row) for name in versions for row in table[name][1])


_NONE: tuple[str, Rows] = ("", [])


def _kept(path: Path) -> dict[str, tuple[str, Rows]]:
    """Of each system the version that was read, and its networks; nothing of what is damaged."""
    found = {}
    try:
        for name, (version, rows) in json.loads(path.read_text(encoding="utf-8")).items():
            if all(signature_from(row).name == name for row in rows):
                found[name] = (version, rows)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return found


def _keep(path: Path, table: dict[str, tuple[str, Rows]]) -> None:
    with contextlib.suppress(OSError):  # a cache that cannot be written is made again
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(table), encoding="utf-8")
        unfinished.replace(path)


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def signature_from(row: dict[str, Any]) -> Signature:
    """A signature as JSON has it; shapes are lists there."""
    shapes = {name: tuple(shape) for name, shape in row["shapes"].items()}
    return Signature(**{**row, "shapes": shapes})


def _version(name: str) -> str:
    """A hash of what one system's part of the table is made from."""
    digest = hashlib.sha256()
    folder = bundled.submissions() / name
    own = [*sorted(folder.glob("*.py")), folder / "submission.yaml"]
    for file in (Path(__file__).with_name("networks.py"), Path(__file__), *own):
        digest.update(f"{file.name}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]
