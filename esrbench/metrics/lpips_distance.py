"""LPIPS (Zhang et al. 2018), v0.1 linear layers.

The whole uint8 RGB image, without a crop border, mapped to [-1, 1]. That is how 0.1692 (AlexNet)
comes out for RCAN on Set5 x4; grey is repeated three times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from threading import RLock
from typing import TYPE_CHECKING

from esrbench.errors import UsageError
from esrbench.metrics.backbones import SMALLEST, load_features
from esrbench.metrics.setting import Batch, Measure, Setting

if TYPE_CHECKING:
    from torch import Tensor

_ALONE = RLock()


def open_metric(options: Mapping[str, str], setting: Setting) -> Measure:
    """LPIPS with the backbone ``options["net"]``: ``alex``, ``vgg`` or ``squeeze``.

    Raises UnavailableError where the backbone or the linear layers are not at hand.
    """
    from esrbench.metrics.lpips_network import Lpips

    net = options["net"]
    model = Lpips(net, load_features(net, setting)).to(setting.device)

    def measure(batch: Batch) -> list[float]:
        import torch

        height, width = batch.hr[0].shape[:2]
        if min(height, width) < SMALLEST[net]:
            raise UsageError(
                f"The image is {height}x{width}; {net} needs at least "
                f"{SMALLEST[net]}x{SMALLEST[net]}, so take a larger image or leave this metric out."
            )
        sr, hr = (to_minus_one_one(image) for image in batch.on(setting.device))
        with torch.inference_mode(), full_precision(sr.device.type):
            return [float(model(sr[i : i + 1], hr[i : i + 1]).item()) for i in range(len(batch.hr))]

    return measure


@contextmanager
def full_precision(device_type: str) -> Iterator[None]:
    """float32 as it is: no autocast, no TF32, whatever the run that is scored had set.

    cuDNN's switches are the whole process's, and images are scored by several threads: on a GPU
    one at a time is inside, or the first to leave would turn TF32 on for the others.
    """
    import torch

    with ExitStack() as stack:
        stack.enter_context(torch.autocast(device_type, enabled=False))
        if device_type != "cpu":
            exact = {"benchmark": False, "deterministic": True, "allow_tf32": False}
            stack.enter_context(_ALONE)
            stack.enter_context(torch.backends.cudnn.flags(enabled=True, **exact))
        yield


def to_minus_one_one(image: Tensor) -> Tensor:
    """A uint8 batch (N, 3 or 1, H, W) as float32 (N, 3, H, W) in [-1, 1], LPIPS's range.

    Raises ValueError for anything but uint8: a float image may be in any range.
    """
    import torch

    if image.dtype != torch.uint8:
        raise ValueError(f"LPIPS takes uint8 images in [0, 255], not {image.dtype}")
    scaled = image.to(torch.float32) / 127.5 - 1.0
    return scaled.expand(-1, 3, -1, -1) if scaled.shape[1] == 1 else scaled
