"""NL-FFC, non-local fast Fourier convolutions: team 02 of the NTIRE 2022 efficient SR challenge.

Range [0, 255], x4 only. The image is enlarged first, so that everything runs at HR size; the
spectral branch is a real Fourier transform along the height alone.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SLOPE = 0.2
BLOCKS = 9


class GlobalContext(nn.Module):
    """Weighs every pixel by what an attention over all of them finds."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 1, 1)
        self.conv2 = nn.Conv2d(channels, channels, 1)
        self.conv3 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv4 = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        weight = over_pixels(F.relu(self.conv1(x)))
        t = F.leaky_relu(self.conv2(x * weight), SLOPE)
        t = F.leaky_relu(self.conv3(t), SLOPE)
        return x * over_pixels(self.conv4(t))


def over_pixels(x: Tensor) -> Tensor:
    """Softmax over the pixels of each channel."""
    return x.flatten(2).softmax(dim=2).reshape(x.shape)


class Spectral(nn.Module):
    """A 1x1 convolution on the spectrum along the height, real and imaginary parts interleaved."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2 * channels, 2 * channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        spectrum = torch.fft.rfft(x, dim=2, norm="ortho")
        n, c, rows, width = spectrum.shape
        parts = torch.view_as_real(spectrum).permute(0, 1, 4, 2, 3).reshape(n, 2 * c, rows, width)
        parts = F.leaky_relu(self.conv(parts), SLOPE)
        parts = parts.reshape(n, c, 2, rows, width).permute(0, 1, 3, 4, 2).contiguous()
        back = torch.fft.irfft(torch.view_as_complex(parts), n=x.shape[2], dim=2, norm="ortho")
        return back


class FFCU(nn.Module):
    """Half of the channels local, half global; each half hears of the other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.GlobContext = GlobalContext(half)
        self.conv0 = nn.Conv2d(half, half, 1)
        self.conv1 = nn.Conv2d(half, half, 3, padding=1)
        self.conv2 = nn.Conv2d(half, half, 3, padding=1)
        self.SpT = Spectral(half)

    def forward(self, x: Tensor) -> Tensor:
        near, far = x.chunk(2, dim=1)
        local = F.leaky_relu(self.conv1(near), SLOPE) + F.leaky_relu(self.conv2(far), SLOPE)
        return torch.cat([local, self.conv0(self.GlobContext(near)) + self.SpT(far)], dim=1)


class NLFFC(nn.Module):
    def __init__(self, channels: int = 64, scale: int = 4) -> None:
        super().__init__()
        self.scale = scale
        self.c0 = nn.Conv2d(3, channels, 1)
        for i in range(1, BLOCKS + 1):
            self.add_module(f"b{i}", FFCU(channels))
            self.add_module(f"c{i}", nn.Conv2d(channels, channels if i < BLOCKS else 3, 1))

    def step(self, i: int, x: Tensor) -> Tensor:
        return self.get_submodule(f"c{i}")(self.get_submodule(f"b{i}")(x))

    def forward(self, x: Tensor) -> Tensor:
        x = F.interpolate(x, scale_factor=self.scale, mode="bicubic", align_corners=False)
        x2 = self.step(2, self.step(1, self.c0(x)))
        x4 = self.step(4, self.step(3, x2)) + x2
        x7 = self.step(7, self.step(6, self.step(5, x4)))
        return F.relu(self.step(9, self.step(8, x7) + x4))


def build(scale: int = 4) -> nn.Module:
    return NLFFC(scale=scale)
