"""What a network whose work is not always the same spent on each image, as lines with bars: MACs,
and milliseconds."""

from __future__ import annotations

from dataclasses import dataclass

from esrbench.results.record import RunRecord


@dataclass(frozen=True)
class Line:
    """One image, probe, draw or bound."""

    name: str
    macs: int
    part: float
    """Of the most there is, for the bar's length."""
    tone: str = ""
    """``lit`` for what the mean is over; the others only widen the range."""


@dataclass(frozen=True)
class SpendingTable:
    """All of them, the dearest first, with what the mean is over."""

    over: str
    mean: float
    size: str
    lines: tuple[Line, ...]


_BOUNDS = {"most": "No image costs more than", "least": "No image costs less than"}
_PROBES = {"noise", "zeros", "ones", "photograph 1", "photograph 2"}


def spending_table(record: RunRecord) -> SpendingTable | None:
    """None where every forward costs the same, or nothing was counted."""
    spread, counted = record.count_spread, record.complexity
    if spread is None or counted is None:
        return None
    found = {name: spent["macs"] for name, spent in spread.by_input.items()}
    longest = max([*found.values(), *spread.bounds.values(), 1])
    lines = [
        Line(name, macs, macs / longest, "" if name in _PROBES else "lit")
        for name, macs in sorted(found.items(), key=lambda pair: -pair[1])
    ]
    bounds = {
        name: Line(_BOUNDS[name], macs, macs / longest) for name, macs in spread.bounds.items()
    }
    first, last = bounds.get("most"), bounds.get("least")
    return SpendingTable(
        over=f"the images of {spread.dataset}" if spread.dataset else "draws",
        mean=spread.macs.mean,
        size="×".join(str(side) for side in counted.input_shape[2:]),
        lines=tuple(line for line in (first, *lines, last) if line is not None),
    )


@dataclass(frozen=True)
class Took:
    """The median of one photograph's calls."""

    name: str
    ms: float
    part: float
    """Of the slowest, for the bar's length."""


def times_by_image(record: RunRecord) -> tuple[Took, ...]:
    """Of the photographs that were timed, the slowest first; none where all took the same."""
    found = record.runtime_ms.by_image_ms if record.runtime_ms else {}
    longest = max(found.values(), default=1.0)
    slowest_first = sorted(found.items(), key=lambda pair: -pair[1])
    return tuple(Took(f"photograph {name}", ms, ms / longest) for name, ms in slowest_first)
