"""Networks of the luma plane in RGB.

Y of the output is held against the network's own, Cb and Cr against those of the bicubic image by
`esrbench.data.matlab_resize`, all by skimage's YCbCr conversion.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import rgb2ycbcr
from torch import Tensor, nn

from esrbench.errors import SubmissionError
from esrbench.submission.find import find
from esrbench.submission.luma import OnLuma, adapted

from .conftest import WriteSubmission


def _espcn(scale: int = 3, channels: int = 1) -> nn.Module:
    """As PyTorch's tutorial on super-resolution builds it, smaller."""
    torch.manual_seed(0)
    last = nn.Conv2d(8, channels * scale**2, 3, padding=1)
    nn.init.uniform_(last.weight, -0.02, 0.02)
    nn.init.constant_(last.bias, 0.5)
    return nn.Sequential(
        nn.Conv2d(channels, 8, 5, padding=2), nn.ReLU(), last, nn.PixelShuffle(scale)
    )


def _adapted(module: nn.Module, channels: str | None = None, scale: int = 3, data_range: float = 1):
    return adapted(module, channels, scale=scale, data_range=data_range, multiple=1, min_size=1)


def _planes(rgb: Tensor, data_range: float) -> np.ndarray:
    return np.asarray(rgb2ycbcr(rgb[0].permute(1, 2, 0).double().numpy() / data_range))


@pytest.mark.parametrize("data_range", [1.0, 255.0])
@torch.inference_mode()
def test_the_planes(data_range: float) -> None:
    from esrbench.data.matlab_resize import matlab_bicubic_float

    network = _espcn()
    model, said = _adapted(network, data_range=data_range)
    assert "told from its shapes" in (said or "")
    lr = torch.rand(2, 3, 13, 17) * 0.4 + 0.3
    sr = model(lr * data_range)
    assert sr.shape == (2, 3, 39, 51)
    planes = _planes(sr, data_range)
    before = _planes(lr, 1)
    y = torch.from_numpy(before[..., 0])[None, None].float() / 255 * data_range
    own = network(y)[0, 0] / data_range * 255
    np.testing.assert_allclose(planes[..., 0], own.numpy(), atol=2e-3)
    chroma = matlab_bicubic_float(before[..., 1:], 3)
    np.testing.assert_allclose(planes[..., 1:], chroma, atol=2e-3)


class AnyChannels(nn.Module):
    """Filters each plane by itself: it takes RGB as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.rand(9, 1, 3, 3))
        self.up = nn.PixelShuffle(3)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        y = nn.functional.conv2d(x.reshape(n * c, 1, h, w), self.weight, padding=1)
        return self.up(y).reshape(n, c, 3 * h, 3 * w)


def _depthwise() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 3, 3, padding=1, groups=3), nn.Conv2d(3, 27, 1), nn.PixelShuffle(3)
    )


@pytest.mark.parametrize("module", [_espcn(channels=3), _depthwise(), AnyChannels()])
def test_rgb_stays_rgb(module: nn.Module) -> None:
    assert _adapted(module) == (module, None)


def test_a_traced_one_is_told_too() -> None:
    script = torch.jit.trace(_espcn(), torch.rand(1, 1, 8, 9))
    assert isinstance(_adapted(script)[0], OnLuma)


def test_the_manifest_says_it(write_submission: WriteSubmission) -> None:
    assert find(str(write_submission("name: tiny\nchannels: y\n"))).channels == "y"
    with pytest.raises(SubmissionError, match=r"channels: y.*1x1x16x16 into 1x1x48x48"):
        _adapted(_espcn(channels=3), "y")
    assert _adapted(_espcn(), "rgb")[1] is None
    with pytest.raises(SubmissionError, match="'rgb' or 'y'"):
        find(str(write_submission("name: other\nchannels: luma\n", folder="other")))


def test_its_macs_are_the_networks_own() -> None:
    from esrbench.counting.count import count

    model, _ = _adapted(_espcn())
    counted = count(model, torch.rand(1, 3, 8, 8)).as_dict()
    assert counted["macs"] == 64 * (25 * 8 + 9 * 8 * 9)
