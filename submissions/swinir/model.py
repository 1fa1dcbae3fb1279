"""SwinIR through spandrel, which has the network; `pip install 'esrbench[spandrel]'`.

Range [0, 1].
"""

from torch import nn

try:
    from spandrel.architectures.SwinIR import SwinIR
except ModuleNotFoundError as why:
    raise ModuleNotFoundError(
        "SwinIR is built by spandrel: pip install 'esrbench[spandrel]'"
    ) from why


def build(form: str = "light", scale: int = 4) -> nn.Module:
    """`light`, or `classic` (trained on 64x64 patches of DF2K)."""
    light = form == "light"
    return SwinIR(
        img_size=64,
        window_size=8,
        embed_dim=60 if light else 180,
        depths=[6] * (4 if light else 6),
        num_heads=[6] * (4 if light else 6),
        mlp_ratio=2.0,
        upscale=scale,
        upsampler="pixelshuffledirect" if light else "pixelshuffle",
    )
