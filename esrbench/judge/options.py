"""What a person chooses for a run, besides the submission."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.data.entry import DatasetEntry
from esrbench.judge.machine import Machine
from esrbench.judge.progress import Progress, Silent
from esrbench.protocol.schema import Protocol
from esrbench.submission.weights import WeightsChoice


@dataclass(frozen=True)
class Options:
    """One run's choices, resolved: nothing here is looked up in the environment later."""

    protocol: Protocol
    catalogue: dict[str, DatasetEntry]
    machine: Machine
    results: Path
    data_root: Path | None = None
    weights_dir: Path | None = None
    weights: WeightsChoice | None = None
    """Whose checkpoints; None: the authors', or one trained here where those are not at hand."""
    offline: bool = False
    timing: bool = True
    verify: bool = False
    """Whether the exported graph is what is measured (``judge/witness.py``)."""
    pictures: tuple[str, ...] | None = None
    """Datasets whose crops are kept for the pages; None for all."""
    again: bool = False
    """Measure even when a record of the same run exists."""
    again_failed: bool = False
    """Measure anew what failed or was rejected."""
    revises: str | None = None
    """The name or the record's id of the submission whose row this one takes."""
    command: str | None = None
    progress: Progress = field(default_factory=Silent)
    say: Callable[[str], None] = lambda text: None
    """Hears one line at a time; standard error in the CLI."""
