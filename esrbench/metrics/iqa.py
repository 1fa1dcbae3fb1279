"""DISTS (Ding et al. 2020) and NIQE (Mittal et al. 2013) through pyiqa, which is an extra.

pyiqa would fetch its weights unasked and unchecked, so each file is looked for here first and
handed to it: in the setting's weights_dir and data_root, then where pyiqa itself keeps them. Only
what has a checksum is downloaded. pyiqa's licence (PolyForm Noncommercial) is not esrbench's.
"""

from __future__ import annotations

import hashlib
import importlib
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from esrbench.errors import UnavailableError
from esrbench.metrics.backbones import download, find_checkpoint, torch_cache
from esrbench.metrics.lpips_distance import full_precision
from esrbench.metrics.pair import check_pair
from esrbench.metrics.setting import Batch, Measure, Setting

if TYPE_CHECKING:
    from torch import Tensor

_DISTS = "DISTS_weights-f5e65c96.pth"
_NIQE = "niqe_modelparameters.mat"
_RELEASE = "https://github.com/chaofengc/IQA-PyTorch/releases/download/v0.1-weights/"
_SMALLEST = {"dists": 32, "niqe": 192}
"""Side in pixels: VGG's four halvings; and two of NIQE's 96-pixel blocks, for a covariance."""


def open_metric(options: Mapping[str, str], setting: Setting) -> Measure:
    """``options["name"]`` is ``dists`` or ``niqe``.

    Raises UnavailableError where pyiqa or its weights are not at hand.
    """
    name = options["name"]
    model = {"dists": _dists, "niqe": _niqe}[name](setting)

    def measure(batch: Batch) -> list[float]:
        import torch

        check_pair(batch.sr[0], batch.hr[0], 0, smallest=_SMALLEST[name])
        sr, hr = (_unit(image) for image in batch.on(setting.device))
        with torch.inference_mode(), full_precision(sr.device.type):
            each = range(len(batch.sr))
            if name == "niqe":
                return [float(model(sr[i : i + 1])) for i in each]
            return [float(model(sr[i : i + 1], hr[i : i + 1])) for i in each]

    return measure


def _dists(setting: Setting) -> Callable[..., Any]:
    module = _pyiqa("dists_arch", "DISTS")
    weights = _file(_DISTS, setting, "DISTS")
    backbone = find_checkpoint("vgg", setting)
    if backbone.parent != torch_cache():  # the only place from which pyiqa takes it
        torch_cache().mkdir(parents=True, exist_ok=True)
        shutil.copy2(backbone, torch_cache() / backbone.name)
    model = module.DISTS(pretrained_model_path=str(weights))
    ready: Callable[..., Any] = model.eval().to(setting.device)
    return ready


def _niqe(setting: Setting) -> Callable[..., Any]:
    """The model is a mean and a covariance, on Y in studio range as SR papers report it.

    pyiqa's own default is YIQ's Y. MATLAB gives 5.72957338 for baboon (BasicSR's niqe.py records
    it); from that Y pyiqa gives 5.7318, from this one 5.7300.
    """
    module = _pyiqa("niqe_arch", "NIQE")
    weights = _file(_NIQE, setting, "NIQE")
    model = module.NIQE(pretrained_model_path=str(weights), color_space="ycbcr")
    ready: Callable[..., Any] = model.eval().to(setting.device)
    return ready


def _pyiqa(module: str, metric: str) -> Any:
    try:
        return importlib.import_module(f"pyiqa.archs.{module}")
    except Exception as why:  # whatever its many dependencies raise when they are imported
        reason = (str(why).splitlines() or [type(why).__name__])[0]
        raise UnavailableError(
            f"{metric} needs pyiqa, which cannot be imported ({reason}): "
            "pip install 'esrbench[iqa]'"
        ) from None


def _file(name: str, setting: Setting, metric: str) -> Path:
    """The weight file ``name``; one whose name ends in a hash has been checked against it."""
    places = [f for f in (setting.weights_dir, setting.data_root) if f is not None]
    cache = torch_cache().parent / "pyiqa"
    prefix = name.rpartition("-")[2].partition(".")[0] if name.endswith(".pth") else None
    for folder in (*places, cache):
        path = folder / name
        if path.is_file():
            found = hashlib.sha256(path.read_bytes()).hexdigest()
            if prefix and not found.startswith(prefix):
                raise UnavailableError(
                    f"{path} is not the file its name says (its sha256 begins with {found[:8]}); "
                    "delete it and fetch it again."
                )
            return path
    if prefix and not setting.offline:
        return download(_RELEASE + name, cache / name, prefix, metric)
    raise UnavailableError(
        f"{metric} has no weights: {name} is neither in the weights folder nor in {cache}; "
        f"fetch {_RELEASE}{name} there."
    )


def _unit(image: Tensor) -> Tensor:
    """A uint8 batch as float32 (N, 3, H, W) in [0, 1]."""
    import torch

    scaled = image.to(torch.float32) / 255
    return scaled.expand(-1, 3, -1, -1) if scaled.shape[1] == 1 else scaled
