"""PSNR, SSIM and LPIPS of images in memory: the leaderboard's own figures."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from esrbench.errors import UsageError
from esrbench.image import Image
from esrbench.metrics.pair import check_pair, cut
from esrbench.metrics.psnr import psnr as _psnr
from esrbench.metrics.quantise import to_uint8
from esrbench.metrics.registry import METRICS
from esrbench.metrics.scorer import Scorer
from esrbench.metrics.ssim import ssim as _ssim

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["METRICS", "lpips", "psnr", "ssim"]

_BEYOND = 0.5
"""How far floats may leave [0, 1]: networks overshoot, images in [0, 255] are another thing."""


def psnr(
    sr: NDArray[Any] | Tensor,
    hr: NDArray[Any] | Tensor,
    *,
    crop: int,
    channel: Literal["y", "rgb", "y-u8"] = "y",
) -> float:
    """Peak signal-to-noise ratio of SR against HR, in dB.

    ``10 log10(255^2 / MSE)`` over all pixels inside the crop border. Y is BT.601 studio range and
    unrounded, as in MATLAB's ``rgb2ycbcr`` on doubles, which is what papers print; floats are
    rounded to 8 bits first, as an image that is saved is. Agrees with the table that MATLAB
    printed for RCAN's images to its sixth decimal.

    Args:
        sr: uint8 in [0, 255], or floating point in [0, 1] (values beyond are clamped). An array
            (H, W, 3) RGB or (H, W) grey; a tensor (3, H, W), (1, H, W) or (N, C, H, W), on any
            device.
        hr: As ``sr``, of the same size.
        crop: Pixels cut off each side first. Papers take the scale.
        channel: ``y``; ``rgb``, the MSE over three channels; ``y-u8``, Y rounded to 8 bits.

    Returns:
        dB, higher is better; ``inf`` for identical images. Of a batch, the mean over its images.

    Raises:
        UsageError: Sizes differ, values are not in their range, or nothing is left inside the
            border.

    Example:
        >>> import numpy as np
        >>> hr = np.full((32, 32, 3), 100, dtype=np.uint8)
        >>> round(psnr(hr + 1, hr, crop=4, channel="rgb"), 2)
        48.13
    """
    return _mean([_psnr(s, h, channel=channel, crop=crop) for s, h in _pairs(sr, hr)])


def ssim(
    sr: NDArray[Any] | Tensor,
    hr: NDArray[Any] | Tensor,
    *,
    crop: int,
    channel: Literal["y", "rgb", "y-u8"] = "y",
) -> float:
    """Structural similarity of SR and HR (Wang, Bovik, Sheikh, Simoncelli 2004).

    As its authors' MATLAB code: 11x11 Gaussian window of sigma 1.5, K1 0.01, K2 0.03, L 255,
    positions where the whole window lies inside, population variance, no downsampling. On RGB the
    mean of the three channels.

    Args:
        sr: As for :func:`psnr`.
        hr: As ``sr``, of the same size.
        crop: Pixels cut off each side first. Papers take the scale.
        channel: ``y``, ``rgb`` or ``y-u8``, as for :func:`psnr`.

    Returns:
        Higher is better, 1 for identical images. Of a batch, the mean over its images.

    Raises:
        UsageError: As :func:`psnr`, and where less than 11x11 pixels are left inside the border.

    Example:
        >>> import numpy as np
        >>> hr = np.random.default_rng(0).random((32, 32, 3))
        >>> round(ssim(hr, hr, crop=4), 4)
        1.0
    """
    return _mean([_ssim(s, h, channel=channel, crop=crop) for s, h in _pairs(sr, hr)])


def lpips(
    sr: NDArray[Any] | Tensor,
    hr: NDArray[Any] | Tensor,
    *,
    crop: int = 0,
    channel: Literal["rgb"] = "rgb",
    net: Literal["alex", "vgg", "squeeze"] = "alex",
) -> float:
    """Learned perceptual distance of SR from HR (Zhang et al. 2018), v0.1 weights.

    The backbone's weights are torchvision's; they are looked for in ``ESRBENCH_WEIGHTS_DIR``,
    below ``ESRBENCH_DATA_ROOT`` and in torch's cache, and fetched otherwise.

    Args:
        sr: RGB, as for :func:`psnr`; at least 31x31 pixels for ``alex``.
        hr: As ``sr``, of the same size.
        crop: Pixels cut off each side first. The leaderboard's figure is of the whole image, 0.
        channel: ``rgb``; there is no other.
        net: The backbone: AlexNet, VGG16 or SqueezeNet 1.1.

    Returns:
        Lower is better, 0 for identical images. Of a batch, the mean over its images.

    Raises:
        UsageError: As :func:`psnr`, or another ``channel``.
        UnavailableError: The backbone's weights cannot be had.

    Example:
        >>> import numpy as np
        >>> hr = np.zeros((64, 64, 3))
        >>> lpips(hr, hr)  # doctest: +SKIP
        0.0
    """
    if channel != "rgb":
        raise UsageError(f"LPIPS sees RGB images, not channel {channel!r}; leave it out.")
    scorer = _lpips_scorer(net)
    pairs = _pairs(sr, hr)
    for s, h in pairs:
        check_pair(s, h, crop)
    values = scorer.score_many([(_rgb(cut(s, crop)), _rgb(cut(h, crop))) for s, h in pairs])
    key = scorer.keys[0]
    return _mean([float(value[key] or 0.0) for value in values])


@lru_cache(maxsize=4)
def _lpips_scorer(net: str) -> Scorer:
    from esrbench.api.settings import data_root, weights_dir
    from esrbench.errors import UnavailableError

    scorer = Scorer(
        [f"lpips_{net}"],
        crop=0,
        data_root=data_root(None),
        weights_dir=weights_dir(),
        offline=False,
    )
    for why in scorer.missing.values():
        raise UnavailableError(why)
    return scorer


def _pairs(sr: Any, hr: Any) -> list[tuple[Image, Image]]:
    """SR and HR as uint8 images, one pair for each of a batch."""
    left, right = _images(sr, "SR"), _images(hr, "HR")
    if len(left) != len(right):
        raise UsageError(f"SR is a batch of {len(left)} and HR one of {len(right)}.")
    return list(zip(left, right, strict=True))


def _images(pixels: Any, name: str) -> list[Image]:
    """uint8 (H, W, 3) or (H, W) images from an array or a tensor, in the layouts of `psnr`."""
    if isinstance(pixels, np.ndarray):
        array = pixels
        if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3)):
            raise UsageError(
                f"{name} has shape {array.shape}; an array is (height, width, 3) or (height, "
                "width). Tensors are (3, height, width)."
            )
        planes = [array]
    elif hasattr(pixels, "detach"):
        tensor = pixels.detach().cpu()
        if tensor.ndim not in (2, 3, 4) or (tensor.ndim > 2 and tensor.shape[-3] not in (1, 3)):
            raise UsageError(
                f"{name} has shape {tuple(tensor.shape)}; a tensor is ([batch,] 3, height, width)."
            )
        batch = tensor if tensor.ndim == 4 else [tensor]
        planes = [_float_or_uint8(t if t.ndim == 2 else t.movedim(0, -1)) for t in batch]
    else:
        raise UsageError(f"{name} is a {type(pixels).__name__}; give an array or a tensor.")
    return [
        _quantised(plane[..., 0] if plane.shape[2:] == (1,) else plane, name) for plane in planes
    ]


def _float_or_uint8(tensor: Any) -> NDArray[Any]:
    """numpy has no bfloat16."""
    whole = tensor.float() if tensor.is_floating_point() else tensor
    return np.asarray(whole.numpy())


def _quantised(image: NDArray[Any], name: str) -> Image:
    if image.dtype == np.uint8:
        return np.ascontiguousarray(image)
    if not np.issubdtype(image.dtype, np.floating):
        raise UsageError(f"{name} is {image.dtype}; give uint8 in [0, 255] or floats in [0, 1].")
    if not np.isfinite(image).all():
        raise UsageError(f"{name} holds NaN or infinite values.")
    if image.size and (image.max() > 1 + _BEYOND or image.min() < -_BEYOND):
        raise UsageError(
            f"{name} has values from {image.min():.4g} to {image.max():.4g}; floats are in [0, 1], "
            "so divide by the data range, or give uint8."
        )
    return to_uint8(image, 1.0)


def _rgb(image: Image) -> Image:
    return image if image.ndim == 3 else np.repeat(image[:, :, None], 3, axis=2)


def _mean(values: list[float]) -> float:
    return values[0] if len(values) == 1 else math.fsum(values) / len(values)
