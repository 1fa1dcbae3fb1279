"""What the runner is asked to load, in words that every loader takes."""

from __future__ import annotations

from dataclasses import dataclass
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
    """How it will be run (``runner/tracks.py``), for a format that has a say in it."""
