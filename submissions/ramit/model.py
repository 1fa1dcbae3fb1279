"""RAMiT, reciprocal attention mixing transformer (arXiv 2305.11474): RAMiT, RAMiT-1 and slimSR.

Range [0, 1]. Sizes are padded to multiples of 32 by repeating the image backwards, its last row and
column included, as the authors' tester does; their network itself would pad with zeros, which costs
0.6 to 0.9 dB on Set5 x2.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4485, 0.4375, 0.4045)
STD = {
    2: (0.2397, 0.2290, 0.2389),
    3: (0.2373, 0.2265, 0.2367),
    4: (0.2352, 0.2244, 0.2349),
}
WINDOW, HEADS, MULTIPLE = 8, 4, 32
SLOPE = 0.01


class MobiVari1(nn.Module):
    """Depthwise and pointwise convolution, each with a residual."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.residual = channels == out
        self.dw_conv = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.pw_conv = nn.Conv2d(channels, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = F.leaky_relu(self.pw_conv(F.leaky_relu(self.dw_conv(x), SLOPE) + x), SLOPE)
        return y + x if self.residual else y


class MobiVari2(nn.Module):
    """The same behind a grouped expansion; the activation follows the sum, and none is last."""

    def __init__(self, channels: int, out: int, factor: float = 1.2, groups: int = 4) -> None:
        super().__init__()
        self.residual = channels == out
        wide = int(channels * factor)
        wide += groups - wide % groups  # one step more where it is a multiple already
        self.exp_conv = nn.Conv2d(channels, wide, 1, groups=groups)
        self.dw_conv = nn.Conv2d(wide, wide, 3, padding=1, groups=wide)
        self.pw_conv = nn.Conv2d(wide, out, 1)

    def forward(self, x: Tensor) -> Tensor:
        t = F.leaky_relu(self.exp_conv(x), SLOPE)
        y = self.pw_conv(F.leaky_relu(self.dw_conv(t) + t, SLOPE))
        return y + x if self.residual else y


class ChannelNorm(nn.Module):
    """LayerNorm over the channels of each pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def cosine(q: Tensor, k: Tensor, logit_scale: Tensor) -> Tensor:
    """Similarities of the rows of `q` and `k`, times a learned scale of at most 100."""
    scale = logit_scale.clamp(max=math.log(100)).exp()
    return F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1) * scale


class SpatialAttention(nn.Module):
    """Attention among the pixels of a window, for all heads but the last."""

    def __init__(self, channels: int, shift: int) -> None:
        super().__init__()
        heads = HEADS - 1
        self.shift = shift
        self.logit_scale = nn.Parameter(torch.full((heads, 1, 1), math.log(10)))
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * WINDOW - 1) ** 2, heads))
        self.register_buffer("relative_position_index", relative_positions())
        self.proj = nn.Conv2d(channels * heads, channels * heads, 1)

    def forward(self, qkv: Tensor, helper: Tensor | None) -> Tensor:
        """`qkv` (N, heads, 3, C, H, W); `helper` (N, C, H, W) weighs the values."""
        q, k, v = qkv.unbind(dim=2)
        if helper is not None:
            v = v * helper[:, None]
        n, heads, c, height, width = q.shape
        down, right = height // WINDOW, width // WINDOW

        def windows(x: Tensor) -> Tensor:
            """(N * windows, heads, pixels, C)."""
            x = x.roll((-self.shift, -self.shift), dims=(3, 4)) if self.shift else x
            x = x.reshape(n, heads, c, down, WINDOW, right, WINDOW)
            return x.permute(0, 3, 5, 1, 4, 6, 2).reshape(-1, heads, WINDOW**2, c)

        bias = self.relative_position_bias_table[self.relative_position_index.flatten()]
        bias = bias.reshape(WINDOW**2, WINDOW**2, heads).permute(2, 0, 1)
        weights = (cosine(windows(q), windows(k), self.logit_scale) + bias).softmax(dim=-1)
        out = (weights @ windows(v)).reshape(n, down, right, heads, WINDOW, WINDOW, c)
        out = self.proj(out.permute(0, 3, 6, 1, 4, 2, 5).reshape(n, heads * c, height, width))
        return out.roll((self.shift, self.shift), dims=(2, 3)) if self.shift else out


def relative_positions() -> Tensor:
    """(pixels, pixels): which entry of the table belongs to two pixels of a window."""
    axis = torch.arange(WINDOW)
    y, x = (a.flatten() for a in torch.meshgrid(axis, axis, indexing="ij"))
    dy, dx = (a[:, None] - a[None, :] + WINDOW - 1 for a in (y, x))
    return dy * (2 * WINDOW - 1) + dx


class ChannelAttention(nn.Module):
    """Attention among the channels of the last head, over all pixels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.logit_scale = nn.Parameter(torch.full((1, 1, 1), math.log(10)))
        self.proj = nn.Conv2d(channels, channels, 1)

    def forward(self, qkv: Tensor, helper: Tensor | None) -> Tensor:
        """`qkv` (N, 3, C, H, W); the mean over channels of `helper` weighs the values."""
        q, k, v = qkv.unbind(dim=1)
        if helper is not None:
            v = v * helper.mean(dim=1, keepdim=True)
        weights = cosine(q.flatten(2), k.flatten(2), self.logit_scale).softmax(dim=-1)
        return self.proj((weights @ v.flatten(2)).reshape(v.shape))


class QKV(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.qkv(x).unflatten(1, (HEADS, 3, -1))


class FeedForward(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.hidden = nn.Conv2d(channels, 2 * channels, 1)
        self.out = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(F.gelu(self.hidden(x)))


class Block(nn.Module):
    """Spatial and channel attention side by side, each helped by the other's last result."""

    def __init__(self, channels: int, shift: int, mobivari: type[nn.Module]) -> None:
        super().__init__()
        self.qkv_proj = QKV(channels)
        self.sp_attn = SpatialAttention(channels // HEADS, shift)
        self.ch_attn = ChannelAttention(channels // HEADS)
        self.mobivari = mobivari(channels, channels)
        self.norm1, self.norm2 = ChannelNorm(channels), ChannelNorm(channels)
        self.ffn = FeedForward(channels)

    def forward(
        self, x: Tensor, spatial: Tensor | None, channel: Tensor | None
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        qkv = self.qkv_proj(x)
        sp = self.sp_attn(qkv[:, :-1], channel)
        ch = self.ch_attn(qkv[:, -1], spatial)
        mixed = self.mobivari(torch.cat([sp, ch], dim=1))
        x = self.norm1(mixed) + x
        return self.norm2(self.ffn(x)) + x, mixed, sp, ch


class Stage(nn.Module):
    def __init__(self, channels: int, depth: int, mobivari: type[nn.Module]) -> None:
        super().__init__()
        self.blocks = nn.ModuleDict(
            {f"block{i}": Block(channels, i % 2 * WINDOW // 2, mobivari) for i in range(depth)}
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Features, and what the last block's attentions were mixed to."""
        mixed, spatial, channel = x, None, None
        for block in self.blocks.values():
            x, mixed, spatial, channel = block(x, spatial, channel)
        return x, mixed


class Down(nn.Module):
    """Four pixels become channels, in the order of rows."""

    def __init__(self, channels: int, mobivari: type[nn.Module]) -> None:
        super().__init__()
        self.norm = ChannelNorm(4 * channels)
        self.reduction = mobivari(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        parts = [x[..., i::2, j::2] for i in (0, 1) for j in (0, 1)]
        return self.reduction(self.norm(torch.cat(parts, dim=1)))


class Bottleneck(nn.Module):
    """The three sizes at the size of the first."""

    def __init__(self, channels: int, mobivari: nn.Module) -> None:
        super().__init__()
        self.mobivari, self.norm = mobivari, ChannelNorm(channels)

    def forward(self, shallow: Tensor, features: list[Tensor]) -> Tensor:
        parts = []
        for i, feature in enumerate(features):
            pooled = F.max_pool2d(shallow, 2**i) if i else shallow
            parts.append(F.pixel_shuffle(feature + F.leaky_relu(pooled, SLOPE), 2**i))
        return self.norm(self.mobivari(torch.cat(parts, dim=1)))


class Mix(nn.Module):
    def __init__(self, mobivari: nn.Module) -> None:
        super().__init__()
        self.mobivari = mobivari

    def forward(self, mixed: list[Tensor]) -> Tensor:
        parts = [F.pixel_shuffle(m, r) for m, r in zip(mixed, (1, 2, 4, 1), strict=True)]
        return self.mobivari(torch.cat(parts, dim=1))


class ToTarget(nn.Module):
    def __init__(self, channels: int, scale: int, mobivari: type[nn.Module]) -> None:
        super().__init__()
        self.scale = scale
        self.mobivari = nn.Sequential()
        for i in range(2):
            self.mobivari.add_module(f"mobivari{i}", mobivari(channels, channels))
        self.conv = nn.Conv2d(channels, 3 * scale**2, 3, padding=1)
        self.final_conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.final_conv(F.pixel_shuffle(self.conv(self.mobivari(x)), self.scale))


class Shallow(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class RAMiT(nn.Module):
    def __init__(
        self,
        channels: int,
        depths: tuple[int, ...],
        mobivari: type[nn.Module],
        slim: bool,
        scale: int,
    ) -> None:
        super().__init__()
        d = channels
        self.scale, self.symmetric = scale, True
        wider = {"factor": 2, "groups": 1} if slim else {}
        self.register_buffer("mean", torch.tensor(MEAN).reshape(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD[scale]).reshape(3, 1, 1), persistent=False)
        self.shallow = Shallow(d)
        self.stage1 = Stage(d, depths[0], mobivari)
        self.down1 = Down(d, mobivari)
        self.stage2 = Stage(d, depths[1], mobivari)
        self.down2 = Down(d, mobivari)
        self.stage3 = Stage(d, depths[2], mobivari)
        self.bottleneck = Bottleneck(d, mobivari(d + d // 4 + d // 16, d, **wider))
        self.stage4 = Stage(d, depths[3], mobivari)
        self.attn_mix = Mix(mobivari(2 * d + d // 4 + d // 16, d, **wider))
        self.to_target = ToTarget(d, scale, mobivari)

    def padded(self, x: Tensor) -> Tensor:
        for axis in (2, 3):
            size = x.shape[axis]
            more = -size % MULTIPLE
            if not self.symmetric:
                x = F.pad(x, (0, more) if axis == 3 else (0, 0, 0, more))
                continue
            index = torch.arange(size + more, device=x.device) % (2 * size)
            x = x.index_select(axis, torch.minimum(index, 2 * size - 1 - index))
        return x

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        s = self.shallow((self.padded(x) - self.mean) / self.std)
        o1, a1 = self.stage1(s)
        o2, a2 = self.stage2(self.down1(o1))
        o3, a3 = self.stage3(self.down2(o2))
        o4, a4 = self.stage4(self.bottleneck(s, [o1, o2, o3]))
        sr = self.to_target(o4 * self.attn_mix([a1, a2, a3, a4]) + s)
        return (sr * self.std + self.mean)[..., : height * self.scale, : width * self.scale]


def build(form: str = "ramit-1", scale: int = 4) -> nn.Module:
    if form == "slim":
        return RAMiT(48, (8, 2, 2, 8), MobiVari2, True, scale)
    return RAMiT(64, (6, 4, 4, 6), MobiVari1 if form == "ramit-1" else MobiVari2, False, scale)
