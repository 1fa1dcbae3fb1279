"""A team hands something in: kept, tried, written into the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from esrbench.challenge.edit import add_received
from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.schema import Challenge, Received, Team
from esrbench.challenge.take_in import take_in
from esrbench.errors import SubmissionError, UsageError


@dataclass(frozen=True)
class Added:
    """What became of one hand-in."""

    path: Path
    """What was taken in, to be scored."""
    sha256: str
    number: int
    """Which version of the team's it is, from 1."""
    late: bool
    new: bool
    """False where the team's last version is the same to the byte."""
    fits: bool
    """Whether it answered every question of ``esrbench check``; True where it was not asked."""
    answers: tuple[str, ...] = ()
    """What does not fit, a sentence each."""


def add(
    root: Path,
    team: str,
    source: str,
    *,
    at: str | None = None,
    sha256: str | None = None,
    variant: str | None = None,
    received: datetime | None = None,
    check: bool = True,
    weights_dir: Path | None = None,
) -> Added:
    """Take in ``source`` as the newest version of ``team``'s entry, late or not, fit or not.

    Raises UsageError for a team that handed in as often as it may, and as ``take_in`` does.
    """
    folder = ChallengeFolder(root)
    challenge = folder.read()
    known = next((t for t in challenge.teams if t.id == team), None) or Team(id=team)
    if received is not None and received.tzinfo is None:
        received = received.replace(tzinfo=timezone.utc)
    _allow_another(challenge, known)
    entry, _ = take_in(
        folder, team, source, at=at, sha256=sha256, received=received, variant=variant
    )
    last = known.submissions[-1] if known.submissions else None
    new = last is None or (last.sha256, last.variant) != (entry.sha256, entry.variant)
    if new:
        add_received(folder, team, entry)
    path = folder.entry_path(known, entry)
    faults = _faults(challenge, path, entry, weights_dir) if check else ()
    return Added(
        path=path,
        sha256=entry.sha256,
        number=len(known.submissions) + new,
        late=challenge.is_late(entry if new or last is None else last),
        new=new,
        fits=not faults,
        answers=faults,
    )


def _allow_another(challenge: Challenge, team: Team) -> None:
    most = challenge.limits.per_team
    if most is not None and len(team.submissions) >= most:
        raise UsageError(
            f"{team.id} has handed in {len(team.submissions)} versions; challenge.yaml allows "
            f"{most} (limits.per_team)."
        )


def _faults(
    challenge: Challenge, path: Path, entry: Received, weights_dir: Path | None
) -> tuple[str, ...]:
    """What of the interface the entry breaks, in one sentence each."""
    from esrbench.judge.check import check
    from esrbench.judge.machine import Machine

    try:
        answers = list(
            check(
                str(path), Machine(), variant=entry.variant, scale=challenge.tracks[0].scale,
                weights_dir=weights_dir,
            )
        )  # fmt: skip
    except (SubmissionError, UsageError) as why:
        return (str(why),)
    return tuple(f"{answer.question}: {answer.sentence}" for answer in answers if not answer.ok)
