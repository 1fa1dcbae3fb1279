"""IPT through spandrel, which has the network; `pip install 'esrbench[spandrel]'`. Range [0, 255].

It takes patches of 48 pixels: as in its authors' evaluation an image is cut into overlapping ones.
"""

import torch
from torch import Tensor, nn

try:
    from spandrel.architectures.IPT import IPT, Model
except ModuleNotFoundError as why:
    raise ModuleNotFoundError("IPT is built by spandrel: pip install 'esrbench[spandrel]'") from why


class Chopped(nn.Module):
    """The network over the patches of an image, put together again."""

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.net = IPT(scale=[scale])

    def forward(self, x: Tensor) -> Tensor:
        # One image at a time: the cutting is for one. `Model` is no module and has no `__call__`.
        whole = Model(self.net)
        return torch.cat([whole.forward(image[None], 0) for image in x])


def convert_state_dict(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The authors' names are those of the network inside."""
    inside = all(name.startswith("net.") for name in state)
    return state if inside else {f"net.{name}": value for name, value in state.items()}


def build(scale: int = 4) -> nn.Module:
    return Chopped(scale)
