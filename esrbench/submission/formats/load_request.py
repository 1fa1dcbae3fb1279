"""What the runner is asked to load, in words that every loader takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class LoadRequest:
    """One network, in one way, on one device."""

    path: Path
    """The entry file: the graph, the checkpoint, the repository's ``test_demo.py``."""
    arguments: dict[str, Any]
    """The submission's build arguments."""
    scale: int
    device: str
    """``cpu`` or ``cuda:N``."""
    track: str = "fp32"
    """How it will be run (``esrbench/tracks.py``), for a format that has a say in it."""
    folder: Path = Path()
    """The submission's own: what may be read besides the entry file."""
    weights: Path | None = None
    """The checkpoint, where one was found."""
    weights_key: str | None = None
    """The entry of the checkpoint that holds the state dict, where it is no usual one."""
    notes: list[str] = field(default_factory=list)
    """What a loader finds out that the record is to say, a sentence each; loaders add to it."""
