"""A record in a few lines, for the terminal."""

from __future__ import annotations

from pathlib import Path

from esrbench.leaderboard.columns import cost_column
from esrbench.number_of import number_of
from esrbench.printable import printable
from esrbench.quantities.costs import COSTS, keeps_official_count, runtime_ms, statistic_of
from esrbench.quantities.metrics import described, in_order
from esrbench.report.numbers import alone, significant, spent
from esrbench.results.record import RunRecord, Runtime
from esrbench.results.unsteady import unsteady

_TELLS_NOTHING = 4.0
"""An interval that reaches this many times the ratio is not worth printing."""


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
        ms = runtime_ms(record) or 0.0
        lines.append(f"  runtime     {_runtime(record.runtime_ms, statistic_of([record]), ms)}")
    if record.weights_status != "missing":
        lines.extend(f"  empty       {', '.join(keys)}: {why}" for why, keys in _missing(record))
    lines.extend(f"  note        {note}" for note in record.notes)
    lines.extend(f"  differs     {sentence}" for _, sentence in unsteady(record))
    if record.verification is not None:
        told = record.verification
        lines.append(f"  trust       {told.status}: {told.sentence}")
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
        more = number_of(len(notes) - 3, "more note")
        lines.append(f"              ... and {more} in the record")
    lines.append(f"  record      {path}")
    return printable("\n".join(lines), keep="\n")


def _missing(record: RunRecord) -> list[tuple[str, list[str]]]:
    """Each reason with the figures that are empty for it."""
    keys: dict[str, list[str]] = {}
    for key, why in record.missing.items():
        keys.setdefault(why, []).append(key)
    return list(keys.items())


def _cost(record: RunRecord) -> list[str]:
    shape = record.complexity.input_shape if record.complexity else None
    at = f"  (at {'x'.join(map(str, shape))})" if shape else ""
    words = {
        "params": number_of(record.params or 0, "param"),
        "macs": _macs(record),
        "activations": f"{_spent(record, 'activations')} M activations",
        "convs": number_of(record.convs or 0, "conv"),
        "process_memory_bytes": f"process +{_spent(record, 'process_memory_bytes')} MiB",
        "peak_memory_bytes": f"peak {_spent(record, 'peak_memory_bytes')} MiB",
    }
    parts = [text for key, text in words.items() if COSTS[key].value(record) is not None]
    return [f"  cost        {', '.join(parts)}{at}"] if parts else []


def _macs(record: RunRecord) -> str:
    """The figure that is ranked, and the other counter's where the two differ."""
    name = "GFLOPs" if keeps_official_count(record) else "GMACs"
    text = f"{_spent(record, 'macs')} {name}"
    column = cost_column(COSTS["macs"])
    other = column.beside(record)
    if other is not None:
        text += f" ≠ {alone(column, other)} by the other counter"
    return text


def _spent(record: RunRecord, key: str) -> str:
    column = cost_column(COSTS[key])
    return alone(column, column.value(record))


def _runtime(timed: Runtime, name: str, ms: float) -> str:
    spread = f"{significant(timed.p5, 4)} to {significant(timed.p95, 4)}"
    calls = number_of(timed.calls, "call")
    text = f"{name} {significant(ms, 4)} ms at {timed.shape} (p5 to p95: {spread}, {calls})"
    if timed.ratio is None or timed.ratio_low is None or timed.ratio_high is None:
        return text
    text += f"; {spent(timed.ratio, 3)} of {timed.baseline} "
    if timed.ratio_high > _TELLS_NOTHING * timed.ratio:
        return text + "(too few blocks for an interval; give it more --max-seconds)"
    return text + f"(95%: {spent(timed.ratio_low, 3)} to {spent(timed.ratio_high, 3)})"


def figure_name(key: str) -> str:
    """``psnr_y`` as ``PSNR Y``."""
    return described(key).heading


def figure(key: str, value: float | None) -> str:
    """A figure as it is shown: rounded, ``inf`` for infinite, ``-`` for none."""
    if value is None:
        return "-"
    return f"{value:.{described(key).digits}f}"


def one_line(record: RunRecord) -> str:
    """A row of a run of many: who, the first quality figure, the runtime, or what went wrong."""
    label = f"  {record.label:<18}"
    if record.status != "ok":
        return printable(f"{label}{record.status}: {record.reason}")
    parts = []
    for means in list(record.quality.values())[:1]:
        for key in in_order(means):
            if means.get(key) is not None:
                unit = described(key).unit
                parts.append(f"{figure_name(key)} {figure(key, means[key])} {unit}".strip())
                break
    ms = runtime_ms(record)
    if ms is not None:
        parts.append(f"{significant(ms, 4)} ms")
    if record.weights_status == "missing":
        parts.append(f"no quality: {record.reason}")
    return printable(label + "  ".join(parts))
