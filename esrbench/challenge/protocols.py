"""A track of a challenge as the protocol its entries are measured by."""

from __future__ import annotations

from typing import Literal

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.schema import Challenge, ChallengeTrack
from esrbench.errors import UsageError
from esrbench.protocol.load import load_protocol
from esrbench.protocol.schema import Protocol

Role = Literal["validation", "test"]


def protocol_of(folder: ChallengeFolder, challenge: Challenge, track: ChallengeTrack) -> Protocol:
    """The track's protocol with the challenge's own datasets, thresholds, score and baseline.

    It is called after the challenge, so that its rows never share a table with others.

    Raises UsageError when the protocol or a dataset does not exist.
    """
    named = folder.root / track.protocol
    base = load_protocol(str(named) if named.suffix in {".yaml", ".yml"} else track.protocol)
    _know_datasets(folder, challenge)
    timing = base.timing
    if challenge.baseline is not None:
        timing = timing.model_copy(update={"baseline": challenge.baseline.submission})
    rank = base.rank_by
    names = tuple(dataset.name for dataset in challenge.datasets)
    if rank is not None and rank.dataset is not None and rank.dataset not in names:
        rank = rank.model_copy(update={"dataset": names[0]})
    changes = {
        "name": f"{challenge.name}-{track.name}",
        "title": f"{challenge.title or challenge.name}, {track.name}",
        "scale": track.scale,
        "datasets": names,
        "timing": timing,
        "rank_by": rank,
        "score": track.score or base.score,
        "thresholds": least_by_dataset(challenge),
    }
    return base.model_copy(update=changes)


def least_by_dataset(challenge: Challenge) -> dict[str, dict[str, float]]:
    """``{dataset: {metric: least value}}``, as protocols have it."""
    found: dict[str, dict[str, float]] = {}
    for metric, value in challenge.thresholds.items():
        if isinstance(value, dict):
            for dataset, least in value.items():
                found.setdefault(dataset, {})[metric] = least
    return found


def _know_datasets(folder: ChallengeFolder, challenge: Challenge) -> None:
    from esrbench.data.catalogue import find_entry

    catalogue = folder.catalogue()
    for dataset in challenge.datasets:
        find_entry(dataset.name, catalogue)
    for key, value in challenge.thresholds.items():
        if not isinstance(value, dict):
            raise UsageError(
                f"{folder.file}: thresholds: {key}: a greatest cost cannot be held yet; give "
                "`metric: {DATASET: least value}`, or take the line out."
            )
    stray = set(least_by_dataset(challenge)) - {dataset.name for dataset in challenge.datasets}
    if stray:
        raise UsageError(f"{folder.file}: a threshold names {min(stray)!r}, which is no dataset.")
