"""The network of LPIPS v0.1 (Zhang et al. 2018): a backbone cut at its taps, one linear layer each.

Written here, as the ``lpips`` package reaches its backbones through torchvision, which imports
torch's compiler: three seconds for five convolutions, and no figure at all where torchvision was
built for another torch. Figures are the package's to the last bit (tests/metrics/test_lpips.py).
The published linear layers are taken from the package, whose code is not run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from esrbench.errors import UnavailableError

SHIFT, SPREAD = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
"""What an image in [-1, 1] is normalised by, R, G, B."""
_NEVER_ZERO = 1e-10


@dataclass(frozen=True)
class Trunk:
    """One backbone, as far as LPIPS looks into it."""

    layers: Callable[[], list[nn.Module]]
    """Numbered as torchvision numbers its ``features``."""
    taps: tuple[tuple[int, int], ...]
    """The layers after which features are compared, and how many channels these have."""
    linear: str
    """sha256 of the file with the linear layers."""


class Fire(nn.Module):
    """SqueezeNet's block: 1x1 to fewer channels, then 1x1 and 3x3 side by side."""

    def __init__(self, channels: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeezed, 1)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, 2 x expanded, H, W)."""
        x = self.squeeze(x).relu_()
        return torch.cat([self.expand1x1(x).relu_(), self.expand3x3(x).relu_()], 1)


def _alex() -> list[nn.Module]:
    return [
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    ]  # fmt: skip


def _vgg() -> list[nn.Module]:
    """VGG16."""
    layers: list[nn.Module] = []
    channels = 3
    for stage, (width, depth) in enumerate([(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]):
        layers += [nn.MaxPool2d(2, 2)] if stage else []
        for _ in range(depth):
            layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
            channels = width
    return layers


def _squeeze() -> list[nn.Module]:
    """SqueezeNet 1.1."""

    def pool() -> nn.Module:
        return nn.MaxPool2d(3, 2, ceil_mode=True)

    return [
        nn.Conv2d(3, 64, 3, 2), nn.ReLU(),
        pool(), Fire(64, 16, 64), Fire(128, 16, 64),
        pool(), Fire(128, 32, 128), Fire(256, 32, 128),
        pool(), Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256),
    ]  # fmt: skip


TRUNKS = {
    "alex": Trunk(
        _alex,
        ((1, 64), (4, 192), (7, 384), (9, 256), (11, 256)),
        "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0",
    ),
    "vgg": Trunk(
        _vgg,
        ((3, 64), (8, 128), (15, 256), (22, 512), (29, 512)),
        "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868",
    ),
    "squeeze": Trunk(
        _squeeze,
        ((1, 64), (4, 128), (7, 256), (9, 384), (10, 384), (11, 512), (12, 512)),
        "4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76",
    ),
}


class Lpips(nn.Module):
    """The distance of two images; ``features`` are torchvision's tensors of the backbone ``net``.

    Raises UnavailableError where the linear layers are not at hand.
    """

    shift: Tensor
    spread: Tensor

    def __init__(self, net: str, features: Mapping[str, Tensor]) -> None:
        super().__init__()
        trunk = TRUNKS[net]
        with torch.device("meta"):  # nothing is drawn for tensors that are about to be replaced
            layers = nn.Sequential(*trunk.layers())
            linear = nn.ModuleList(nn.Conv2d(c, 1, 1, bias=False) for _, c in trunk.taps)
        layers.load_state_dict(features, strict=True, assign=True)
        linear.load_state_dict(_linear_layers(net), strict=True, assign=True)
        ends = [tap + 1 for tap, _ in trunk.taps]
        self.slices = nn.ModuleList(
            layers[begin:end] for begin, end in zip([0, *ends], ends, strict=False)
        )
        self.linear = linear
        self.register_buffer("shift", torch.tensor(SHIFT).reshape(1, 3, 1, 1))
        self.register_buffer("spread", torch.tensor(SPREAD).reshape(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, sr: Tensor, hr: Tensor) -> Tensor:
        """(N, 3, H, W) in [-1, 1] each, to the distances (N, 1, 1, 1).

        One slice after the other, so that the features of one alone are in memory.
        """
        one, other = ((image - self.shift) / self.spread for image in (sr, hr))
        found: list[Tensor] = []
        for part, weigh in zip(self.slices, self.linear, strict=True):
            one, other = part(one), part(other)
            apart = (_unit(one) - _unit(other)).square_()
            found.append(weigh(apart).mean([2, 3], keepdim=True))
        return _added(found)


def _unit(features: Tensor) -> Tensor:
    """Each pixel's channels as a vector of length 1."""
    return features / (features.square().sum(1, keepdim=True).sqrt_() + _NEVER_ZERO)


def _added(found: Iterable[Tensor]) -> Tensor:
    """In their order, from nothing: sums of floats depend on both."""
    total = torch.zeros(())
    for each in found:
        total = total.to(each.device) + each
    return total


def _linear_layers(net: str) -> dict[str, Tensor]:
    """Weights of the linear layers by ``0.weight``, of the file that the package comes with."""
    package = find_spec("lpips")
    places = [Path(p) for p in (package and package.submodule_search_locations) or ()]
    files = [place / "weights" / "v0.1" / f"{net}.pth" for place in places]
    for path in (file for file in files if file.is_file()):
        if hashlib.sha256(path.read_bytes()).hexdigest() == TRUNKS[net].linear:
            state = torch.load(path, map_location="cpu", weights_only=True)
            # "lin0.model.1.weight": after a dropout, which is for training alone.
            return {f"{key[3:].split('.')[0]}.weight": tensor for key, tensor in state.items()}
        raise UnavailableError(
            f"{path} does not hold LPIPS's published layers (it has another sha256): "
            "pip install --force-reinstall lpips"
        )
    raise UnavailableError(
        "LPIPS needs the lpips package, for its published linear layers: pip install lpips"
    )
