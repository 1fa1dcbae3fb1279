"""ETDS as it is trained: a stream of features beside one of the image, three channels wide.

`model.convert_state_dict` turns its checkpoint into the deployed form, which also clamps.
"""

from torch import Tensor, nn
from torch.nn import functional as F


def conv3x3(in_channels: int, out_channels: int) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, padding=1)


def repeating(out_channels: int) -> nn.Conv2d:
    """A convolution that starts by copying channel i // (out / 3): at equal width, the identity."""
    conv = conv3x3(3, out_channels)
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(conv.bias)
    for i in range(out_channels):
        conv.weight.data[i, i * 3 // out_channels, 1, 1] = 1
    return conv


class ETDS(nn.Module):
    def __init__(self, blocks: int, channels: int, scale: int) -> None:
        super().__init__()
        self.scale = scale
        width = channels - 3
        self.conv_first = conv3x3(3, width)
        self.conv_residual_first = repeating(3)
        self.backbone_convs = nn.ModuleList(conv3x3(width, width) for _ in range(blocks))
        self.add_residual_convs = nn.ModuleList(conv3x3(3, width) for _ in range(blocks))
        self.residual_convs = nn.ModuleList(repeating(3) for _ in range(blocks))
        self.conv_last = conv3x3(width, 3 * scale**2)
        self.conv_residual_last = repeating(3 * scale**2)
        for conv in self.add_residual_convs:
            nn.init.zeros_(conv.weight)
            nn.init.zeros_(conv.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.streams(x)[0]

    def streams(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The SR image, not clamped, and the image stream that the auxiliary loss looks at."""
        r = F.relu(self.conv_residual_first(x))
        x = F.relu(self.conv_first(x))
        steps = zip(self.backbone_convs, self.add_residual_convs, self.residual_convs, strict=True)
        for backbone, add_residual, residual in steps:
            x, r = F.relu(backbone(x) + add_residual(r)), F.relu(residual(r))
        out = self.conv_last(x) + self.conv_residual_last(r)
        return F.pixel_shuffle(out, self.scale), r


def build(blocks: int = 4, channels: int = 32, scale: int = 4) -> nn.Module:
    return ETDS(blocks, channels, scale)
