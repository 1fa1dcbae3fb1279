"""Measure what every team handed in, in every track; what is measured already is not done again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from esrbench.challenge.baseline import hold_to_baseline
from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.journal import hold_to_rules
from esrbench.challenge.protocols import protocol_of
from esrbench.challenge.schema import Challenge, ChallengeTrack, Team
from esrbench.engines.plan import Job
from esrbench.engines.run import Engines, Ran, run_here, run_with
from esrbench.errors import UsageError, nearest
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.progress import Progress, Silent
from esrbench.results.record import ChallengeEntry, RunRecord


@dataclass(frozen=True)
class Running:
    """How a challenge is run; what decides a figure stands in ``challenge.yaml`` alone."""

    machine: Callable[[Challenge, ChallengeTrack], Machine]
    """Where a track's entries run, within the file's limits."""
    engine: Engines | None = None
    """What fans entries out; None: one after the other in this process."""
    events: Path | None = None
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


def run(
    root: Path, running: Running, heard: Callable[[RunRecord], None] = lambda record: None
) -> Ran:
    """The record of each team's standing version in each track; ``heard`` is told each at once.

    Raises UsageError for rules that changed without a reason, or a team or track that is not there.
    """
    folder = ChallengeFolder(root)
    challenge = folder.read()
    teams = [challenge.team(name) for name in running.teams] or list(challenge.teams)
    tracks = _tracks(challenge, running.tracks)
    for track in tracks:  # a fault in any track is told before anything is measured
        protocol_of(folder, challenge, track)
    hold_to_baseline(folder, challenge, running.weights_dir)
    rules = hold_to_rules(folder, running.amend).rules_sha256
    for team in teams:
        if challenge.standing_entry(team) is None:
            running.say(f"{team.id}: nothing handed in.")
    whole = Ran()
    for track in tracks:
        jobs = _jobs(folder, challenge, track, teams, rules)
        with Bench(_options(folder, challenge, track, running)) as bench:
            bench.store.ensure_writable()
            if running.engine is None:
                ran = run_here(jobs, bench, heard)
            else:
                ran = run_with(running.engine, jobs, bench, events=running.events, heard=heard)
        whole.extend(ran)
    return whole


def _jobs(
    folder: ChallengeFolder,
    challenge: Challenge,
    track: ChallengeTrack,
    teams: list[Team],
    rules: str,
) -> tuple[Job, ...]:
    """One job for each team that handed something in: its standing version."""
    jobs: list[Job] = []
    for team in teams:
        entry = challenge.standing_entry(team)
        if entry is None:
            continue
        entered = ChallengeEntry(
            challenge=challenge.name,
            rules_sha256=rules,
            team=team.id,
            track=track.name,
            entry_sha256=entry.sha256,
            received=entry.received.isoformat(),
            late=challenge.is_late(entry),
        )
        jobs.append(
            Job(
                number=len(jobs),
                path=str(folder.entry_path(team, entry)),
                variant=entry.variant,
                scale=track.scale,
                label=team.id,
                entered=entered.model_dump(mode="json"),
            )
        )
    return tuple(jobs)


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
        verify=challenge.verify,
        pictures=public or ("none",),
        again=running.again,
        command=running.command,
        progress=running.progress,
        say=running.say,
    )
