"""What the rules were when records were made: one JSON line for the start and for every change.

Rules may be edited freely until the first record is made. From then on a change needs a reason,
and the reason is shown with the figures: rows made under other rules stand beside each other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from esrbench.challenge.folder import ChallengeFolder
from esrbench.errors import UnavailableError, UsageError

_LARGEST = 1 << 20
"""Bytes: thousands of changes."""


@dataclass(frozen=True)
class Ruling:
    """The rules that hold from one moment on."""

    at: str
    """UTC, ISO 8601."""
    rules_sha256: str
    why: str | None = None
    """Why they were changed; None for the rules that the first record was made under."""


def rulings(folder: ChallengeFolder) -> list[Ruling]:
    """Every ruling, oldest first; none before the first record.

    Raises UsageError when the journal was damaged.
    """
    if not folder.journal.is_file():
        return []
    found = []
    for number, line in enumerate(_lines(folder.journal), 1):
        try:
            found.append(_ruling(json.loads(line)))
        except (ValueError, TypeError, RecursionError):
            raise UsageError(
                f"{folder.journal}, line {number}: not a ruling; take the line out by hand."
            ) from None
    return found


def _lines(journal: Path) -> list[bytes]:
    try:
        with journal.open("rb") as file:
            held = file.read(_LARGEST + 1)
    except OSError as why:
        raise UsageError(f"{journal} cannot be read: {why.strerror}.") from None
    if len(held) > _LARGEST:
        raise UsageError(f"{journal} is larger than {_LARGEST >> 20} MiB; it is no journal.")
    return held.splitlines()


def _ruling(told: object) -> Ruling:
    """Raises TypeError where ``told`` is none."""
    if not isinstance(told, dict):
        raise TypeError
    ruling = Ruling(**told)
    if not all(
        isinstance(text, str) for text in (ruling.at, ruling.rules_sha256, ruling.why or "")
    ):
        raise TypeError
    return ruling


def hold_to_rules(folder: ChallengeFolder, amend: str | None) -> Ruling:
    """The ruling that new records are made under, written down where it is new.

    Raises UsageError when the rules differ from those of earlier records and no reason is given.
    """
    now = folder.read().rules_sha256
    known = rulings(folder)
    if known and known[-1].rules_sha256 == now:
        return known[-1]
    if known and not (amend and amend.strip()):
        raise UsageError(
            f"The rules in {folder.file} are not those that the records since {known[-1].at} were "
            'made under; change them back, or say why with --amend "...".'
        )
    ruling = Ruling(
        datetime.now(timezone.utc).isoformat(timespec="seconds"), now, amend if known else None
    )
    try:
        with folder.journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(ruling), ensure_ascii=False) + "\n")
    except OSError as why:
        raise UnavailableError(f"{folder.journal} cannot be written: {why.strerror}.") from None
    return ruling
