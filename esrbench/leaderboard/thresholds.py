"""A protocol's limits: the least quality a row needs, held against unrounded values, and the
greatest cost it may have.

The challenges apply theirs after rounding to two decimals, so that 26.8964 dB passes 26.90: what
that would have let through is kept beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from esrbench.protocol.recorded import recorded
from esrbench.quantities.costs import COSTS, Cost
from esrbench.quantities.metrics import described
from esrbench.quantities.quantity import number
from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class Miss:
    """One threshold of quality that a row does not reach."""

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
        if self.value is None:
            return False
        return not _falls_short(self.metric, round(self.value, self.decimals), self.threshold)

    def sentence(self) -> str:
        """What is missed, in words."""
        metric = described(self.metric)
        name = f"{metric.heading} on {self.dataset}"
        if self.value is None:
            return f"no {name} to hold against the threshold {self.threshold:g}"
        shown = f"{name} {self.value:.4f} {metric.unit}".rstrip()
        shown += f" is {self._side} {self.threshold:.{self.decimals}f}"
        if self.passes_rounded:
            shown += f" (rounded to {self.value:.{self.decimals}f} it would have passed)"
        return shown

    def sentence_without_value(self) -> str:
        """The same where the figure is nobody's to know."""
        name = f"{described(self.metric).heading} on {self.dataset}"
        return f"{name} is {self._side} {self.threshold:.{self.decimals}f}, or was not measured"

    @property
    def _side(self) -> str:
        return "over" if described(self.metric).direction == "lower" else "under"


@dataclass(frozen=True)
class Excess:
    """One cost of a row that is greater than it may be."""

    key: str
    value: float | None
    """None where it was not measured."""
    most: float
    interval: tuple[float, float] | None = None
    """95% interval of a measured ratio."""
    passes_rounded = False

    def sentence(self) -> str:
        """What is exceeded, in words."""
        cost = COSTS[self.key]
        name = cost.label if cost.label[:2].isupper() else cost.label[:1].lower() + cost.label[1:]
        if self.value is None:
            return f"no {name} to hold against the limit {_printed(cost, self.most)}"
        shown = f"{name} {_printed(cost, self.value)} is over {_printed(cost, self.most)}"
        if self.interval is not None and self.interval[0] <= self.most:
            low, high = (f"{end:.3f}" for end in self.interval)
            shown += f" (its 95% interval, {low} to {high}, holds the limit)"
        return shown


def misses(record: RunRecord, decimals: int = 2) -> tuple[Miss | Excess, ...]:
    """The thresholds and limits of its protocol that ``record`` does not keep."""
    return (*_quality(record, decimals), *_costs(record))


def _quality(record: RunRecord, decimals: int) -> list[Miss]:
    found = []
    for dataset, by_metric in recorded(record.protocol_spec).thresholds.items():
        for metric, threshold in by_metric.items():
            value = number(record.quality.get(dataset, {}).get(metric))
            if value is None or _falls_short(metric, value, threshold):
                found.append(Miss(dataset, metric, value, threshold, decimals))
    return found


def _costs(record: RunRecord) -> list[Excess]:
    found = []
    for key, most in recorded(record.protocol_spec).cost_limits.items():
        cost = COSTS.get(key)
        value = cost.value(record) if cost else None
        if value is None or value > most:
            interval = cost.ends(record) if cost and key == "runtime_ratio" else None
            found.append(Excess(key, value, most, interval))
    return found


def _falls_short(metric: str, value: float, threshold: float) -> bool:
    return value > threshold if described(metric).direction == "lower" else value < threshold


def _printed(cost: Cost, value: float) -> str:
    return f"{value / cost.divisor:.6g} {cost.unit}".rstrip()
