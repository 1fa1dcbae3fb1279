"""What the paper prints beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from esrbench.leaderboard.columns import Column, cost_column, quality_column
from esrbench.leaderboard.counted_at import counted_alike
from esrbench.quantities.costs import COSTS
from esrbench.quantities.quantity import number
from esrbench.report.numbers import fixed, in_unit
from esrbench.results.record import RunRecord

_DECIBELS = 0.02
"""What tools and rounding explain."""

_CONVENTION = replace(cost_column(COSTS["macs"]), value=lambda r: number(r.macs))
"""What papers print: fvcore's count, whatever a second counter says."""

_MACS_BY_HOOKS = replace(
    _CONVENTION,
    heading="MACs, counter of 2022",
    value=lambda r: number(r.complexity.macs_ntire2022) if r.complexity else None,
)
"""As the tables of NTIRE 2022 and 2023 were counted."""


@dataclass(frozen=True)
class Against:
    """One published figure and the measured one."""

    name: str
    published: str
    measured: str
    difference: str
    """Absolute for quality, relative for counts; "" where nothing was measured."""
    off: bool = False
    """More than 0.02 dB apart, or a count that does not round to the published one."""
    gap: float | None = None
    """By how much, in the unit of ``difference``: the metric's own, or percent; None where the two
    are not held against each other."""
    is_quality: bool = False


def against_published(record: RunRecord) -> list[Against]:
    """Every published figure that this record may have a measured one for."""
    published = record.about.published
    elsewhere = not _counted_alike(published.get("macs_at"), record)
    return [
        _elsewhere(column, value, str(published.get("macs_at")))
        if elsewhere and _is_for_an_input(column.key)
        else _against(column, value, record)
        for column, value in _published(published)
    ]


def _counted_alike(macs_at: object, record: RunRecord) -> bool:
    """Whether published MACs and activations are for the input that this record counted at."""
    if macs_at is None or record.complexity is None:
        return True
    return counted_alike(str(macs_at), record.complexity.input_shape, record.scale)


def _is_of_a_device(key: str) -> bool:
    """What a paper measured on a machine of its own is shown, but not held against this one."""
    return key in COSTS and COSTS[key].of_device


def _is_for_an_input(key: str) -> bool:
    """What only counts at one size may be held against each other."""
    return key in COSTS and COSTS[key].of_input and not COSTS[key].of_device


def _elsewhere(column: Column, published: float, macs_at: str) -> Against:
    """What was counted at another size: shown, and not held against this one."""
    printed = in_unit(column, published, column.decimals([published]))
    return Against(f"{column.heading} ({column.unit})", printed, "", f"for {macs_at}")


def _published(published: Mapping[str, object]) -> Iterator[tuple[Column, float]]:
    by_key = {key: cost_column(cost) for key, cost in COSTS.items()}
    by_hooks = published.get("macs_by") == "ntire2022"
    by_key["macs"] = _MACS_BY_HOOKS if by_hooks else _CONVENTION
    for key, value in published.items():
        figure = number(value)
        if key in by_key and figure is not None:
            yield by_key[key], figure
    quality = published.get("quality")
    for dataset, metrics in quality.items() if isinstance(quality, dict) else ():
        for metric, value in metrics.items() if isinstance(metrics, dict) else ():
            figure = number(value)
            if figure is not None:
                yield quality_column(str(dataset), str(metric)), figure


def _against(column: Column, published: float, record: RunRecord) -> Against:
    measured = column.value(record)
    decimals = column.decimals([published, measured])
    is_quality = column.kind == "quality"
    name = column.label if is_quality else column.heading
    difference, gap = "", None
    if measured is not None and is_quality:
        gap = measured - published
        difference = _signed(gap, column.quantity.digits)
    elif _is_of_a_device(column.key):
        difference = "another device" if measured is not None else ""
    elif measured is not None and published:
        gap = 100 * (measured / published - 1)
        difference = _signed(gap, 1) + " %"
    return Against(
        name + (f" ({column.unit})" if column.unit else ""),
        in_unit(column, published, decimals),
        in_unit(column, measured, decimals),
        difference,
        off=measured is not None and _is_off(column, published, measured, is_quality),
        gap=gap,
        is_quality=is_quality,
    )


def _is_off(column: Column, published: float, measured: float, is_quality: bool) -> bool:
    """By more than the published figure's own rounding, or than 0.02 dB."""
    if is_quality:
        return column.unit == "dB" and abs(measured - published) > _DECIBELS
    if _is_of_a_device(column.key):
        return False
    digits = str(round(published))
    zeros = len(digits) - len(digits.rstrip("0"))
    return abs(measured - published) > (10**zeros if zeros else 0)


def _signed(value: float, decimals: int) -> str:
    text = fixed(abs(value), decimals)
    if not text.strip("0.,"):
        return "±" + text
    return ("+" if value > 0 else "−") + text
