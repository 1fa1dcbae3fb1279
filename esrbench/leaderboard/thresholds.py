"""A protocol's smallest quality, held against unrounded values.

The challenges apply theirs after rounding to two decimals, so that 26.8964 dB passes 26.90: what
that would have let through is kept beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from esrbench.protocol.recorded import recorded
from esrbench.quantities.metrics import described
from esrbench.quantities.quantity import number
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class Miss:
    """One threshold a row does not reach."""

    dataset: str
    metric: str
    value: float | None
    """Unrounded; None where it was not measured."""
    threshold: float
    decimals: int
    """To how many the challenge rounds."""

    @property
    def passes_rounded(self) -> bool:
        """Whether the challenge's own rounding would have let the row through."""
        return self.value is not None and round(self.value, self.decimals) >= self.threshold

    def sentence(self) -> str:
        """What is missed, in words."""
        metric = described(self.metric)
        name = f"{metric.heading} on {self.dataset}"
        if self.value is None:
            return f"no {name} to hold against the threshold {self.threshold:g}"
        shown = f"{name} {self.value:.4f} {metric.unit} is under {self.threshold:.{self.decimals}f}"
        if self.passes_rounded:
            shown += f" (rounded to {self.value:.{self.decimals}f} it would have passed)"
        return shown


def misses(record: RunRecord, decimals: int = 2) -> tuple[Miss, ...]:
    """The thresholds of its protocol that ``record`` does not reach."""
    found = []
    for dataset, by_metric in recorded(record.protocol_spec).thresholds.items():
        for metric, threshold in by_metric.items():
            value = number(record.quality.get(dataset, {}).get(metric))
            if value is None or value < threshold:
                found.append(Miss(dataset, metric, value, threshold, decimals))
    return tuple(found)
