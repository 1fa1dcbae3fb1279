"""SRFormer-light through spandrel_extra_arches, which has the network; range [0, 1].

`pip install 'esrbench[spandrel-extra]'`. Sizes as the options of the authors' repository have them.
"""

from torch import nn

try:
    from spandrel_extra_arches.architectures.SRFormer import SRFormer
except ModuleNotFoundError as why:
    raise ModuleNotFoundError(
        "SRFormer is built by spandrel_extra_arches: pip install 'esrbench[spandrel-extra]'"
    ) from why


def build(scale: int = 4) -> nn.Module:
    return SRFormer(
        img_size=64,
        window_size=16,
        embed_dim=60,
        depths=[6] * 4,
        num_heads=[6] * 4,
        mlp_ratio=2.0,
        upscale=scale,
        upsampler="pixelshuffledirect",
    )
