"""With the official weights, the outputs of the authors' own code, within 1e-5.

golden_outputs.json was made by running that code on a CPU in fp32 on the two inputs below.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from .build import forward, trained
from .table import ROWS, Row

GOLDEN: dict[str, dict[str, Any]] = {
    entry["name"]: entry
    for entry in json.loads((Path(__file__).parent / "golden_outputs.json").read_text())
}


def _smooth() -> Tensor:
    c = torch.arange(3.0).reshape(1, 3, 1, 1)
    y = torch.arange(48.0).reshape(1, 1, 48, 1)
    x = torch.arange(64.0).reshape(1, 1, 1, 64)
    return 0.5 + 0.25 * torch.sin(0.31 * x + 0.7 * c) + 0.25 * torch.cos(0.23 * y - 0.4 * c)


def _mod37() -> Tensor:
    return ((torch.arange(3 * 48 * 64) * 37) % 256).reshape(1, 3, 48, 64) / 255


@pytest.mark.parametrize("row", [row for row in ROWS if row.golden], ids=str)
def test_golden_outputs(row: Row, weights_dir: Path) -> None:
    assert row.golden is not None
    golden = GOLDEN[row.golden]
    submission, model = trained(row.submission, row.scale, weights_dir)
    assert submission.data_range == golden["input_range"]
    for name, lr in (("smooth", _smooth()), ("mod37", _mod37())):
        sr = forward(model, lr * submission.data_range).double() / submission.data_range
        measured = {
            "mean": sr.mean().item(),
            "std": sr.std(correction=0).item(),
            "min": sr.min().item(),
            "max": sr.max().item(),
            **{index: sr.flatten()[int(index)].item() for index in golden[name]["at"]},
        }
        expected = {k: v for k, v in golden[name].items() if k != "at"} | golden[name]["at"]
        assert measured == pytest.approx(expected, abs=1e-5, rel=0)
