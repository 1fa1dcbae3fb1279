"""Where a challenge stands: one cell a team and track, from the records alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.redact import without_folders
from esrbench.challenge.schema import Challenge, Received, Team
from esrbench.results.record import RUN_SECONDS, RunRecord

State = Literal["nothing handed in", "waiting", "running", "ok", "rejected", "failed"]


@dataclass(frozen=True)
class Cell:
    """One team in one track."""

    team: str
    track: str
    state: State
    reason: str | None = None
    """Why it is rejected or failed, in the record's own words."""
    late: bool = False
    seconds: float | None = None
    """How long the run took, where it was written down."""
    record_id: str | None = None


@dataclass(frozen=True)
class Status:
    """All cells, by team and then by track in the file's order."""

    cells: tuple[Cell, ...]
    tracks: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many cells are in each state, by the states' names; absent for none."""
        return dict(Counter(cell.state for cell in self.cells))

    @property
    def done(self) -> int:
        """Cells whose outcome is known, whatever it is."""
        return sum(cell.state in {"ok", "rejected", "failed"} for cell in self.cells)

    @property
    def to_do(self) -> int:
        """Cells that will have an outcome once everything handed in was run."""
        return sum(cell.state != "nothing handed in" for cell in self.cells)

    def seconds_left(self) -> float | None:
        """An estimate from the mean of the runs so far; None before the first."""
        took = [cell.seconds for cell in self.cells if cell.seconds is not None]
        return (self.to_do - self.done) * sum(took) / len(took) if took else None


def status(
    folder: ChallengeFolder,
    challenge: Challenge,
    records: Iterable[RunRecord],
    running: Iterable[tuple[str, str]] = (),
) -> Status:
    """The state of every team in every track; ``running`` are the (team, track) under way.

    A record counts for the version that stands: one of an earlier version does not.
    """
    newest = {
        (r.challenge.team, r.challenge.track, r.challenge.entry_sha256): r
        for r in records
        if r.challenge is not None and r.challenge.challenge == challenge.name
    }
    under_way = set(running)
    cells = []
    for team in challenge.teams:
        entry = challenge.standing_entry(team)
        for track in challenge.tracks:
            record = newest.get((team.id, track.name, entry.sha256)) if entry else None
            is_running = (team.id, track.name) in under_way
            cells.append(_cell(challenge, team, track.name, entry, record, is_running))
    return Status(tuple(cells), tuple(track.name for track in challenge.tracks))


def _cell(
    challenge: Challenge,
    team: Team,
    track: str,
    entry: Received | None,
    record: RunRecord | None,
    is_running: bool,
) -> Cell:
    if entry is None:
        return Cell(team.id, track, "nothing handed in")
    late = challenge.is_late(entry)
    if record is None:
        return Cell(team.id, track, "running" if is_running else "waiting", late=late)
    said = record.reason if record.status != "ok" else None
    reason = without_folders(said) if said else None
    return Cell(team.id, track, record.status, reason, late, _seconds(record), record_id=record.id)


def _seconds(record: RunRecord) -> float | None:
    took = record.environment.get(RUN_SECONDS)
    return float(took) if isinstance(took, int | float) else None
