"""Every metric that can be named; the rows are in ``esrbench.quantities.metrics``."""

from __future__ import annotations

from esrbench.errors import UsageError, nearest
from esrbench.quantities.metrics import METRICS, Metric

__all__ = ["METRICS", "Metric", "row_of"]


def row_of(key: str) -> Metric:
    """The row named ``key``, in either case; raises UsageError that names the nearest one."""
    name = key.lower().replace("-", "_")
    if name not in METRICS:
        raise UsageError(f"There is no metric {key!r}{nearest(name, METRICS)}")
    return METRICS[name]
