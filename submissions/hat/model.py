"""HAT through spandrel, which has the network; `pip install 'esrbench[spandrel]'`.

Range [0, 1].
"""

from torch import nn

try:
    from spandrel.architectures.HAT import HAT
except ModuleNotFoundError as why:
    raise ModuleNotFoundError("HAT is built by spandrel: pip install 'esrbench[spandrel]'") from why


def build(form: str = "hat", scale: int = 4) -> nn.Module:
    """`hat`, or the smaller `s`."""
    small = form == "s"
    return HAT(
        img_size=64,
        window_size=16,
        embed_dim=144 if small else 180,
        depths=[6] * 6,
        num_heads=[6] * 6,
        compress_ratio=24 if small else 3,
        squeeze_factor=24 if small else 30,
        conv_scale=0.01,
        overlap_ratio=0.5,
        mlp_ratio=2,
        upscale=scale,
        upsampler="pixelshuffle",
    )
