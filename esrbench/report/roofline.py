"""A runtime held against the device's ceilings: the sentence, the bars and the plots' points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esrbench.quantities.quantity import number
from esrbench.report.layers import Layer, layers_of, work_of
from esrbench.report.numbers import significant
from esrbench.results.record import RunRecord

_HELD_BY = {
    "arithmetic": "arithmetic",
    "memory": "memory traffic",
    "launches": "starting operators",
}


@dataclass(frozen=True)
class Bar:
    """One time beside the others."""

    name: str
    ms: float
    part: float
    """Of the longest bar, 0 to 1."""
    meaning: str
    tone: str = ""
    """``lit`` for the measured one, ``held`` for what binds."""


@dataclass(frozen=True)
class Roofline:
    """What the page says of one record's runtime."""

    sentence: str
    impossible: bool
    bars: tuple[Bar, ...]
    plot: RoofPlot | None
    """Ceilings and points for the plot; None where no layer does arithmetic."""


@dataclass(frozen=True)
class LayerPoint:
    """One layer in the roofline plot."""

    name: str
    at: tuple[float, float]
    """MACs per byte, MACs per second."""
    share: float
    """Of the time of all layers."""


@dataclass(frozen=True)
class RoofPlot:
    """What the roofline plot of one record shows."""

    ceilings: Ceilings
    whole: tuple[float, float]
    """MACs per byte and MACs per second of the whole forward."""
    layers: tuple[LayerPoint, ...]

    def as_json(self) -> dict[str, object]:
        """For the page's scripts."""
        layers = [{"name": x.name, "at": x.at, "share": x.share} for x in self.layers]
        return {"ceilings": self.ceilings.as_json(), "whole": self.whole, "layers": layers}


@dataclass(frozen=True)
class Ceilings:
    """What the device does at best."""

    bytes_per_s: float
    macs_per_s: float
    precision: str

    def as_json(self) -> dict[str, object]:
        """For the page's scripts."""
        return {"bytes": self.bytes_per_s, "macs": self.macs_per_s, "precision": self.precision}


def roofline_of(record: RunRecord) -> Roofline | None:
    """The record's roofline; None where it has none, or lacks one of its figures."""
    facts = _facts(record)
    median = number(record.runtime_ms.median) if record.runtime_ms else None
    names = ("arithmetic_ms", "memory_ms", "launch_ms", "floor_ms", "share")
    figures = {name: value for name in names if (value := number(facts.get(name))) is not None}
    if median is None or not median > 0 or len(figures) < len(names):
        return None
    bound = str(facts.get("bound"))
    impossible = facts.get("impossible") is True
    return Roofline(
        sentence=_sentence(figures, bound, impossible, median),
        impossible=impossible,
        bars=_bars(figures, bound, median),
        plot=_plot(record),
    )


def ceilings_of(record: RunRecord) -> Ceilings | None:
    """The ceilings of the record's device at its precision; None where it has none."""
    given = _facts(record).get("ceilings")
    if not isinstance(given, dict) or not isinstance(given.get("macs_per_s"), dict):
        return None
    rates = given["macs_per_s"]
    precision = record.precision if record.precision in rates else "fp32"
    copy, rate = number(given.get("copy_bytes_per_s")), number(rates.get(precision))
    return Ceilings(copy, rate, precision) if copy and rate else None


def point_of(record: RunRecord) -> tuple[float, float] | None:
    """``(MACs per byte, MACs per second)`` of a whole forward at its median.

    Bytes are what every operator reads and writes. None where it has no layers or does no MACs.
    """
    macs, moved = work_of(record)
    if not macs or not moved or record.runtime_ms is None or not record.runtime_ms.median > 0:
        return None
    return macs / moved, 1e3 * macs / record.runtime_ms.median


def newest_ceilings(records: Sequence[RunRecord]) -> Ceilings | None:
    """Those of the newest of ``records`` that has any: one device, so one roof for all."""
    for record in sorted(records, key=lambda r: r.created, reverse=True):
        found = ceilings_of(record)
        if found is not None:
            return found
    return None


def _facts(record: RunRecord) -> Mapping[str, object]:
    facts = record.complexity.facts.get("roofline") if record.complexity else None
    return facts if isinstance(facts, dict) else {}


def _sentence(f: Mapping[str, float], bound: str, impossible: bool, median: float) -> str:
    held = _HELD_BY.get(bound, bound)
    floor, share = significant(f["floor_ms"], 3), significant(100 * f["share"], 2)
    if impossible:
        return (
            f"This device cannot do the work in less than {floor} ms, and {significant(median, 3)} "
            "ms were measured: either the clock or the count is wrong, so do not believe this row."
        )
    return (
        f"Held back most by {held}. No forward of this network can take less than {floor} ms here; "
        f"it takes {significant(median, 3)} ms, so the device does {share} % of what it could."
    )


def _bars(f: Mapping[str, float], bound: str, median: float) -> tuple[Bar, ...]:
    rows = (
        ("Measured", median, "lit", "The median of one forward."),
        ("Floor", f["floor_ms"], "", "No forward is faster: its MACs at the device's best rate, or "
         "reading weights and LR and writing SR once, whichever takes longer."),
        ("Arithmetic alone", f["arithmetic_ms"], "held" if bound == "arithmetic" else "",
         "Its MACs at the best rate measured on this device."),
        ("Memory alone", f["memory_ms"], "held" if bound == "memory" else "",
         "What each operator reads and writes, at the device's copy bandwidth; operators that are "
         "fused, or that find their input in a cache, need less."),
        ("Launches alone", f["launch_ms"], "held" if bound == "launches" else "",
         "Starting as many operators that do nothing."),
    )  # fmt: skip
    longest = max(ms for _, ms, _, _ in rows)
    return tuple(Bar(name, ms, ms / longest, why, tone) for name, ms, tone, why in rows)


def _plot(record: RunRecord) -> RoofPlot | None:
    ceilings, whole = ceilings_of(record), point_of(record)
    if ceilings is None or whole is None:
        return None
    layers = [layer for layer in layers_of(record) if layer.macs and layer.bytes and layer.ms]
    return RoofPlot(
        ceilings=ceilings,
        whole=(_short(whole[0]), _short(whole[1])),
        layers=tuple(_layer_point(layer) for layer in layers),
    )


def _layer_point(layer: Layer) -> LayerPoint:
    return LayerPoint(
        name=f"{layer.module} {layer.operator}".strip(),
        at=(_short(layer.macs / layer.bytes), _short(1e3 * layer.macs / layer.ms)),
        share=round(layer.share, 4),
    )


def _short(value: float) -> float:
    return float(f"{value:.4g}")
