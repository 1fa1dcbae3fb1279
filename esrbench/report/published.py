"""What the paper prints beside what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from esrbench.leaderboard.columns import Column, cost_column, quality_column
from esrbench.leaderboard.counted_at import counted_alike
from esrbench.leaderboard.literature import is_literature
from esrbench.quantities.costs import COSTS
from esrbench.quantities.quantity import number
from esrbench.report.numbers import alone, fixed, in_unit
from esrbench.results.record import CountsElsewhere, RunRecord

_DECIBELS = 0.02
"""What tools and rounding explain."""

_CONVENTIONS = {
    "fvcore": "MACs",
    "ntire2022": "MACs, counter of 2022",
    "arm": "MACs, counter of ARM",
}
"""How the column of each ``macs_by`` of a manifest is headed."""


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
    """Every published figure that this record may have a measured one for.

    MACs that were counted in a way of their own are held against the same way first, which shows
    whether the network is the same, and then against what is ranked. What was only read is not held
    against itself.
    """
    if is_literature(record):
        return []
    published = record.about.published
    at = published.get("macs_at")
    found: dict[str, Against] = {}
    for column, value in _published(published):
        if not _is_for_an_input(column.key) or _counted_alike(column.key, at, record):
            found[f"{column.heading} {column.label}"] = _against(column, value, record)
        else:  # once, however many ways it could have been held against
            found.setdefault(column.key, _elsewhere(column, value, str(at)))
    return [*found.values()]


def _counted_alike(key: str, macs_at: object, record: RunRecord) -> bool:
    """Whether there is a count for the input that the published one is for; of MACs alone there
    may be one at an input of its own."""
    counted = record.complexity
    if macs_at is None or counted is None:
        return True
    if counted_alike(str(macs_at), counted.input_shape, record.scale):
        return True
    return key == "macs" and _count_elsewhere(macs_at, record) is not None


def _count_elsewhere(macs_at: object, record: RunRecord) -> CountsElsewhere | None:
    other = record.complexity.as_published if record.complexity else None
    alike = other is not None and counted_alike(str(macs_at), other.input_shape, record.scale)
    return other if alike else None


def _is_of_a_device(key: str) -> bool:
    """What a paper measured on a machine of its own is shown, but not held against this one."""
    return key in COSTS and COSTS[key].of_device


def _is_for_an_input(key: str) -> bool:
    """What only counts at one size may be held against each other."""
    return key in COSTS and COSTS[key].of_input and not COSTS[key].of_device


def _elsewhere(column: Column, published: float, macs_at: str) -> Against:
    """What was counted at another size: shown, and not held against this one."""
    printed = alone(column, published)
    return Against(f"{column.heading} ({column.unit})", printed, "", f"for {macs_at}")


def _published(published: Mapping[str, object]) -> Iterator[tuple[Column, float]]:
    by_key = {key: [cost_column(cost)] for key, cost in COSTS.items()}
    ways = dict.fromkeys([str(published.get("macs_by", "fvcore")), "fvcore"])
    by_key["macs"] = [_macs(way, published.get("macs_at")) for way in ways]
    for key, value in published.items():
        figure = number(value)
        if figure is not None:
            yield from ((column, figure) for column in by_key.get(key, []))
    quality = published.get("quality")
    for dataset, metrics in quality.items() if isinstance(quality, dict) else ():
        for metric, value in metrics.items() if isinstance(metrics, dict) else ():
            figure = number(value)
            if figure is not None:
                yield quality_column(str(dataset), str(metric)), figure


def _macs(way: str, macs_at: object) -> Column:
    """MACs as ``way`` (``macs_by``) counts them, at the published figure's input.

    ``fvcore`` is what papers print unless they say otherwise, whatever a second counter says.
    """

    def value(record: RunRecord) -> float | None:
        other = _count_elsewhere(macs_at, record)
        if way == "fvcore" and other is None:
            return number(record.macs)
        return number(getattr(other or record.complexity, f"macs_{way}", None))

    return replace(cost_column(COSTS["macs"]), heading=_CONVENTIONS.get(way, "MACs"), value=value)


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
