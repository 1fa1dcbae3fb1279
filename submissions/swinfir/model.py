"""SwinFIR-T, SwinIR-light with Fourier blocks and larger windows (arXiv 2208.11247). Range [0, 1].

The mean taken off is not that of DIV2K. As in the authors' evaluation the image is made larger by
mirroring it, by a whole window where it is a multiple already: the Fourier transform sees all of
it, so that every pixel depends on the padding.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.3014, 0.3152, 0.3094)
WINDOW, SHIFT = 12, 6
SLOPE = 0.2
APART = -100.0
"""Added between pixels that only the roll brings into one window."""


class WindowAttention(nn.Module):
    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads, self.scale = heads, (channels // heads) ** -0.5
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * WINDOW - 1) ** 2, heads))
        self.register_buffer("relative_position_index", relative_positions())
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """`x` (windows of all images, pixels, C); `mask` (windows of one, pixels, pixels)."""
        count, pixels, _ = x.shape
        qkv = self.qkv(x).reshape(count, pixels, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(dim=0)
        bias = self.relative_position_bias_table[self.relative_position_index.flatten()]
        bias = bias.reshape(pixels, pixels, self.heads).permute(2, 0, 1)
        scores = (q * self.scale) @ k.transpose(2, 3) + bias
        if mask is not None:
            scores = scores.unflatten(0, (-1, mask.shape[0])) + mask[:, None]
            scores = scores.flatten(0, 1)
        return self.proj((scores.softmax(dim=3) @ v).transpose(1, 2).flatten(2))


def relative_positions() -> Tensor:
    """(pixels, pixels): which entry of the table belongs to two pixels of a window."""
    axis = torch.arange(WINDOW)
    y, x = (a.flatten() for a in torch.meshgrid(axis, axis, indexing="ij"))
    dy, dx = (a[:, None] - a[None, :] + WINDOW - 1 for a in (y, x))
    return dy * (2 * WINDOW - 1) + dx


def windows(x: Tensor) -> Tensor:
    """(N, H, W, C) to (N * windows, pixels, C)."""
    n, height, width, c = x.shape
    x = x.reshape(n, height // WINDOW, WINDOW, width // WINDOW, WINDOW, c)
    return x.transpose(2, 3).reshape(-1, WINDOW**2, c)


def from_windows(tokens: Tensor, like: Tensor) -> Tensor:
    """The way back, to the shape of `like`."""
    n, height, width, c = like.shape
    x = tokens.reshape(n, height // WINDOW, width // WINDOW, WINDOW, WINDOW, c)
    return x.transpose(2, 3).reshape(n, height, width, c)


def mask_of(x: Tensor) -> Tensor:
    """(windows, pixels, pixels) for a rolled (N, H, W, C): what the roll brought together."""
    regions = []
    for size in x.shape[1:3]:
        place = torch.arange(size, device=x.device)
        regions.append((place >= size - WINDOW).long() + (place >= size - SHIFT).long())
    region = windows((3 * regions[0][:, None] + regions[1])[None, ..., None])[..., 0]
    return (region[:, None] != region[:, :, None]).to(x.dtype) * APART


class Mlp(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc1 = nn.Linear(channels, 2 * channels)
        self.fc2 = nn.Linear(2 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class SwinBlock(nn.Module):
    def __init__(self, channels: int, heads: int, shifted: bool) -> None:
        super().__init__()
        self.shifted = shifted
        self.norm1, self.norm2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.attn = WindowAttention(channels, heads)
        self.mlp = Mlp(channels)

    def forward(self, x: Tensor) -> Tensor:
        """`x` (N, H, W, C), sides multiples of a window."""
        y, mask = self.norm1(x), None
        if self.shifted:
            y, mask = y.roll((-SHIFT, -SHIFT), dims=(1, 2)), mask_of(x)
        y = from_windows(self.attn(windows(y), mask), x)
        x = x + (y.roll((SHIFT, SHIFT), dims=(1, 2)) if self.shifted else y)
        return x + self.mlp(self.norm2(x))


class FourierUnit(nn.Module):
    """A 1x1 convolution of the spectrum, real and imaginary parts in turn as channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_layer = nn.Conv2d(2 * channels, 2 * channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        spectrum = torch.view_as_real(torch.fft.rfft2(x, norm="ortho"))
        spectrum = spectrum.permute(0, 1, 4, 2, 3).flatten(1, 2)
        spectrum = F.leaky_relu(self.conv_layer(spectrum), SLOPE).unflatten(1, (-1, 2))
        spectrum = torch.view_as_complex(spectrum.permute(0, 1, 3, 4, 2).contiguous())
        return torch.fft.irfft2(spectrum, s=x.shape[2:], norm="ortho")


class Spectral(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.conv1 = nn.Sequential(nn.Conv2d(channels, half, 1), nn.LeakyReLU(SLOPE, inplace=True))
        self.fu = FourierUnit(half)
        self.conv2 = nn.Conv2d(half, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv1(x)
        return self.conv2(x + self.fu(x))


class Spatial(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(
            nn.Conv2d(channels, half, 3, padding=1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Conv2d(half, channels, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x) + x


class SFB(nn.Module):
    """Spatial and frequency block."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.S, self.F = Spatial(channels), Spectral(channels)
        self.fusion = nn.Conv2d(2 * channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.fusion(torch.cat([self.S(x), self.F(x)], dim=1))


class RSTB(nn.Module):
    def __init__(self, channels: int, heads: int, depth: int) -> None:
        super().__init__()
        self.residual_group = nn.Module()
        self.residual_group.blocks = nn.Sequential(
            *(SwinBlock(channels, heads, i % 2 == 1) for i in range(depth))
        )
        self.conv = SFB(channels)

    def forward(self, x: Tensor) -> Tensor:
        """`x` (N, H, W, C)."""
        features = self.residual_group.blocks(x).permute(0, 3, 1, 2)
        return x + self.conv(features).permute(0, 2, 3, 1)


class Embed(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(channels)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1))


class SwinFIR(nn.Module):
    def __init__(self, scale: int, channels: int = 60, heads: int = 6) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("mean", torch.tensor(MEAN).reshape(3, 1, 1), persistent=False)
        self.conv_first = nn.Conv2d(3, channels, 3, padding=1)
        self.patch_embed = Embed(channels)
        self.layers = nn.Sequential(*(RSTB(channels, heads, depth) for depth in (6, 5, 5, 6)))
        self.norm = nn.LayerNorm(channels)
        self.conv_after_body = nn.Conv2d(channels, channels, 3, padding=1)
        self.upsample = nn.Sequential(
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        first = self.conv_first(mirrored(x) - self.mean)
        deep = self.norm(self.layers(self.patch_embed(first))).permute(0, 3, 1, 2)
        sr = self.upsample(self.conv_after_body(deep) + first) + self.mean
        return sr[..., : height * self.scale, : width * self.scale]


def mirrored(x: Tensor) -> Tensor:
    """`x` with one to twelve more rows and columns, the image backwards, its edge included."""
    for axis in (2, 3):
        size = x.shape[axis]
        index = torch.arange((size // WINDOW + 1) * WINDOW, device=x.device) % (2 * size)
        x = x.index_select(axis, torch.minimum(index, 2 * size - 1 - index))
    return x


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The authors' files keep the masks for their training size as well."""
    return {name: value for name, value in state.items() if not name.endswith("attn_mask")}


def build(scale: int = 4) -> nn.Module:
    return SwinFIR(scale)
