"""ECBSR on Y: what a network for one plane makes of an RGB image.

Y is the network's own output, Cb and Cr are those of the bicubic image, both by skimage's YCbCr
conversion (the one the authors' training code calls).
"""

from __future__ import annotations

import numpy as np
import pytest
import torch
from skimage.color import rgb2ycbcr
from torch import Tensor
from torch.nn import functional as F

from esrbench.submission.find import find
from esrbench.submission.load import converted

from .build import untrained


def _planes(rgb: Tensor) -> np.ndarray:
    """Y, Cb and Cr of one RGB image in [0, 255], `(H, W, 3)`."""
    return np.asarray(rgb2ycbcr(rgb[0].permute(1, 2, 0).double().numpy() / 255))


@pytest.mark.parametrize("scale", [2, 3, 4])
@torch.inference_mode()
def test_the_planes_of_the_output(scale: int) -> None:
    model = untrained("ecbsr/m4c16-y", scale)
    torch.manual_seed(0)
    lr = torch.rand(1, 3, 17, 22) * 255
    sr = _planes(model(lr))
    y = torch.from_numpy(_planes(lr)[..., 0])[None, None].float()
    shortcut = y.expand(-1, scale**2, -1, -1)  # as the authors' code adds it
    own = F.pixel_shuffle(model.backbone(y) + shortcut, scale)[0, 0]
    np.testing.assert_allclose(sr[..., 0], own.numpy(), atol=2e-3)
    bicubic = _planes(F.interpolate(lr, scale_factor=scale, mode="bicubic"))
    np.testing.assert_allclose(sr[..., 1:], bicubic[..., 1:], atol=2e-3)


@torch.inference_mode()
def test_grey_stays_grey() -> None:
    lr = (torch.rand(1, 1, 9, 12) * 255).expand(-1, 3, -1, -1)
    sr = untrained("ecbsr/m4c8-y")(lr)
    torch.testing.assert_close(sr[:, 0], sr[:, 1], rtol=0, atol=1e-3)
    torch.testing.assert_close(sr[:, 0], sr[:, 2], rtol=0, atol=1e-3)


def test_the_authors_own_deployed_names_are_read() -> None:
    """Their PlainSR calls a layer `conv3x3` and `act`, without any other branch."""
    state = untrained("ecbsr/m4c16-y").state_dict()
    named = {"0.weight": "conv3x3.weight", "0.bias": "conv3x3.bias", "1.weight": "act.weight"}
    theirs = {}
    for name, value in state.items():
        backbone, index, rest = name.split(".", 2)
        theirs[f"{backbone}.{index}.{named[rest]}"] = value
    ours = converted(find("ecbsr/m4c16-y").entry_file, theirs, 4)
    assert ours.keys() == state.keys()
    assert all(torch.equal(ours[name], state[name]) for name in state)
