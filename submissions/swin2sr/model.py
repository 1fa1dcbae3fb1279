"""Swin2SR through spandrel, which has the network; `pip install 'esrbench[spandrel]'`.

Range [0, 1].
"""

from torch import nn

try:
    from spandrel.architectures.Swin2SR import Swin2SR
except ModuleNotFoundError as why:
    raise ModuleNotFoundError(
        "Swin2SR is built by spandrel: pip install 'esrbench[spandrel]'"
    ) from why


def build(form: str = "light", scale: int = 4) -> nn.Module:
    light = form == "light"
    return Swin2SR(
        img_size=64,
        window_size=8,
        embed_dim=60 if light else 180,
        depths=[6] * (4 if light else 6),
        num_heads=[6] * (4 if light else 6),
        mlp_ratio=2.0,
        upscale=scale,
        upsampler="pixelshuffledirect" if light else "pixelshuffle",
    )
