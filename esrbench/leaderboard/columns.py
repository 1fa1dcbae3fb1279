"""The columns of the leaderboard: one row of a registry each, for tables, plots and exports alike.

A column says how its figure is read from a record, how it is headed and printed, and which way is
better. Values are unrounded and in the record's own unit; ``divisor`` turns them into ``unit``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from esrbench.results.record import RunRecord

Direction = Literal["lower", "higher", ""]
SCORE = "Score"
"""The group of a challenge's scores."""


@dataclass(frozen=True)
class Column:
    """One figure of a record."""

    key: str
    """``params``, ``runtime_ms``, ``Set5.psnr_y``."""
    heading: str
    group: str
    """What it stands under: ``Cost``, ``Runtime``, or the dataset's name."""
    unit: str
    digits: int
    """Decimals; significant digits where ``adaptive``."""
    direction: Direction
    description: str
    value: Callable[[RunRecord], float | None] = field(repr=False)
    """The unrounded figure; None where there is none. Never NaN; may be infinite."""
    divisor: float = 1.0
    figure: str = ""
    """The key under which a record keeps this figure's signature and why it is missing."""
    adaptive: bool = False
    shown: bool = True
    """In the table from the start; the others are a click away."""

    def decimals(self, values: Iterable[float | None]) -> int:
        """The decimals to print ``values`` with, so that they line up.

        Adaptive: ``digits`` significant digits of the typical value, and two of the smallest as
        long as that asks for no more than ``digits`` - 1 decimals.
        """
        if not self.adaptive:
            return self.digits
        finite = sorted(abs(v) / self.divisor for v in values if v and math.isfinite(v))
        typical = finite[len(finite) // 2] if finite else 1.0
        smallest = finite[0] if finite else 1.0
        by_typical = self.digits - 1 - math.floor(math.log10(typical))
        by_smallest = min(self.digits - 1, 1 - math.floor(math.log10(smallest)))
        return max(0, by_typical, by_smallest)


def number(value: object) -> float | None:
    """``value`` as a float; None for what is missing, not a number, or NaN."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if math.isnan(value) else float(value)


def runtime_ms(record: RunRecord) -> float | None:
    """The runtime a row shows: the median; under NTIRE's own timing policy the mean."""
    timed = record.runtime_ms
    if timed is None:
        return None
    return number(timed.mean if timed.policy == "ntire" else timed.median)


def energy_j(record: RunRecord) -> float | None:
    """Joules the device used for one forward, mean over calls; None where it cannot tell."""
    return number(record.runtime_ms.energy_j) if record.runtime_ms else None


def runtime_ratio(record: RunRecord) -> float | None:
    """The paired ratio to the protocol's baseline; below 1 is faster."""
    return number(record.runtime_ms.ratio) if record.runtime_ms else None


COST_COLUMNS: tuple[Column, ...] = (
    Column("params", "Params", "Cost", "K", 1, "lower",
           "Parameters of the deployed model, buffers apart.",
           lambda r: number(r.params), 1e3, "params"),
    Column("macs", "MACs", "Cost", "G", 4, "lower",
           "Multiply-adds of one forward at the protocol's counting input, by fvcore: one "
           "multiply-add counts once (what NTIRE's tables call FLOPs).",
           lambda r: number(r.macs), 1e9, "macs", adaptive=True),
    Column("activations", "Acts", "Cost", "M", 4, "lower",
           "Output elements of all convolutions (NTIRE's definition).",
           lambda r: number(r.activations), 1e6, "activations", adaptive=True),
    Column("convs", "Convs", "Cost", "", 0, "lower", "Calls of convolutions in one forward.",
           lambda r: number(r.convs), 1.0, "convs", shown=False),
    Column("peak_memory_bytes", "Memory", "Cost", "MiB", 4, "lower",
           "Peak memory of one forward, reset after loading; on a CPU the peak of live tensor "
           "bytes.",
           lambda r: number(r.peak_memory_bytes), 2.0**20, "peak_memory_bytes", adaptive=True),
    Column("runtime_ms", "Runtime", "Runtime", "ms", 4, "lower",
           "Median of one forward (under NTIRE's own policy the mean over the images, the first, "
           "cold one included), with the 5th to the 95th percentile of all calls beside it.",
           runtime_ms, 1.0, "runtime_ms", adaptive=True),
    Column("runtime_ratio", "÷ baseline", "Runtime", "", 3, "lower",
           "Paired ratio to the protocol's baseline, measured in the same session, with its 95% "
           "interval; below 1 is faster.",
           runtime_ratio, 1.0, "runtime_ms"),
    Column("energy_j", "Energy", "Runtime", "J", 3, "lower",
           "Energy the device used for one forward, mean over the timed calls; with idle power.",
           energy_j, 1.0, "energy_j", adaptive=True),
)  # fmt: skip
"""What does not depend on a dataset, in the order it is shown."""

METRICS: dict[str, tuple[str, str, int, Direction, str]] = {
    "psnr_y": ("PSNR Y", "dB", 2, "higher", "Peak signal-to-noise ratio of luma (BT.601)."),
    "ssim_y": ("SSIM Y", "", 4, "higher", "Structural similarity of luma."),
    "psnr_rgb": ("PSNR RGB", "dB", 2, "higher", "Peak signal-to-noise ratio over R, G and B."),
    "ssim_rgb": ("SSIM RGB", "", 4, "higher", "Structural similarity over R, G and B."),
    "psnr_y_u8": ("PSNR Y8", "dB", 2, "higher", "PSNR of luma rounded to 8 bits."),
    "ssim_y_u8": ("SSIM Y8", "", 4, "higher", "SSIM of luma rounded to 8 bits."),
    "lpips_alex": ("LPIPS", "", 4, "lower", "Learned perceptual distance, AlexNet backbone."),
    "lpips_vgg": ("LPIPS VGG", "", 4, "lower", "Learned perceptual distance, VGG backbone."),
    "lpips_squeeze": ("LPIPS Sq", "", 4, "lower", "Learned perceptual distance, SqueezeNet."),
    "dists": ("DISTS", "", 4, "lower", "Structure and texture distance."),
    "niqe": ("NIQE", "", 3, "lower", "Naturalness without a reference."),
}
"""Heading, unit, decimals, direction, description. One row adds a metric to every table."""


def quality_column(dataset: str, metric: str, *, shown: bool = True) -> Column:
    """The mean of ``metric`` over ``dataset``; an unregistered metric is headed by its key."""
    heading, unit, digits, direction, description = METRICS.get(
        metric, (metric, "", 4, "", "A metric this esrbench has no description of.")
    )
    return Column(
        f"{dataset}.{metric}", heading, dataset, unit, digits, direction,
        f"{description} Mean over the images of {dataset}.",
        lambda r: number(r.quality.get(dataset, {}).get(metric)), 1.0, metric, shown=shown,
    )  # fmt: skip


def main_colour(spec: dict[str, object]) -> str:
    """``rgb`` or ``y``: what a protocol's first PSNR is measured on (``y`` where none is)."""
    named = spec.get("metrics")
    for key in named if isinstance(named, list | tuple) else ():
        if str(key).startswith("psnr_"):
            return "rgb" if "rgb" in str(key) else "y"
    return "y"


def quality_columns(records: Sequence[RunRecord]) -> list[Column]:
    """A column for each dataset and metric that any record has, in the protocol's order.

    The other colour's PSNR and SSIM start hidden, and so does what no record has a value of.
    """
    spec = records[0].protocol_spec if records else {}
    hidden = {"rgb": "y", "y": "rgb"}[main_colour(spec)]
    datasets = list(dict.fromkeys([d for r in records for d in r.quality]))
    wanted = [str(d) for d in spec.get("datasets", ())]
    datasets.sort(key=lambda d: wanted.index(d) if d in wanted else len(wanted))
    columns = []
    for dataset in datasets:
        seen = {m for r in records for m in r.quality.get(dataset, {})}
        for metric in [*(m for m in METRICS if m in seen), *sorted(seen - set(METRICS))]:
            other = metric.startswith((f"psnr_{hidden}", f"ssim_{hidden}")) or "u8" in metric
            column = quality_column(dataset, metric)
            empty = all(column.value(r) is None for r in records)
            columns.append(replace(column, shown=not other and not empty))
    return columns


def columns_for(records: Sequence[RunRecord]) -> list[Column]:
    """Every column ``records`` of one protocol have a figure for: quality, cost, runtime."""
    flops = any(r.protocol_spec.get("macs_heading") == "FLOPs" for r in records)
    cost = [c for c in COST_COLUMNS if any(c.value(r) is not None for r in records)]
    if flops:
        cost = [_headed_flops(c) if c.key == "macs" else c for c in cost]
    return [*quality_columns(records), *cost]


def find_column(key: str, records: Sequence[RunRecord]) -> Column | None:
    """The column called ``key`` among those of ``records``, or a cost column without figures."""
    known = {c.key: c for c in (*COST_COLUMNS, *columns_for(records))}
    return known.get(key)


def _headed_flops(column: Column) -> Column:
    return replace(column, heading="FLOPs")
