"""Each track gives the same image, up to its precision; the counted module is left alone."""

from __future__ import annotations

import threading

import pytest
import torch
from torch import nn

from esrbench.errors import SubmissionError
from esrbench.runner.prepared import prepared
from esrbench.tracks import TRACKS

# track, largest difference to fp32 on values around 1
CLOSE = [("fp32", 0.0), ("tf32", 0.0), ("fp16", 4e-3), ("bf16", 4e-2), ("channels_last", 1e-5)]


@pytest.mark.parametrize(("track", "difference"), CLOSE)
def test_same_image(track: str, difference: float) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 3, 3, padding=1))
    lr = torch.rand(1, 3, 12, 17)
    with torch.no_grad():
        expected = network(lr)
        sr = prepared(network, TRACKS[track])(lr)
    assert sr.dtype == torch.float32
    assert (sr - expected).abs().max() <= difference
    assert all(parameter.dtype == torch.float32 for parameter in network.parameters())


def test_a_module_that_cannot_be_copied() -> None:
    class Locked(nn.Identity):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

    with pytest.raises(SubmissionError, match="cannot be run in float16, as its module cannot be"):
        prepared(Locked(), TRACKS["fp16"])
