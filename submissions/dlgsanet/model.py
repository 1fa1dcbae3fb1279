"""DLGSANet, dynamic local and global self-attention (arXiv 2301.02031): tiny and light.

Range [0, 1]. Local layers filter each pixel with weights made for it; global ones compare channels
and keep what is positive, instead of a softmax. As in the authors' evaluation, the comparison is
made in overlapping square windows of the size of a training patch, and averaged.
"""

import math
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
WINDOW = {2: 96, 3: 72, 4: 48}
KERNEL, GROUP, HEADS = 7, 6, 6


class Norm(nn.Module):
    """LayerNorm over the channels of each pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.body = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class DynamicDepthwise(nn.Module):
    """A 7x7 depthwise filter of its own for every pixel, shared by groups of six channels."""

    def __init__(self, n: int) -> None:
        super().__init__()
        few = n // 4
        self.conv1 = nn.Sequential(
            nn.Conv2d(n, few, 1),
            nn.Conv2d(few, few, KERNEL, padding=KERNEL // 2, groups=few),
        )
        self.conv2 = nn.Sequential(nn.Conv2d(few, KERNEL**2 * n // GROUP, 1))

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        # (N, groups, taps, 1, H, W) and (N, groups, channels of a group, H, W)
        weights = self.conv2(self.conv1(x)).unflatten(1, (-1, KERNEL**2, 1))
        padded = F.pad(x, [KERNEL // 2] * 4).unflatten(1, (-1, GROUP))
        out = torch.zeros_like(x).unflatten(1, (-1, GROUP))
        for tap, (i, j) in enumerate(product(range(KERNEL), repeat=2)):
            out = out + weights[:, :, tap] * padded[..., i : i + height, j : j + width]
        return out.flatten(1, 2)


class LocalBlock(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.conv0 = nn.Conv2d(n, n, 1, bias=False)
        self.conv = DynamicDepthwise(n)
        self.conv1 = nn.Conv2d(n, n, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(self.conv(self.conv0(x)))


class GatedFeedForward(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.project_in = nn.Conv2d(n, 4 * n, 1, bias=False)
        self.dwconv = nn.Conv2d(4 * n, 4 * n, 3, padding=1, groups=4 * n, bias=False)
        self.project_out = nn.Conv2d(2 * n, n, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.dwconv(self.project_in(x)).chunk(2, dim=1)
        return self.project_out(F.gelu(a) * b)


class LocalLayer(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = Norm(n), Norm(n)
        self.IDynamicDWConv = LocalBlock(n)
        self.IDynamic_ffn = GatedFeedForward(n)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.IDynamicDWConv(self.norm1(x))
        return x + self.IDynamic_ffn(self.norm2(x))


class SparseAttention(nn.Module):
    """Attention among channels; what they have in common counts where it is positive."""

    def __init__(self, n: int, window: int) -> None:
        super().__init__()
        self.window = window
        self.temperature = nn.Parameter(torch.ones(HEADS, 1, 1))
        self.qkv = nn.Conv2d(n, 3 * n, 1, bias=False)
        self.qkv_dwconv = nn.Conv2d(3 * n, 3 * n, 3, padding=1, groups=3 * n, bias=False)
        self.project_out = nn.Conv2d(n, n, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        qkv = self.qkv_dwconv(self.qkv(x))
        tops, lefts = (starts(size, self.window) for size in x.shape[2:])
        if len(tops) == len(lefts) == 1:
            return self.project_out(self.attended(qkv))
        total, times = torch.zeros_like(x), torch.zeros_like(x[:1, :1])
        for top, left in product(tops, lefts):
            rows, columns = slice(top, top + self.window), slice(left, left + self.window)
            total[..., rows, columns] += self.attended(qkv[..., rows, columns])
            times[..., rows, columns] += 1
        return self.project_out(total / times)

    def attended(self, qkv: Tensor) -> Tensor:
        q, k, v = qkv.flatten(2).unflatten(1, (3, HEADS, -1)).unbind(dim=1)
        alike = F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1)
        out = F.relu(alike * self.temperature) @ v
        return out.reshape(out.shape[0], -1, *qkv.shape[2:])


def starts(size: int, window: int) -> list[int]:
    """Where windows begin along an axis: as few as cover it, evenly, the last one at its end."""
    if size <= window:
        return [0]
    steps = (size - 1) // window
    step = math.ceil((size - window) / steps - 1e-8)
    return [min(i * step, size - window) for i in range(steps + 1)]


class GlobalLayer(nn.Module):
    def __init__(self, n: int, window: int) -> None:
        super().__init__()
        self.norm3, self.norm4 = Norm(n), Norm(n)
        self.restormer_attn = SparseAttention(n, window)
        self.restormer_ffn = GatedFeedForward(n)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.restormer_attn(self.norm3(x))
        return x + self.restormer_ffn(self.norm4(x))


class Group(nn.Module):
    def __init__(self, n: int, window: int, pairs: int = 3) -> None:
        super().__init__()
        layers = [layer for _ in range(pairs) for layer in (LocalLayer(n), GlobalLayer(n, window))]
        self.body = nn.Sequential(*layers, nn.Conv2d(n, n, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + x


class Embed(nn.Module):
    def __init__(self, n: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, n, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.proj(x)


class DLGSANet(nn.Module):
    def __init__(self, groups: int, scale: int, n: int = 48) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).reshape(3, 1, 1), persistent=False)
        self.overlap_embed = nn.Sequential(Embed(n))
        self.deep_feature_extraction = nn.Sequential(
            *(Group(n, WINDOW[scale]) for _ in range(groups)), nn.Conv2d(n, n, 3, padding=1)
        )
        self.upsample = nn.Sequential(
            nn.Conv2d(n, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        first = self.overlap_embed(x - self.mean)
        return self.upsample(self.deep_feature_extraction(first) + first) + self.mean


def build(form: str = "tiny", scale: int = 4) -> nn.Module:
    return DLGSANet({"tiny": 3, "light": 4}[form], scale)
