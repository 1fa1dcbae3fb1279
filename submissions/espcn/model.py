"""ESPCN (arXiv 1609.05158) in the RGB form trained for ETDS. Range [0, 1]."""

import torch
from torch import Tensor, nn


class ESPCN(nn.Module):
    def __init__(self, scale: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 5, padding=2)
        self.conv2 = nn.Conv2d(64, 32, 3, padding=1)
        self.conv3 = nn.Conv2d(32, 3 * scale**2, 3, padding=1)
        self.pixel_shuffle = nn.PixelShuffle(scale)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.tanh(self.conv1(x))
        x = torch.tanh(self.conv2(x))
        return torch.sigmoid(self.pixel_shuffle(self.conv3(x)))


def build(scale: int = 4) -> nn.Module:
    return ESPCN(scale)
