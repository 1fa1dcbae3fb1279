"""HDSRNet, heterogeneous dynamic convolutional network (arXiv 2402.15704). Range [0, 255].

Two branches see the image, one with dilated and with dynamic convolutions; they are multiplied.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
LAYERS = 16
TEMPERATURE = 40.0
"""Never lowered by the authors' training, and not in the state dict."""


class MeanShift(nn.Conv2d):
    """Adds `sign` times the mean colour of DIV2K; fixed."""

    def __init__(self, sign: int) -> None:
        super().__init__(3, 3, 1)
        self.weight.data.copy_(torch.eye(3).reshape(3, 3, 1, 1))
        self.bias.data.copy_(sign * 255 * torch.tensor(MEAN))
        self.requires_grad_(False)


class KernelAttention(nn.Module):
    """How much of each kernel an image asks for."""

    def __init__(self, channels: int, kernels: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(channels, channels // 4, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels // 4, kernels, 1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        """(N, kernels)."""
        scores = self.net(F.adaptive_avg_pool2d(x, 1)).flatten(1)
        return (scores / TEMPERATURE).softmax(dim=1)


class DynamicConv(nn.Module):
    """A 3x3 convolution whose weights and biases each image mixes from four."""

    def __init__(self, n: int, kernels: int = 4) -> None:
        super().__init__()
        self.attention = KernelAttention(n, kernels)
        self.weight = nn.Parameter(torch.empty(kernels, n, n, 3, 3))
        self.bias = nn.Parameter(torch.zeros(kernels, n))
        for kernel in self.weight:
            nn.init.kaiming_uniform_(kernel)

    def forward(self, x: Tensor) -> Tensor:
        n, c, height, width = x.shape
        shares = self.attention(x)
        weight = (shares @ self.weight.flatten(1)).reshape(n * c, c, 3, 3)
        bias = (shares @ self.bias).flatten()
        # All images of a batch at once, each a group.
        out = F.conv2d(x.reshape(1, n * c, height, width), weight, bias, padding=1, groups=n)
        return out.reshape(n, c, height, width)


class Upper(nn.Module):
    """Plain, dilated and dynamic convolutions in turn; every third is added to the one before."""

    def __init__(self, n: int) -> None:
        super().__init__()
        for i in range(1, LAYERS + 1):
            dilation = 2 if i % 3 == 2 else 1
            conv = nn.Conv2d(
                3 if i == 1 else n, n, 3, padding=dilation, dilation=dilation, bias=False
            )
            layer = DynamicConv(n) if i % 3 == 0 else conv
            self.add_module(f"conv{i}", nn.Sequential(layer, nn.ReLU()))

    def forward(self, x: Tensor) -> Tensor:
        kept = x = self.get_submodule("conv1")(x)
        for i in range(2, LAYERS + 1):
            x = self.get_submodule(f"conv{i}")(x)
            if i % 3 == 1:
                kept = x = x + kept
        return x


class Upsample(nn.Module):
    def __init__(self, n: int, scale: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for step in [2, 2] if scale == 4 else [scale]:
            layers += [nn.Conv2d(n, n * step**2, 3, padding=1), nn.PixelShuffle(step)]
        self.up = nn.Module()
        self.up.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return self.up.body(x)


class HDSRNet(nn.Module):
    def __init__(self, scale: int, n: int = 64) -> None:
        super().__init__()
        self.sub_mean, self.add_mean = MeanShift(-1), MeanShift(1)
        for i in range(1, LAYERS + 1):
            conv = nn.Conv2d(3 if i == 1 else n, n, 3, padding=1, bias=False)
            self.add_module(f"conv{i}", nn.Sequential(conv, nn.ReLU()))
        self.Block = Upper(n)
        self.upsample = Upsample(n, scale)
        self.conv17 = nn.Sequential(nn.Conv2d(n, 3, 3, padding=1, bias=False))

    def lower(self, x: Tensor) -> Tensor:
        """The second half adds what the first half gave, in reverse."""
        first = []
        for i in range(1, LAYERS + 1):
            x = self.get_submodule(f"conv{i}")(x)
            if i <= LAYERS // 2:
                first.append(x)
            else:
                x = x + first.pop()
        return x

    def forward(self, x: Tensor) -> Tensor:
        x = self.sub_mean(x)
        return self.add_mean(self.conv17(self.upsample(self.lower(x) * self.Block(x))))


def build(scale: int = 4) -> nn.Module:
    return HDSRNet(scale)
