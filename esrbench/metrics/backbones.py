"""The ImageNet backbones of LPIPS: a local file, torch's cache, or a checked download.

In that order, and nothing else: a backbone with random weights gives a figure that looks right.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.errors import UnavailableError
from esrbench.metrics.setting import Setting

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Backbone:
    """Where one backbone's weights may lie."""

    checkpoints: tuple[str, ...]
    """torchvision's file names, today's first; each ends in the first 8 digits of its sha256."""
    features: str
    """A state dict of the model's ``features`` alone."""
    layers: int
    """Tensors in ``features``."""
    digest: str | None
    """sha256 over the values of ``features`` in key order; None where none was at hand."""


BACKBONES = {
    "alex": Backbone(
        ("alexnet-owt-7be5be79.pth", "alexnet-owt-4df8aa71.pth"),
        "alexnet_features.pth",
        10,
        "8eed026b364dd02bdf76d6ca5a9bfaa0efb090d22a8b79ad51186269c08605c7",
    ),
    "vgg": Backbone(("vgg16-397923af.pth",), "vgg16_features.pth", 26, None),
    "squeeze": Backbone(
        ("squeezenet1_1-b8a52dc0.pth", "squeezenet1_1-f364aa15.pth"),
        "squeezenet1_1_features.pth",
        50,
        "8f728f13ffc4c9ed6b00faa9362ec13d7d3520652d0a8357047045aba9def764",
    ),
}
SMALLEST = {"alex": 31, "vgg": 16, "squeeze": 17}
"""Side in pixels below which a pooling layer has nothing left."""
_DOWNLOADS = "https://download.pytorch.org/models/"


def load_features(net: str, setting: Setting) -> dict[str, Tensor]:
    """The tensors of torchvision's ``features`` for ``net``, keyed as ``0.weight``.

    Looks in the setting's weights_dir, in its data_root's ``lpips`` folder, then in torch's cache,
    and downloads last, where the setting allows it. Raises UnavailableError where there is none, or
    where a file that is there does not hold what its name says.
    """
    backbone = BACKBONES[net]
    names = (*backbone.checkpoints, backbone.features)
    return _checked(_find(net, names, setting), backbone)


def find_checkpoint(net: str, setting: Setting) -> Path:
    """torchvision's own file for ``net``, checked; looked for and raised as by load_features."""
    path = _find(net, BACKBONES[net].checkpoints, setting)
    _checked(path, BACKBONES[net])
    return path


def torch_cache() -> Path:
    """The folder in which torch keeps the checkpoints that it fetched."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints"


def download(url: str, target: Path, prefix: str, what: str) -> Path:
    """Fetch ``url``; nothing is kept whose sha256 does not begin with ``prefix``."""
    import torch

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(target), prefix, progress=False)
    except (OSError, RuntimeError) as why:
        raise UnavailableError(
            f"{what} has no weights: downloading {url} failed ({why}); put the file into the "
            "weights folder or try again."
        ) from None
    return target


def _find(net: str, names: Sequence[str], setting: Setting) -> Path:
    """The first of ``names`` that is there, or today's checkpoint, downloaded."""
    folders = [f for f in (setting.weights_dir, setting.data_root) if f is not None]
    places = [each for f in folders for each in (f, f / "lpips")]
    for path in (place / name for place in (*places, torch_cache()) for name in names):
        if path.is_file():
            return path
    name = BACKBONES[net].checkpoints[0]
    if setting.offline:
        raise UnavailableError(
            f"The {net} backbone is missing: {name} is neither in the weights folder nor in "
            f"torch's cache, and this run is offline; put {_DOWNLOADS}{name} there."
        )
    prefix = name.rpartition("-")[2].partition(".")[0]
    return download(_DOWNLOADS + name, torch_cache() / name, prefix, f"The {net} backbone")


def _checked(path: Path, backbone: Backbone) -> dict[str, Tensor]:
    """The ``features`` in ``path``, once they have been shown to be the published ones."""
    import torch

    if path.name in backbone.checkpoints:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if not found.startswith(path.stem.rpartition("-")[2]):
            raise UnavailableError(
                f"{path} is not the file its name says (its sha256 begins with {found[:8]}); "
                "delete it and fetch it again."
            )
    try:
        state: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as why:  # torch raises several kinds for a broken file
        reason = (str(why).splitlines() or [type(why).__name__])[0]
        raise UnavailableError(
            f"{path} cannot be read as weights ({reason}); delete it and fetch it again."
        ) from None
    whole = any(key.startswith("features.") for key in state)
    if whole:
        state = {k.removeprefix("features."): v for k, v in state.items() if k[:9] == "features."}
    if path.name == backbone.features and backbone.digest not in (None, digest(state)):
        raise UnavailableError(
            f"{path} does not hold the published weights (their values have another sha256); "
            f"use {_DOWNLOADS}{backbone.checkpoints[0]} instead."
        )
    if len(state) != backbone.layers:
        raise UnavailableError(
            f"{path} holds {len(state)} tensors where {backbone.layers} are expected; "
            f"use {_DOWNLOADS}{backbone.checkpoints[0]} instead."
        )
    return state


def digest(state: dict[str, Tensor]) -> str:
    """sha256 over the names and float32 values of a state dict, in key order."""
    total = hashlib.sha256()
    for key in sorted(state):
        total.update(key.encode())
        total.update(state[key].detach().float().contiguous().numpy().tobytes())
    return total.hexdigest()
