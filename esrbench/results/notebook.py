"""A record as a notebook shows it: a small table, every text of a submission escaped."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Protocol

from esrbench.results.timed import Runtime

_UNITS = {
    "params": ("params", 1e3, "K"),
    "macs": ("MACs", 1e9, "G"),
    "activations": ("activations", 1e6, "M"),
    "peak_memory_bytes": ("peak memory", 2**20, "MiB"),
}


class Shown(Protocol):
    """What of a record is in the table."""

    scale: int
    protocol: str
    device: str
    reason: str | None
    runtime_ms: Runtime | None

    @property
    def label(self) -> str:
        """The name as it is shown."""

    @property
    def status(self) -> str:
        """``ok``, ``rejected`` or ``failed``."""

    @property
    def quality(self) -> Mapping[str, Mapping[str, float | None]]:
        """Means by dataset and metric."""

    @property
    def missing(self) -> Mapping[str, str]:
        """Why a figure is empty, by its key."""

    @property
    def flags(self) -> Sequence[str]:
        """What a reader must know of."""


def as_html(record: Shown) -> str:
    """``record`` in one table: quality by dataset, costs, runtime; what is empty says why."""
    rows = [
        (name, "; ".join(f"{key} {_shown(value)}" for key, value in means.items()))
        for name, means in record.quality.items()
    ]
    for key, (label, unit, letter) in _UNITS.items():
        value = getattr(record, key)
        if value is not None:
            rows.append((label, f"{value / unit:.4g} {letter}"))
    timed = record.runtime_ms
    if timed is not None:
        spread = f"{timed.p5:.4g} to {timed.p95:.4g}"
        told = f"{timed.known_by:.4g} ms at {timed.shape} (p5 to p95: {spread})"
        rows.append((f"{timed.statistic} runtime", told))
    rows += [(f"no {key}", why) for key, why in record.missing.items()]
    if record.reason:
        rows.insert(0, (record.status, record.reason))
    if record.flags:
        rows.append(("flags", ", ".join(record.flags)))
    title = f"{record.label} ×{record.scale}, {record.protocol}, {record.device}"
    body = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:left'>{escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table><caption>{escape(title)}</caption>{body}</table>"


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return "∞" if math.isinf(value) else f"{value:.4f}"
