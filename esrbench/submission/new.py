"""`esrbench new NAME`: a submission that scores as it stands, for its author to fill in."""

from __future__ import annotations

from pathlib import Path

from esrbench.errors import UnavailableError, UsageError
from esrbench.submission.manifest import checked_name

_MANIFEST = """\
# What esrbench reads of your submission. Only `name` is needed; unknown keys are refused.
name: {name}
title: {name}
# authors: A. Author, B. Author
# year: 2025
# paper: https://arxiv.org/abs/...
# code: https://github.com/...
# licence: MIT

scale: 4                # or a list, [2, 3, 4]; build(scale=...) is then called with one of them
data_range: 1.0         # input and output in [0, 1.0]; or 255.0
# multiple: 8           # the harness pads height and width to a multiple of this, and crops
# min_size: 16          # and to at least this many pixels
# precision: fp32       # what the network computes in; input and output are float32 all the same
# entry_point: model:build
build: {{channels: 16}}   # keyword arguments of build()

# Once you have trained it, put the checkpoint beside this file:
# weights: {{file: weights.safetensors}}
# or say where it is to be had, so that others need not keep it:
# weights: {{url: https://..., sha256: ..., licence: MIT}}

# Figures of your paper, by scale, to stand beside the measured ones:
# published:
#   4: {{params: 150000, quality: {{Set5: {{psnr_y: 31.74, ssim_y: 0.8897}}}}}}
"""

_MODEL = '''\
"""{name}: each pixel repeated, plus a small network that learns what is missing from it."""

from torch import Tensor, nn
from torch.nn import functional as F


class Network(nn.Module):
    """(N, 3, H, W) RGB in [0, 1] to (N, 3, H*scale, W*scale)."""

    def __init__(self, channels: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        self.refine = nn.Sequential(
            nn.Conv2d(3, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1),
            nn.PixelShuffle(scale),
        )
        # Untrained, the refinement is zero and the network repeats pixels.
        last = self.refine[-2]
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def forward(self, x: Tensor) -> Tensor:
        base = F.interpolate(x, scale_factor=self.scale, mode="nearest")
        return base + self.refine(x)


def build(channels: int = 16, scale: int = 4) -> nn.Module:
    """The network in its deployed form; the harness loads the weights and sets eval mode."""
    return Network(channels, scale)
'''


def write_new(name: str, folder: Path) -> Path:
    """Write the submission ``name`` as a folder of that name inside ``folder``; return its path.

    It needs no weights and scores as repeated pixels until it is trained.

    Raises UsageError when the name cannot be one or is taken, UnavailableError when it cannot be
    written.
    """
    try:
        checked_name(name)
    except ValueError as why:
        raise UsageError(f"{why}.") from None
    path = folder / name
    try:
        path.mkdir(parents=True)
        (path / "submission.yaml").write_text(_MANIFEST.format(name=name), encoding="utf-8")
        (path / "model.py").write_text(_MODEL.format(name=name), encoding="utf-8")
    except FileExistsError:
        raise UsageError(f"{path} is there already; choose another name or remove it.") from None
    except OSError as why:
        raise UnavailableError(f"{path} cannot be written: {why.strerror}.") from None
    return path
