"""A record in a few lines, for the terminal."""

from __future__ import annotations

import math
from pathlib import Path

from esrbench.results.record import RunRecord, Runtime

_TELLS_NOTHING = 4.0
"""An interval that reaches this many times the ratio is not worth printing."""
_DIGITS = {"psnr": 2, "ssim": 4, "lpips": 4}


def summary(record: RunRecord, path: Path) -> str:
    """What a person wants to know when a run is over; figures that are missing say why."""
    lines = [f"{record.label} x{record.scale}  {record.protocol}  {record.device}"]
    if record.status != "ok":
        lines.append(f"  {record.status.upper()}: {record.reason}")
    for dataset, means in record.quality.items():
        figures = [f"{figure_name(key)} {figure(key, value)}" for key, value in means.items()]
        lines.append(f"  {dataset:<10}  {'  '.join(figures)}")
    if record.weights_status == "missing":
        lines.append(f"  quality     not measured: {record.reason}")
    lines.extend(_cost(record))
    if record.runtime_ms is not None:
        lines.append(f"  runtime     {_runtime(record.runtime_ms)}")
    shown = {key: why for key, why in record.missing.items() if record.weights_status != "missing"}
    lines.extend(f"  empty       {key}: {why}" for key, why in shown.items())
    if record.flags:
        lines.append(f"  flags       {', '.join(record.flags)}")
    notes = [
        f"{dataset}/{image.name}: {note}"
        for dataset, images in record.images.items()
        for image in images
        for note in image.notes
    ]
    lines.extend(f"  look        {note}" for note in notes[:3])
    if len(notes) > 3:
        lines.append(f"              ... and {len(notes) - 3} more notes in the record")
    lines.append(f"  record      {path}")
    return "\n".join(lines)


def _cost(record: RunRecord) -> list[str]:
    parts = []
    if record.params is not None:
        parts.append(f"{record.params:,} params")
    if record.macs is not None:
        parts.append(f"{record.macs / 1e9:.4f} GMACs")
    if record.activations is not None:
        parts.append(f"{record.activations / 1e6:.4f} M activations")
    if record.convs is not None:
        parts.append(f"{record.convs} convs")
    if record.peak_memory_bytes is not None:
        parts.append(f"peak {record.peak_memory_bytes / 2**20:.1f} MiB")
    if record.process_memory_bytes is not None:
        parts.append(f"process +{record.process_memory_bytes / 2**20:.1f} MiB")
    shape = record.complexity.input_shape if record.complexity else None
    at = f"  (at {'x'.join(map(str, shape))})" if shape else ""
    return [f"  cost        {', '.join(parts)}{at}"] if parts else []


def _runtime(timed: Runtime) -> str:
    spread = f"{timed.p5:.4g} to {timed.p95:.4g}"
    text = f"{timed.median:.4g} ms at {timed.shape} (p5 to p95: {spread}, {timed.calls} calls)"
    if timed.ratio is None or timed.ratio_low is None or timed.ratio_high is None:
        return text
    text += f"; {timed.ratio:.3f} of {timed.baseline} "
    if timed.ratio_high > _TELLS_NOTHING * timed.ratio:
        return text + "(too few blocks for an interval; give it more --max-seconds)"
    return text + f"(95%: {timed.ratio_low:.3f} to {timed.ratio_high:.3f})"


def figure_name(key: str) -> str:
    """``psnr_y`` as ``PSNR Y``."""
    metric, _, of = key.partition("_")
    return f"{metric.upper()} {of.upper() if of in {'y', 'rgb'} else of}".strip()


def figure(key: str, value: float | None) -> str:
    """A figure as it is shown: rounded, ``inf`` for infinite, ``-`` for none."""
    if value is None:
        return "-"
    if math.isinf(value):
        return "inf"
    return f"{value:.{_DIGITS.get(key.split('_')[0], 4)}f}"


def one_line(record: RunRecord) -> str:
    """A row of a run of many: who, the first quality figure, the runtime, or what went wrong."""
    label = f"  {record.label:<18}"
    if record.status != "ok":
        return f"{label}{record.status}: {record.reason}"
    parts = []
    for means in list(record.quality.values())[:1]:
        for key in ("psnr_y", "psnr_rgb"):
            if means.get(key) is not None:
                parts.append(f"{figure_name(key)} {figure(key, means[key])} dB")
                break
    if record.runtime_ms is not None:
        parts.append(f"{record.runtime_ms.median:.4g} ms")
    if record.weights_status == "missing":
        parts.append(f"no quality: {record.reason}")
    return label + "  ".join(parts)
