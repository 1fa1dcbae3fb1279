"""The columns of a table: quantities, each bound to where this table's records keep it.

Values are unrounded and in the record's own unit; a quantity's ``divisor`` turns them into its
``unit``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from esrbench.leaderboard.uncertain import of_count, of_quality
from esrbench.protocol.recorded import recorded
from esrbench.quantities import costs
from esrbench.quantities.costs import COSTS, Cost
from esrbench.quantities.metrics import METRICS, Colour, described, in_order
from esrbench.quantities.quantity import Direction, Quantity, number
from esrbench.results.record import RunRecord

SCORE = "Score"
"""The group of a challenge's scores."""

Kind = Literal["quality", "cost", "score"]
Value = Callable[[RunRecord], "float | None"]


def _nothing(record: RunRecord) -> None:
    return None


@dataclass(frozen=True)
class Column:
    """One quantity in one table."""

    key: str
    """``params``, ``runtime_ms``, ``Set5.psnr_y``."""
    quantity: Quantity
    kind: Kind
    group: str
    """What it stands under: ``Cost``, ``Runtime``, ``Score``, or the dataset's name."""
    value: Value = field(repr=False)
    """The unrounded number; None where there is none. Never NaN; may be infinite."""
    heading: str = ""
    label: str = ""
    """Where it stands alone: with its dataset."""
    reason_key: str = ""
    """The key under which a record keeps how it came about and why it is missing."""
    shown: bool = True
    """In the table from the start; the others are a click away."""
    ends: costs.Ends = field(default=_nothing, repr=False)
    beside: Value = field(default=_nothing, repr=False)
    mark: Callable[[RunRecord], str] = field(default=lambda record: "", repr=False)
    unsure: Callable[[RunRecord], float] = field(default=lambda record: 0.0, repr=False)
    """How far a mean may be off by chance, to either side; 0 for what is always the same."""

    @property
    def unit(self) -> str:
        """As the quantity's."""
        return self.quantity.unit

    @property
    def divisor(self) -> float:
        """As the quantity's."""
        return self.quantity.divisor

    @property
    def direction(self) -> Direction:
        """As the quantity's."""
        return self.quantity.direction

    @property
    def description(self) -> str:
        """The quantity's, and on which images."""
        text = self.quantity.description
        return f"{text} Mean over the images of {self.group}." if self.kind == "quality" else text

    def decimals(self, values: Iterable[float | None]) -> int:
        """As the quantity's."""
        return self.quantity.decimals(values)

    def with_unit(self, label: str | None = None) -> str:
        """``PSNR Y on Set5 [dB]``."""
        return self.quantity.with_unit(label or self.label)


def cost_column(cost: Cost) -> Column:
    """``cost`` as a column."""
    return Column(
        cost.key, cost, "cost", cost.group, cost.value, cost.heading, cost.label,
        cost.reason_key or cost.key, cost.shown, cost.ends, cost.beside, cost.mark,
        lambda record: of_count(record, cost.key),
    )  # fmt: skip


def quality_column(dataset: str, metric: str, *, shown: bool = True) -> Column:
    """The mean of ``metric`` over ``dataset``; an unregistered metric is headed by its key."""
    quantity = described(metric)

    def passes(record: RunRecord) -> tuple[float, float] | None:
        return record.chance.spread(dataset, metric) if record.chance else None

    return Column(
        f"{dataset}.{metric}", quantity, "quality", dataset,
        lambda r: number(r.quality.get(dataset, {}).get(metric)), quantity.heading,
        f"{quantity.heading} on {dataset}" if dataset else quantity.heading, metric, shown,
        ends=passes, mark=lambda r: "±" if passes(r) else "",
        unsure=lambda r: of_quality(r, dataset, metric),
    )  # fmt: skip


def score_column(name: str, title: str, digits: int, value: Value) -> Column:
    """A challenge's score on one of its sub-tracks; lower is better."""
    text = f"The challenge's sub-track {title}: lower is better."
    quantity = Quantity(key=f"score_{name}", heading=title, label=title, unit="", digits=digits,
                        direction="lower", description=text)  # fmt: skip
    return Column(quantity.key, quantity, "score", SCORE, value, title, title, shown=False)


def quality_columns(records: Sequence[RunRecord]) -> list[Column]:
    """A column for each dataset and metric that any record has, in the protocol's order.

    The other colour's PSNR and SSIM start hidden, and so does what no record has a value of.
    """
    protocol = recorded(records[0].protocol_spec if records else {})
    datasets = list(dict.fromkeys([d for r in records for d in r.quality]))
    wanted = protocol.datasets
    datasets.sort(key=lambda d: wanted.index(d) if d in wanted else len(wanted))
    columns = []
    for dataset in datasets:
        for metric in in_order(m for r in records for m in r.quality.get(dataset, {})):
            column = quality_column(dataset, metric)
            empty = all(column.value(r) is None for r in records)
            columns.append(
                replace(column, shown=_starts_shown(metric, protocol.colour) and not empty)
            )
    return columns


def _starts_shown(metric: str, colour: Colour) -> bool:
    row = METRICS.get(metric)
    return row is None or (not row.aside and row.colour in (colour, ""))


def cost_columns(records: Sequence[RunRecord]) -> list[Column]:
    """The costs that any of ``records``, of one protocol, has; headed as the protocol heads them,
    and the runtime by what it is: a median or a mean."""
    columns = [cost_column(cost) for cost in COSTS.values()]
    return [headed(c, records) for c in columns if any(c.value(r) is not None for r in records)]


def headed(column: Column, records: Sequence[RunRecord]) -> Column:
    """``column`` under the words that ``records``' protocol has for it."""
    if column.key == "macs" and any(map(costs.keeps_official_count, records)):
        name = COSTS["macs"].nicknames["flops"]
        return replace(column, heading=name, label=name)
    if column.key == "runtime_ms":
        name = costs.statistic_of(records)
        return replace(column, heading=name.capitalize(), label=f"{name.capitalize()} runtime")
    return column


def columns_for(records: Sequence[RunRecord]) -> list[Column]:
    """Every column ``records`` of one protocol have a value for: quality, cost, runtime."""
    return [*quality_columns(records), *cost_columns(records)]


def find_column(key: str, records: Sequence[RunRecord]) -> Column | None:
    """The column called ``key`` among those of ``records``, or a cost column without values."""
    if key in COSTS:
        return headed(cost_column(COSTS[key]), records)
    return next((column for column in columns_for(records) if column.key == key), None)
