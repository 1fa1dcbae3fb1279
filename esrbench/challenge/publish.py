"""Two reports of one challenge: everything for its organisers, what is allowed for everyone."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.redact import public_record, public_sets
from esrbench.challenge.schema import Challenge, Team
from esrbench.challenge.sheets import write_sheets
from esrbench.errors import UsageError
from esrbench.report.atomic import write_text
from esrbench.report.export import export
from esrbench.report.site import render_site
from esrbench.results.record import RunRecord
from esrbench.results.store import ResultsStore


@dataclass(frozen=True)
class Published:
    """What was written."""

    organisers: Path
    """Index of the pages with everything."""
    public: Path
    """Index of the pages for everyone."""
    sheets: tuple[Path, ...]
    """One sheet a team, to be sent to that team only."""


def publish(
    root: Path, out: Path | None = None, *, final: bool = False, now: datetime | None = None
) -> Published:
    """Write both reports, a CSV and LaTeX table of the public one, and a sheet for each team.

    Test sets are public from ``dates.publish`` on, or with ``final``, which is refused before the
    close. Raises UsageError where nothing was measured yet.
    """
    folder = ChallengeFolder(root)
    challenge = folder.read()
    target = out or folder.published
    standing = standing_records(challenge, folder.store.records())
    if not standing:
        raise UsageError(f"{folder.store.root} holds no record yet; run `esrbench challenge run`.")
    shown = public_sets(challenge, challenge.dates.publish if final else now)
    rows = [(record, public_record(record, challenge, team, shown)) for record, team in standing]
    pictures, allowed = folder.store.root, challenge.allow
    organisers = _render([own for own, _ in standing], pictures, target / "private", allowed)
    public = _render([row for _, row in rows], pictures, target / "public", allowed)
    for kind, suffix in (("csv", "csv"), ("latex", "tex")):
        text = export([row for _, row in rows], kind, allowed)
        write_text(target / "public" / f"{challenge.name}.{suffix}", text)
    sheets = write_sheets(challenge, rows, target / "sheets")
    return Published(organisers, public, sheets)


def standing_records(
    challenge: Challenge, records: Sequence[RunRecord]
) -> list[tuple[RunRecord, Team]]:
    """The newest record of each team's standing version in each track, in the file's order."""
    newest: dict[tuple[str, str], RunRecord] = {}
    wanted = {
        team.id: entry.sha256
        for team in challenge.teams
        if (entry := challenge.standing_entry(team)) is not None
    }
    for record in records:
        told = record.challenge
        if (
            told is not None
            and told.challenge == challenge.name
            and wanted.get(told.team) == told.entry_sha256
        ):
            newest[told.team, told.track] = record
    return [
        (newest[team.id, track.name], team)
        for team in challenge.teams
        for track in challenge.tracks
        if (team.id, track.name) in newest
    ]


def _render(
    records: Sequence[RunRecord], pictures: Path, out: Path, allowed: Sequence[str]
) -> Path:
    """The pages of ``records``, made from a store that holds these and nothing else."""
    with tempfile.TemporaryDirectory(prefix="esrbench-publish-") as work:
        store = ResultsStore(Path(work))
        for record in records:
            store.add(record)
            for picture in record.pictures:
                for name in (picture.lr, picture.sr, picture.hr):
                    source, copy = pictures / name, store.root / name
                    if source.is_file():
                        copy.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(source, copy)
        return render_site(store, out, allowed=allowed)
