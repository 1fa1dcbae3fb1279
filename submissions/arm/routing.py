"""An image in patches, each by the width that pays: the router of ARM.

How many edges a patch has says, by the authors' table, what PSNR each width would reach; the one
taken has the best `factor` x PSNR - cost, with costs as shares of the widest one's.
"""

import torch
from tables import BINS, COST, FIRST, PSNR, STEP
from torch import Tensor, nn
from torch.nn import functional as F

PATCH, STRIDE = 32, 28


def edges(patches: Tensor) -> Tensor:
    """(P,): the mean magnitude of the Laplacian, up to 255, of each grey patch in 256 steps."""
    red, green, blue = (patches * 255).round().clamp(0, 255).to(torch.int32).unbind(dim=1)
    grey = (9798 * red + 19235 * green + 3735 * blue + (1 << 14)) >> 15
    x = F.pad(grey[:, None].to(torch.float32), (1, 1, 1, 1), mode="reflect")
    corners = x[..., :-2, :-2] + x[..., :-2, 2:] + x[..., 2:, :-2] + x[..., 2:, 2:]
    return (2 * corners - 8 * x[..., 1:-1, 1:-1]).abs().clamp(max=255).mean(dim=(1, 2, 3))


class Routed(nn.Module):
    """`net` at several widths, of one set of weights; x4, range [0, 1], RGB.

    `slices` by width: what of each tensor the narrower network has. `branches`: `chosen` by the
    table, or all patches by the `narrowest` (bicubic interpolation) or the `widest`.
    """

    def __init__(
        self, net: nn.Module, slices: dict[int, dict[str, tuple[slice, ...]]], backbone: str,
        factor: float, branches: str,
    ) -> None:  # fmt: skip
        super().__init__()
        self.net, self.slices, self.branches = net, slices, branches
        self.widths = [*PSNR[backbone]]
        psnr = torch.tensor([*PSNR[backbone].values()], dtype=torch.float64)  # (widths, bins)
        cost = torch.tensor([*COST[backbone].values()], dtype=torch.float64)
        best = (factor * psnr - (cost / cost.max())[:, None]).argmax(dim=0)
        self.register_buffer("best", best, persistent=False)  # (bins,)

    def choose(self, patches: Tensor) -> Tensor:
        """(P,): which of `widths` each patch goes to."""
        if self.branches != "chosen":
            one = 0 if self.branches == "narrowest" else len(self.widths) - 1
            return self.best.new_full((len(patches),), one)
        # The nearest centre; of two as near the first, as the authors' search has it.
        where = ((edges(patches) - FIRST) / STEP - 0.5).ceil().clamp(0, BINS - 1)
        return self.best[where.long()]

    def upscaled(self, patches: Tensor, width: int) -> Tensor:
        if width == 0:
            return F.interpolate(patches, scale_factor=4, mode="bicubic", align_corners=False)
        for name, cut in self.slices[width].items():
            owner, _, which = name.rpartition(".")
            if which == "weight":
                self.net.get_submodule(owner).cut = cut
        return self.net(patches)

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        # The authors leave out what remains at the right and at the bottom; here it is filled up
        # to a whole patch by the last row and column, and what that gives is cut off.
        more = [
            max(-(-(side - PATCH) // STRIDE), 0) * STRIDE + PATCH - side for side in (height, width)
        ]
        x = F.pad(x, (0, more[1], 0, more[0]), mode="replicate")
        patches = F.unfold(x, PATCH, stride=STRIDE).transpose(1, 2).reshape(-1, 3, PATCH, PATCH)
        choice = self.choose(patches)
        sr = patches.new_empty((len(patches), 3, 4 * PATCH, 4 * PATCH))
        for branch, channels in enumerate(self.widths):
            mine = (choice == branch).nonzero().flatten()
            if len(mine):
                sr[mine] = self.upscaled(patches[mine], channels)
        sr = (sr.clamp(0, 1) * 255).round() / 255  # each an image of its own before they are joined
        return joined(sr, n, x.shape[2:])[..., : 4 * height, : 4 * width]


def joined(sr: Tensor, n: int, size: torch.Size) -> Tensor:
    """(N, 3, 4 H, 4 W) of SR patches for `n` images of LR `size`: the mean where they overlap."""
    whole = (4 * size[0], 4 * size[1])
    columns = sr.reshape(n, -1, sr[0].numel()).transpose(1, 2)
    once = columns.new_ones((1, *columns.shape[1:]))
    total, times = (F.fold(c, whole, 4 * PATCH, stride=4 * STRIDE) for c in (columns, once))
    return total / times
