"""A track of a challenge as the protocol its entries are measured by."""

from __future__ import annotations

from typing import Literal

from esrbench.challenge.folder import ChallengeFolder
from esrbench.challenge.schema import Challenge, ChallengeTrack
from esrbench.errors import UsageError, nearest
from esrbench.protocol.load import load_protocol
from esrbench.protocol.schema import Protocol
from esrbench.quantities.costs import COSTS, cost_named

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
        "cost_limits": greatest_costs(challenge),
    }
    return _checked(base.model_copy(update=changes), folder)


def _checked(protocol: Protocol, folder: ChallengeFolder) -> Protocol:
    stray = {metric for least in protocol.thresholds.values() for metric in least}
    stray -= set(protocol.metrics)
    if stray:
        raise UsageError(
            f"{folder.file}: thresholds: {min(stray)!r} is nothing that the protocol measures"
            f"{nearest(min(stray), protocol.metrics)}"
        )
    return protocol


def greatest_costs(challenge: Challenge) -> dict[str, float]:
    """``{cost: greatest value}``, by the costs' keys."""
    return {
        cost.key: value
        for word, value in challenge.thresholds.items()
        if isinstance(value, float) and (cost := cost_named(word)) is not None
    }


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
        if isinstance(value, float) and cost_named(key) is None:
            raise UsageError(
                f"{folder.file}: thresholds: {key!r} is no cost{nearest(key, COSTS)} Of a metric "
                "give `metric: {DATASET: value}`."
            )
    stray = set(least_by_dataset(challenge)) - {dataset.name for dataset in challenge.datasets}
    if stray:
        raise UsageError(f"{folder.file}: a threshold names {min(stray)!r}, which is no dataset.")
