"""Omni-SR through spandrel, which has the network; `pip install 'esrbench[spandrel]'`.

Range [0, 1].
"""

from torch import nn

try:
    from spandrel.architectures.OmniSR import OmniSR
except ModuleNotFoundError as why:
    raise ModuleNotFoundError(
        "Omni-SR is built by spandrel: pip install 'esrbench[spandrel]'"
    ) from why


def build(scale: int = 4) -> nn.Module:
    return OmniSR(
        num_feat=64, block_num=1, pe=True, window_size=8, res_num=5, up_scale=scale, bias=True
    )
