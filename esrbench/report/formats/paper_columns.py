"""The columns of a paper's table, by the words a person types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.columns import (
    Column,
    cost_column,
    headed,
    quality_column,
)
from esrbench.leaderboard.table import Table
from esrbench.protocol.recorded import recorded
from esrbench.quantities import costs
from esrbench.quantities.metrics import METRICS, metric_named
from esrbench.report.best import NONE, as_printed
from esrbench.report.formats import tex
from esrbench.report.printed_value import printed_value
from esrbench.results.record import RunRecord

NOTHING = "--"
"""Beside a slash, where one of two figures is not there."""
_USUAL_COSTS = ("params", "macs", "runtime_ms")


@dataclass(frozen=True)
class PaperColumn:
    """One column: a value, or several with a slash between them."""

    heading: str
    parts: tuple[Column, ...]

    def cells(self, records: Sequence[RunRecord], competes: Sequence[bool]) -> list[str]:
        """A cell for each record; the best and second of each part among those that compete."""
        printed = [_printed(part, records, competes) for part in self.parts]
        return [
            "/".join(text or NOTHING for text in texts) if any(texts) else ""
            for texts in zip(*printed, strict=True)
        ]

    def mark(self, record: RunRecord) -> str:
        """The signs of its values."""
        return "".join(p.mark(record) for p in self.parts if p.value(record) is not None)


def columns_of(tables: Sequence[Table], wanted: Sequence[str], style: str) -> list[PaperColumn]:
    """The columns called ``wanted``: costs, datasets, or a dataset's metric (``Set5.niqe``).

    Raises UsageError for another word.
    """
    records = [record for table in tables for record in table.records]
    datasets = list(dict.fromkeys(d for r in records for d in r.quality))
    if not wanted:
        some = [
            k for k in _USUAL_COSTS if any(costs.COSTS[k].value(r) is not None for r in records)
        ]
        wanted = [*some, *datasets]
    found: list[PaperColumn] = []
    for word in wanted:
        found += _called(word, records, datasets, style)
    return found


def _called(
    word: str, records: Sequence[RunRecord], datasets: Sequence[str], style: str
) -> list[PaperColumn]:
    cost = costs.cost_named(word)
    if cost:
        column = headed(cost_column(cost), records)
        label = cost.nicknames.get(word) or column.label
        return [PaperColumn(column.with_unit(label), (column,))]
    colour = recorded(records[0].protocol_spec).colour
    dataset, _, metric = word.rpartition(".")
    if dataset in datasets and (key := metric_named(metric, colour)):
        column = quality_column(dataset, key)
        return [PaperColumn(column.with_unit(f"{dataset} {column.heading}"), (column,))]
    if word not in datasets:
        known = [*costs.words(), *datasets, *(f"{d}.{m}" for d in datasets for m in METRICS)]
        raise UsageError(f"There is no column {word!r}{nearest(word, known)}")
    psnr, ssim = (quality_column(word, f"{metric}_{colour}") for metric in ("psnr", "ssim"))
    if style == "psnr/ssim":
        return [PaperColumn(f"{word} PSNR/SSIM", (psnr, ssim))]
    one = [PaperColumn(f"{word} PSNR", (psnr,))]
    return one if style == "psnr" else [*one, PaperColumn(f"{word} SSIM", (ssim,))]


def _printed(column: Column, records: Sequence[RunRecord], competes: Sequence[bool]) -> list[str]:
    values = [column.value(record) for record in records]
    decimals = column.decimals(values)
    texts = [printed_value(column, record, decimals) for record in records]
    best, second = _marked(column, records, values, competes, decimals)
    return [
        tex.number(text, best=i in best, second=i in second,
                   mark=column.mark(records[i]) if text else "")
        for i, text in enumerate(texts)
    ]  # fmt: skip


def _marked(
    column: Column,
    records: Sequence[RunRecord],
    values: Sequence[float | None],
    competes: Sequence[bool],
    decimals: int,
) -> tuple[frozenset[int], frozenset[int]]:
    """The places of the best and of the second; none where there is one alone."""
    taking_part = {
        i: value
        for i, (value, takes) in enumerate(zip(values, competes, strict=True))
        if takes and value is not None
    }
    unsure = [column.unsure(record) for record in records]
    groups = as_printed(column, taking_part, unsure, decimals)
    if column.direction == "unknown" or len(groups) < 2:
        return NONE, NONE
    return groups[0], groups[1]
