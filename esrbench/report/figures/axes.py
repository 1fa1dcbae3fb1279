"""What may stand on an axis, by the words a person types."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.columns import COST_COLUMNS, Column, main_colour, quality_column
from esrbench.results.record import RunRecord

COSTS = {
    "runtime": "runtime_ms",
    "macs": "macs",
    "flops": "macs",
    "params": "params",
    "activations": "activations",
    "memory": "peak_memory_bytes",
    "energy": "energy_j",
    "ratio": "runtime_ratio",
}
QUALITIES = ("psnr", "ssim", "lpips", "psnr_y", "psnr_rgb", "ssim_y", "ssim_rgb", "lpips_alex")


@dataclass(frozen=True)
class Axis:
    """One figure and its words."""

    column: Column
    label: str

    def of(self, record: RunRecord) -> float | None:
        """The figure in the axis's unit; None where it is missing or infinite."""
        value = self.column.value(record)
        if value is None or not math.isfinite(value):
            return None
        return value / self.column.divisor


def cost_axis(word: str, records: Sequence[RunRecord]) -> Axis:
    """The axis of one of ``COSTS``; raises UsageError for another word."""
    if word not in COSTS:
        raise UsageError(f"There is no cost {word!r}{nearest(word, COSTS)}")
    column = next(c for c in COST_COLUMNS if c.key == COSTS[word])
    name = {"macs": "MACs", "flops": "FLOPs", "activations": "Activations"}.get(
        word, column.heading
    )
    if word in {"runtime", "energy"}:
        name += _at_size({r.runtime_ms.shape for r in records if r.runtime_ms})
    return Axis(column, f"{name} [{column.unit}]" if column.unit else f"Runtime {name}")


def _at_size(shapes: set[str]) -> str:
    """`` at 256×256`` where all were timed at one size."""
    only = shapes.pop() if len(shapes) == 1 else ""
    if only == "mixed":
        return ", mean over images"
    return f" at {only.replace('x', '×')}" if only else ""


def quality_axis(word: str, dataset: str | None, records: Sequence[RunRecord]) -> Axis:
    """The axis of a metric on ``dataset``; None takes the one the protocol ranks by, else the
    first that has figures. ``psnr`` and ``ssim`` mean the protocol's own colour."""
    if word not in QUALITIES and not any(word in q for r in records for q in r.quality.values()):
        raise UsageError(f"There is no metric {word!r}{nearest(word, QUALITIES)}")
    spec = records[0].protocol_spec if records else {}
    metric = {"psnr": f"psnr_{main_colour(spec)}", "ssim": f"ssim_{main_colour(spec)}",
              "lpips": "lpips_alex"}.get(word, word)  # fmt: skip
    scored = list(dict.fromkeys(d for r in records for d in r.quality))
    if dataset is None:
        rank_by = spec.get("rank_by") or {}
        wanted = [rank_by.get("dataset"), *spec.get("datasets", ())]
        dataset = next((str(d) for d in wanted if d in scored), scored[0] if scored else "")
    elif dataset not in scored:
        raise UsageError(f"No record has figures on {dataset!r}{nearest(dataset, scored)}")
    column = quality_column(dataset, metric)
    unit = f" [{column.unit}]" if column.unit else ""
    return Axis(column, f"{column.heading} on {dataset}{unit}" if dataset else column.heading)
