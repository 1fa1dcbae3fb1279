"""Measure what every team handed in, in every track; what is measured already is not done again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.journal import hold_to_rules
from esrbench.challenge.protocols import protocol_of
from esrbench.challenge.schema import Challenge, ChallengeTrack, Received, Team
from esrbench.errors import SubmissionError, UsageError, nearest
from esrbench.judge.bench import Bench
from esrbench.judge.launch import Machine
from esrbench.judge.options import Options
from esrbench.judge.progress import Progress, Silent
from esrbench.judge.score import reject, score
from esrbench.results.record import ChallengeEntry, RunRecord
from esrbench.submission.find import find


@dataclass(frozen=True)
class Running:
    """How a challenge is run; what decides a figure stands in ``challenge.yaml`` alone."""

    machine: Callable[[Challenge, ChallengeTrack], Machine]
    """Where a track's entries run, within the file's limits."""
    data_root: Path | None = None
    weights_dir: Path | None = None
    teams: tuple[str, ...] = ()
    """Only these; empty for all."""
    tracks: tuple[str, ...] = ()
    """Only these; empty for all."""
    again: bool = False
    timing: bool = True
    amend: str | None = None
    """Why the rules differ from those of earlier records."""
    command: str | None = None
    progress: Progress = field(default_factory=Silent)
    say: Callable[[str], None] = lambda text: None


def run(root: Path, running: Running) -> Iterator[RunRecord]:
    """The record of each team's standing version in each track, as they are made or found.

    Raises UsageError for rules that changed without a reason, or a team or track that is not there.
    """
    folder = ChallengeFolder(root)
    challenge = folder.read()
    teams = [challenge.team(name) for name in running.teams] or list(challenge.teams)
    tracks = _tracks(challenge, running.tracks)
    for track in tracks:  # a fault in any track is told before anything is measured
        protocol_of(folder, challenge, track)
    rules = hold_to_rules(folder, running.amend).rules_sha256
    for track in tracks:
        with Bench(_options(folder, challenge, track, running)) as bench:
            bench.store.ensure_writable()
            for team in teams:
                entry = challenge.standing_entry(team)
                if entry is None:
                    running.say(f"{team.id}: nothing handed in.")
                else:
                    yield _score(folder, challenge, track, team, entry, rules, bench)


def _score(
    folder: ChallengeFolder,
    challenge: Challenge,
    track: ChallengeTrack,
    team: Team,
    entry: Received,
    rules: str,
    bench: Bench,
) -> RunRecord:
    entered = ChallengeEntry(
        challenge=challenge.name,
        rules_sha256=rules,
        team=team.id,
        track=track.name,
        entry_sha256=entry.sha256,
        received=entry.received.isoformat(),
        late=challenge.is_late(entry),
    )
    path = str(folder.entry_path(team, entry))
    try:
        found = find(path, variant=entry.variant, scale=track.scale)
    except (SubmissionError, UsageError) as why:
        fault = SubmissionError(str(why))
        return reject(path, track.scale, fault, bench, name=team.id, entered=entered)
    # A row is its team's, whatever the network calls itself; one version is one row.
    return score(replace(found, name=team.id, variant=None), bench, entered=entered)


def _tracks(challenge: Challenge, names: tuple[str, ...]) -> list[ChallengeTrack]:
    known = {track.name: track for track in challenge.tracks}
    for name in names:
        if name not in known:
            raise UsageError(f"There is no track {name!r}{nearest(name, known)}")
    return [known[name] for name in names] or list(challenge.tracks)


def _options(
    folder: ChallengeFolder, challenge: Challenge, track: ChallengeTrack, running: Running
) -> Options:
    public = tuple(told.name for told in challenge.datasets if told.visibility == "public")
    return Options(
        protocol=protocol_of(folder, challenge, track),
        catalogue=folder.catalogue(),
        machine=running.machine(challenge, track),
        results=folder.store.root,
        data_root=running.data_root,
        weights_dir=running.weights_dir,
        timing=running.timing,
        pictures=public or ("none",),
        again=running.again,
        command=running.command,
        progress=running.progress,
        say=running.say,
    )
