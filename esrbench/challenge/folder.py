"""A challenge's folder: ``challenge.yaml``, what teams handed in, the records, the reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from esrbench.challenge.schema import Challenge, Received, Team
from esrbench.data.catalogue import load_catalogue
from esrbench.data.entry import DatasetEntry
from esrbench.errors import UsageError
from esrbench.results.store import ResultsStore
from esrbench.strict_yaml import load

FILE = "challenge.yaml"


@dataclass(frozen=True)
class ChallengeFolder:
    """Where everything of one challenge is; nothing is read before it is asked for."""

    root: Path

    def read(self) -> Challenge:
        """The rules and teams as they stand now; raises UsageError that names every wrong key."""
        if not self.file.is_file():
            raise UsageError(
                f"{self.root} holds no {FILE}; make one with `esrbench challenge init {self.root}`."
            )
        return load(self.file, Challenge)

    @property
    def file(self) -> Path:
        """``challenge.yaml``."""
        return self.root / FILE

    @property
    def journal(self) -> Path:
        """When the first record was made, and every change of the rules since."""
        return self.root / "journal.jsonl"

    @property
    def entries(self) -> Path:
        """What teams handed in, version by version."""
        return self.root / "entries"

    @property
    def published(self) -> Path:
        """Where reports go unless told otherwise."""
        return self.root / "published"

    @property
    def store(self) -> ResultsStore:
        """The records."""
        return ResultsStore(self.root / "results")

    def catalogue(self) -> dict[str, DatasetEntry]:
        """The datasets that come with esrbench, and those of ``datasets.yaml`` beside the file."""
        own = self.root / "datasets.yaml"
        return load_catalogue(own if own.is_file() else None)

    def entry_path(self, team: Team, entry: Received) -> Path:
        """What to score of one version: the folder that was taken in, or the one file in it."""
        folder = self.entries / team.id / entry.sha256[:16]
        inside = list(folder.iterdir()) if folder.is_dir() else []
        return inside[0] if len(inside) == 1 and inside[0].is_file() else folder
