"""A protocol as a record keeps it: read leniently, since older and later versions wrote it too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from esrbench.quantities.metrics import Colour


@dataclass(frozen=True)
class RecordedProtocol:
    """What tables and pages need of a protocol; what a record lacks or garbles is left empty."""

    title: str = ""
    description: str = ""
    datasets: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    ranked_by: str = ""
    """The metric or cost that orders the rows; empty where the protocol names none."""
    ranked_on: str = ""
    """The dataset of that metric."""
    score: str = ""
    """The formula that ranks the rows instead."""
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Least quality a row needs: ``{dataset: {metric: value}}``."""
    cost_limits: Mapping[str, float] = field(default_factory=dict)
    """Greatest cost a row may have, by the cost's key."""
    baseline: str = ""
    """Whose runtime the others' are held against: ``span/c28``."""

    @property
    def colour(self) -> Colour:
        """``rgb`` or ``y``: what its first PSNR is measured on (``y`` where none is)."""
        first = next((key for key in self.metrics if key.startswith("psnr_")), "")
        return "rgb" if "rgb" in first else "y"

    def threshold(self, dataset: str, metric: str) -> float | None:
        """The least ``metric`` a row needs on ``dataset``; None where it sets none."""
        return self.thresholds.get(dataset, {}).get(metric)


def recorded(spec: Mapping[str, Any]) -> RecordedProtocol:
    """What ``spec`` (``RunRecord.protocol_spec``) says, never an error.

    >>> recorded({"datasets": ["Set5"], "rank_by": 3}).datasets
    ('Set5',)
    """
    rank_by = spec.get("rank_by")
    ranked = rank_by if isinstance(rank_by, dict) else {}
    timed = spec.get("timing")
    timing = timed if isinstance(timed, dict) else {}
    return RecordedProtocol(
        title=_text(spec.get("title")),
        description=_text(spec.get("description")),
        datasets=_texts(spec.get("datasets")),
        metrics=_texts(spec.get("metrics")),
        ranked_by=_text(ranked.get("metric")),
        ranked_on=_text(ranked.get("dataset")),
        score=_text(spec.get("score")),
        thresholds=_thresholds(spec.get("thresholds")),
        cost_limits=_numbers(spec.get("cost_limits")),
        baseline=_text(timing.get("baseline")),
    )


def _text(value: object) -> str:
    return str(value) if value else ""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else ()


def _thresholds(value: object) -> dict[str, dict[str, float]]:
    if not isinstance(value, dict):
        return {}
    return {
        str(dataset): _numbers(by_metric)
        for dataset, by_metric in value.items()
        if isinstance(by_metric, dict)
    }


def _numbers(value: object) -> dict[str, float]:
    if not isinstance(value, dict):
        return {}
    return {
        str(key): float(least) for key, least in value.items() if isinstance(least, int | float)
    }
