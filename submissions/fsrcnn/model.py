"""FSRCNN (arXiv 1608.00367), d=56, s=12, m=4, in the RGB form trained for ETDS. Range [0, 1]."""

from torch import Tensor, nn


class FSRCNN(nn.Module):
    def __init__(self, d: int, s: int, m: int, scale: int) -> None:
        super().__init__()
        self.first_part = nn.Sequential(nn.Conv2d(3, d, 5, padding=2), nn.PReLU(d))
        shrink = [nn.Conv2d(d, s, 1), nn.PReLU(s)]
        mapping = [(nn.Conv2d(s, s, 3, padding=1), nn.PReLU(s)) for _ in range(m)]
        expand = [nn.Conv2d(s, d, 1), nn.PReLU(d)]
        self.mid_part = nn.Sequential(*shrink, *(x for pair in mapping for x in pair), *expand)
        self.last_part = nn.ConvTranspose2d(
            d, 3, 9, stride=scale, padding=4, output_padding=scale - 1
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.last_part(self.mid_part(self.first_part(x)))


def build(d: int = 56, s: int = 12, m: int = 4, scale: int = 4) -> nn.Module:
    return FSRCNN(d, s, m, scale)
