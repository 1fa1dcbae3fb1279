"""SMSR, sparse mask super-resolution (arXiv 2006.09603).

Range [0, 255]. Masks over pixels and over channels say where a convolution need not look. What they
leave depends on the image; it is gathered, as in the authors' evaluation, so that nothing else is
computed. `gather=False` computes everything and multiplies by the masks, which gives the same image
for the cost of all of it.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

MEAN = (0.4488, 0.4371, 0.4040)
LAYERS = 4


class MeanShift(nn.Conv2d):
    """Adds `sign` times the mean colour of DIV2K; fixed."""

    def __init__(self, sign: int) -> None:
        super().__init__(3, 3, 1)
        self.weight.data.copy_(torch.eye(3).reshape(3, 3, 1, 1))
        self.bias.data.copy_(sign * 255 * torch.tensor(MEAN))
        self.requires_grad_(False)


class ChannelAttention(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv_du = nn.Sequential(
            nn.Conv2d(channels, channels // 16, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels // 16, channels, 1),
            nn.Sigmoid(),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x * self.conv_du(x.mean(dim=(2, 3), keepdim=True))


class SparseConvolutions(nn.Module):
    """Four convolutions that look at all channels where the mask is one, at the dense ones else."""

    def __init__(self, channels: int, gather: bool) -> None:
        super().__init__()
        self.gather = gather
        self.ch_mask = nn.Parameter(torch.rand(1, channels, LAYERS, 2))
        self.body = nn.ModuleList(
            nn.Conv2d(channels, channels, 3, padding=1, bias=False) for _ in range(LAYERS)
        )
        self.collect = nn.Conv2d(LAYERS * channels, channels, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` (N, C, H, W) features, `mask` (N, 1, H, W) of zeros and ones."""
        kinds = self.ch_mask.softmax(dim=3).round()[0]  # (channels, layers, dense or sparse)
        if self.gather:
            return self.collect(torch.cat(self.gathered(x, mask, kinds[..., 0] > 0), dim=1))
        inputs = torch.ones_like(kinds[:, 0, 0])  # at first all are dense
        outputs = []
        for i, conv in enumerate(self.body):
            dense, sparse = (kinds[:, i, k].reshape(1, -1, 1, 1) for k in (0, 1))
            a = partial(conv.weight, x, inputs > 0)
            b = partial(conv.weight, x, inputs == 0)
            x = F.relu(dense * (a + mask * b) + sparse * mask * (a + b))
            inputs = kinds[:, i, 0]
            outputs.append(x)
        return self.collect(torch.cat(outputs, dim=1))

    def gathered(self, x: Tensor, mask: Tensor, dense: Tensor) -> list[Tensor]:
        """The outputs of the four, each (N, C, H, W); `dense` (C, layers) says which channels are.

        Dense from dense channels as a convolution; all else, at the pixels of the mask alone, as a
        product of matrices.
        """
        where = mask[:, 0].nonzero(as_tuple=True)  # image, row, column
        everything = torch.ones_like(dense[:, 0])
        inputs, outputs = everything, []
        for i, conv in enumerate(self.body):
            kept = dense[:, i]
            y = torch.zeros_like(x)
            if kept.any() and inputs.any():
                weight = conv.weight[kept][:, inputs]
                y[:, kept] = F.conv2d(x[:, inputs], weight, padding=1)
            if len(where[0]):
                for out, of in ((kept, ~inputs), (~kept, everything)):
                    if out.any() and of.any():
                        more = around(x[:, of], where) @ conv.weight[out][:, of].flatten(1).T
                        columns = out.nonzero().flatten()
                        y.permute(0, 2, 3, 1).index_put_(at(where, columns), more, accumulate=True)
            x, inputs = F.relu(y), kept
            outputs.append(x)
        return outputs


Where = tuple[Tensor, Tensor, Tensor]
"""Image, row and column of each of P pixels."""


def around(x: Tensor, where: Where) -> Tensor:
    """(P, 9 C): the 3x3 pixels around each, zero beyond the border, channel by channel."""
    image, row, column = where
    padded = F.pad(x, (1, 1, 1, 1)).permute(0, 2, 3, 1)
    seen = [padded[image, row + dy, column + dx] for dy in range(3) for dx in range(3)]
    return torch.stack(seen, dim=2).flatten(1)


def at(where: Where, channels: Tensor) -> tuple[Tensor, ...]:
    """Index into (N, H, W, C) of some channels of each pixel."""
    return (*(axis[:, None] for axis in where), channels[None])


def partial(weight: Tensor, x: Tensor, channels: Tensor) -> Tensor:
    """The 3x3 convolution of some input `channels` (a mask) of `x` alone."""
    index = channels.nonzero().flatten()
    if index.numel() == 0:
        return x.new_zeros(1)
    return F.conv2d(x.index_select(1, index), weight.index_select(1, index), padding=1)


class SMM(nn.Module):
    """One sparse mask module."""

    def __init__(self, channels: int, gather: bool, everywhere: bool | None) -> None:
        super().__init__()
        self.everywhere = everywhere
        self.spa_mask = nn.Sequential(
            nn.Conv2d(channels, channels // 4, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.AvgPool2d(2),
            nn.Conv2d(channels // 4, channels // 4, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.ConvTranspose2d(channels // 4, 2, 3, stride=2, padding=1, output_padding=1),
        )
        self.body = SparseConvolutions(channels, gather)
        self.ca = ChannelAttention(channels)

    def mask(self, x: Tensor) -> Tensor:
        """(N, 1, H, W): one where all channels are to be computed."""
        scores = self.spa_mask(x)
        if self.everywhere is not None:
            return torch.full_like(scores[:, :1], float(self.everywhere))
        return (scores[:, 1:] > scores[:, :1]).to(x.dtype)

    def forward(self, x: Tensor) -> Tensor:
        return self.ca(self.body(x, self.mask(x))) + x


class SMSR(nn.Module):
    def __init__(
        self, channels: int, modules: int, scale: int, gather: bool, everywhere: bool | None
    ) -> None:
        super().__init__()
        self.scale = scale
        self.sub_mean, self.add_mean = MeanShift(-1), MeanShift(1)
        self.head = nn.Sequential(
            nn.Conv2d(3, channels, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
        )
        self.body = nn.ModuleList(SMM(channels, gather, everywhere) for _ in range(modules))
        self.collect = nn.Sequential(
            nn.Conv2d(modules * channels, channels, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1),
        )
        self.tail = nn.Sequential(
            nn.Conv2d(channels, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale)
        )

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2:]
        # Masks are made at half the size: odd sizes get their last row or column once more.
        x = self.sub_mean(F.pad(x, (0, width % 2, 0, height % 2), mode="replicate"))
        first = y = self.head(x)
        outputs = []
        for module in self.body:
            y = module(y)
            outputs.append(y)
        sr = self.tail(self.collect(torch.cat(outputs, dim=1)) + first)
        sr = sr + F.interpolate(x, scale_factor=self.scale, mode="bicubic", align_corners=False)
        return self.add_mean(sr)[..., : height * self.scale, : width * self.scale]

    @torch.no_grad()
    def kept(self, x: Tensor) -> Tensor:
        """The share of multiply-adds in each module's four convolutions that the masks leave.

        `x` (N, 3, H, W) of even sizes. A dense output channel is computed everywhere from the dense
        input channels, and where the mask is one from all; a sparse one only there.
        """
        y, shares = self.head(self.sub_mean(x)), []
        for module in self.body:
            ones = module.mask(y).mean()
            dense = module.body.ch_mask.softmax(dim=3).round()[0, :, :, 0].mean(dim=0)  # a layer
            inputs = torch.cat([dense.new_ones(1), dense[:-1]])
            share = dense * (inputs + ones * (1 - inputs)) + (1 - dense) * ones
            shares.append(share.mean())
            y = module(y)
        return torch.stack(shares)


def build(
    channels: int = 64,
    modules: int = 5,
    scale: int = 4,
    gather: bool = True,
    everywhere: bool | None = None,
) -> nn.Module:
    """`everywhere` takes the masks to be all ones, or all zeros: what any image can cost."""
    return SMSR(channels, modules, scale, gather, everywhere)
