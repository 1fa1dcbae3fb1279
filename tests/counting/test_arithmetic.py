"""The precision a network computes in, by where its MACs are made."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from esrbench.counting.arithmetic import other_arithmetic
from esrbench.counting.forward_pass import arithmetic_of, fake_pass, real_pass

X = torch.rand(1, 3, 8, 8)
CONV_MACS = 3 * 3 * 9 * 8 * 8


class Net(nn.Module):
    """One 3x3 convolution, run as ``how`` says."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.how = how

    def forward(self, x: Tensor) -> Tensor:
        if self.how == "autocast":
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return self.conv(x).float()
        if self.how == "cast weights":
            weight, bias = self.conv.weight.bfloat16(), self.conv.bias.bfloat16()
            return F.conv2d(x.bfloat16(), weight, bias, padding=1).float()
        if self.how == "double":
            return self.conv.double()(x.double()).float()
        if self.how == "integers":
            rows = (x.permute(0, 2, 3, 1).reshape(64, 3) * 127).to(torch.int8)
            padded = F.pad(rows, (0, 13))
            return (padded @ torch.ones(16, 16, dtype=torch.int8)).float()
        return self.conv(x)


@pytest.mark.parametrize(
    ("how", "dtype"),
    [
        ("plain", "float32"),
        ("autocast", "bfloat16"),
        ("cast weights", "bfloat16"),
        ("double", "float64"),
        ("integers", "int8"),
    ],
)
def test_the_operands_tell(how: str, dtype: str) -> None:
    assert list(real_pass(Net(how), X).counts.dtypes) == [dtype]


def test_autocast_shows_on_fake_tensors_and_without_modules() -> None:
    net = Net("autocast")
    assert fake_pass(net, X.shape, X).counts.dtypes == {"bfloat16": CONV_MACS}
    assert arithmetic_of(net, X) == {"bfloat16": CONV_MACS}


def test_a_complex_product_counts_as_its_parts() -> None:
    def net(x: Tensor) -> Tensor:
        spectrum = torch.fft.rfft2(x)[0]
        return torch.fft.irfft2(spectrum @ spectrum.transpose(-1, -2).conj())

    assert set(arithmetic_of(net, X)) == {"float32"}


# MACs by dtype, track -> shares of what is not the track's
SHARES = [
    ({"float32": 100}, "fp32", {}),
    ({"float32": 100}, "tf32", {}),
    ({"float32": 991, "float64": 9}, "fp32", {}),
    ({"float32": 980, "float64": 20}, "fp32", {"float64": 0.02}),
    ({"bfloat16": 100}, "fp32", {"bfloat16": 1.0}),
    ({"bfloat16": 100}, "bf16", {}),
    ({"float32": 50, "float16": 50}, "fp16", {"float32": 0.5}),
    ({"int8": 100}, "channels_last", {"int8": 1.0}),
    ({}, "fp32", {}),
    ({"float32": 1}, "a track of tomorrow", {}),
]


@pytest.mark.parametrize(("macs", "track", "others"), SHARES)
def test_what_is_not_the_tracks(macs: dict[str, int], track: str, others: dict[str, float]) -> None:
    assert other_arithmetic(macs, track) == pytest.approx(others)
