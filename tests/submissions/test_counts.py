"""Parameters at every scale, MACs and activations at 1x3x256x256, against the authors' own code."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn

from .build import untrained
from .table import ROWS, Row

INPUT = (1, 3, 256, 256)
QUICK_PARAMS = 400_000
"""Larger networks take seconds each and are marked slow."""


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_params(row: Row) -> None:
    model = untrained(row.submission, row.scale)
    assert sum(p.numel() for p in model.parameters()) == row.params


def _gmacs(model: nn.Module) -> float:
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    with torch.no_grad():
        analysis = FlopCountAnalysis(model, torch.rand(INPUT))
        return float(analysis.unsupported_ops_warnings(False).total()) / 1e9


def _conv_activations_m(model: nn.Module) -> float:
    total = 0

    def count(_: nn.Module, __: object, output: torch.Tensor) -> None:
        nonlocal total
        total += output.numel()

    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            module.register_forward_hook(count)
    with torch.inference_mode():
        model(torch.rand(INPUT))
    return total / 1e6


def _last_digit(figure: float) -> float:
    """One unit of the last digit the figure is written with: some were cut, not rounded."""
    return 10.0 ** int(Decimal(str(figure)).as_tuple().exponent)


def _slow_if_large(rows: list[Row]) -> list[object]:
    return [
        pytest.param(r, marks=pytest.mark.slow if r.params > QUICK_PARAMS else (), id=str(r))
        for r in rows
    ]


@pytest.mark.parametrize("row", _slow_if_large([r for r in ROWS if r.gmacs is not None]))
def test_macs(row: Row) -> None:
    assert row.gmacs is not None
    measured = _gmacs(untrained(row.submission, row.scale))
    assert measured == pytest.approx(row.gmacs, rel=0, abs=_last_digit(row.gmacs))


@pytest.mark.parametrize("row", _slow_if_large([r for r in ROWS if r.activations_m is not None]))
def test_activations(row: Row) -> None:
    assert row.activations_m is not None
    measured = _conv_activations_m(untrained(row.submission, row.scale))
    assert measured == pytest.approx(row.activations_m, rel=0, abs=_last_digit(row.activations_m))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "channels", "groups", "gmacs"),
    [("seemore/t", 36, 6, 13.586), ("seemore/b", 48, 8, 29.920), ("seemore/l", 48, 16, 57.202)],
)
def test_seemore_macs(label: str, channels: int, groups: int, gmacs: float) -> None:
    """The authors' count lies between the one with the cheapest and with the dearest experts."""
    model = untrained(label)
    for name, parameter in model.named_parameters():
        if "gate.body" in name:
            nn.init.zeros_(parameter)  # all experts equal: the first, of rank 2, is taken
    cheapest = _gmacs(model)
    dearest = cheapest + groups * 3 * channels * (8 - 2) * 256 * 256 / 1e9
    assert cheapest <= gmacs <= dearest
