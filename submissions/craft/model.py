"""CRAFT through spandrel, which has the network; `pip install 'esrbench[spandrel]'`.

Range [0, 1].
"""

from torch import nn

try:
    from spandrel.architectures.CRAFT import CRAFT
except ModuleNotFoundError as why:
    raise ModuleNotFoundError(
        "CRAFT is built by spandrel: pip install 'esrbench[spandrel]'"
    ) from why


def build(scale: int = 4) -> nn.Module:
    return CRAFT(
        window_size=16,
        embed_dim=48,
        depths=[2, 2, 2, 2],
        num_heads=[6, 6, 6, 6],
        split_size_0=4,
        split_size_1=16,
        mlp_ratio=2.0,
        upscale=scale,
    )
