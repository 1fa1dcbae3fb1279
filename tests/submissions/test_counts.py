"""Parameters at every scale, MACs and activations at 1x3x256x256, against the authors' own code."""

from __future__ import annotations

import logging
from collections import Counter
from decimal import Decimal

import pytest
import torch
from fvcore.nn import FlopCountAnalysis
from torch import nn

from .build import extra_of, untrained
from .table import ROWS, Row

SIDE = 256
"""Of the input that the authors' figures are for."""
QUICK_PARAMS = 400_000
"""Larger networks take seconds each and are marked slow."""


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(r, marks=pytest.mark.slow if extra_of(r.submission) else (), id=str(r))
        for r in ROWS
    ],
)
def test_params(row: Row) -> None:
    """Without memory for the tensors, but for spandrel's, some of which look at values."""
    with torch.device("cpu" if extra_of(row.submission) else "meta"):
        model = untrained(row.submission, row.scale)
    assert sum(p.numel() for p in model.parameters()) == row.params


def _by_operator(model: nn.Module, side: int) -> Counter[str]:
    """fvcore's multiply-adds of each operator, for one 1x3x`side`x`side` input."""
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    with torch.no_grad():
        analysis = FlopCountAnalysis(model, torch.rand(1, 3, side, side))
        return Counter(analysis.unsupported_ops_warnings(False).by_operator())


def _gmacs(model: nn.Module, side: int = SIDE) -> float:
    return _by_operator(model, side).total() / 1e9


def _conv_activations_m(model: nn.Module, side: int) -> float:
    total = 0

    def count(_: nn.Module, __: object, output: torch.Tensor) -> None:
        nonlocal total
        total += output.numel()

    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            module.register_forward_hook(count)
    with torch.inference_mode():
        model(torch.rand(1, 3, side, side))
    return total / 1e6


def _last_digit(figure: float) -> float:
    """One unit of the last digit the figure is written with: some were cut, not rounded."""
    return 10.0 ** int(Decimal(str(figure)).as_tuple().exponent)


MANY_OPERATORS = {"elan", "lamnet"}
"""To trace them takes seconds at any size."""


def _takes_seconds(row: Row) -> bool:
    family = row.submission.split("/")[0]
    size = row.params * (row.counted_at / SIDE) ** 2
    return family in MANY_OPERATORS or size > QUICK_PARAMS


def _slow_if_large(rows: list[Row]) -> list[object]:
    """The first row of each family that is quick every time, the others where time is no matter."""
    seen: set[str] = set()
    cases = []
    for row in rows:
        family = row.submission.split("/")[0]
        slow = _takes_seconds(row) or family in seen
        seen |= set() if slow else {family}
        cases.append(pytest.param(row, marks=pytest.mark.slow if slow else (), id=str(row)))
    return cases


@pytest.mark.quick_cases(8)
@pytest.mark.parametrize("row", _slow_if_large([r for r in ROWS if r.gmacs is not None]))
def test_macs(row: Row) -> None:
    assert row.gmacs is not None
    model, side = untrained(row.submission, row.scale), row.counted_at
    measured = _gmacs(model, side) * (SIDE / side) ** 2
    assert measured == pytest.approx(row.gmacs, rel=0, abs=_last_digit(row.gmacs))


@pytest.mark.quick_cases(4)
@pytest.mark.parametrize("row", _slow_if_large([r for r in ROWS if r.activations_m is not None]))
def test_activations(row: Row) -> None:
    assert row.activations_m is not None
    model, side = untrained(row.submission, row.scale), row.counted_at
    measured = _conv_activations_m(model, side) * (SIDE / side) ** 2
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


@pytest.mark.slow
@pytest.mark.parametrize("side", [16, 32])
def test_esrt_macs(side: int) -> None:
    """Fitted to counts of the authors' network at 32 to 128 pixels: attention is quadratic."""
    pixels = side**2
    macs = 1_018_776 * pixels + 72 * pixels**2 + 3_456
    assert _by_operator(untrained("esrt"), side).total() == macs


@pytest.mark.slow
@pytest.mark.parametrize(("label", "convolutions"), [("tiny", 37.60), ("light", 49.21)])
def test_dlgsanet_macs(label: str, convolutions: float) -> None:
    """The convolutions' at 256x256. The taps of the dynamic filters are 49 a channel and pixel.

    They are multiplied element by element, which no counter sees; the whole is 39.57 and 51.82 G.
    """
    counted = _by_operator(untrained(f"dlgsanet/{label}"), 32)["conv"] * 64 / 1e9
    assert counted == pytest.approx(convolutions, rel=0, abs=0.01)


@pytest.mark.slow
def test_swinfir_macs() -> None:
    """228 pixels are padded to the 240 at which the authors' network was counted."""
    assert _gmacs(untrained("swinfir"), 228) == pytest.approx(73.01, rel=0, abs=0.01)
