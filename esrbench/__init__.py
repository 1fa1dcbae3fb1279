"""Benchmark and leaderboard for efficient image super-resolution.

Importing this package is cheap on purpose: nothing here imports torch. What it offers to Python is
in :mod:`esrbench.api`, described in docs/api.md, and imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_OFFERED = {
    "score": "scoring",
    "evaluate": "networks",
    "complexity": "networks",
    "load_model": "networks",
    "psnr": "images",
    "ssim": "images",
    "lpips": "images",
    "compare": "timing",
    "load_results": "records",
    "table": "records",
    "plot": "records",
    "METRICS": "images",
    "EsrbenchError": "records",
}
"""What a person may use, and the file of ``esrbench/api/`` that it is in."""

if TYPE_CHECKING:
    from esrbench.api.images import METRICS, lpips, psnr, ssim
    from esrbench.api.networks import complexity, evaluate, load_model
    from esrbench.api.records import EsrbenchError, load_results, plot, table
    from esrbench.api.scoring import score
    from esrbench.api.timing import compare

__all__ = [
    "METRICS",
    "EsrbenchError",
    "compare",
    "complexity",
    "evaluate",
    "load_model",
    "load_results",
    "lpips",
    "plot",
    "psnr",
    "score",
    "ssim",
    "table",
]


def __getattr__(name: str) -> Any:
    """Import what is offered when it is used, and remember it."""
    if name not in _OFFERED:
        raise AttributeError(f"module 'esrbench' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"esrbench.api.{_OFFERED[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
