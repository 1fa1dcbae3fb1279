"""Real pairs of images, and the MATLAB figures that came with them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SET5 = ("baby", "bird", "butterfly", "head", "woman")
_LINE = re.compile(r"x(\d) \d (\w+)_RCAN_x\d\.png: PSNR= ([\d.]+) SSIM= ([\d.]+)")


def read(path: Path) -> NDArray[np.uint8]:
    """Pixels as they are: (H, W, 3), or (H, W) for a grey file."""
    return np.asarray(Image.open(path))


def mod_crop(image: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    height, width = image.shape[:2]
    return image[: height - height % scale, : width - width % scale]


def rcan_pair(data_root: Path, name: str, scale: int) -> tuple[NDArray[np.uint8], ...]:
    """RCAN's SR image and the HR image cut to its size."""
    sr = read(data_root / "Set5" / f"SR_RCAN_x{scale}" / f"{name}.png")
    hr = read(data_root / "Set5" / "HR" / f"{name}.png")
    return sr, hr[: sr.shape[0], : sr.shape[1]]


def rcan_table(data_root: Path) -> dict[tuple[str, int], tuple[float, float]]:
    """(name, scale) -> PSNR, SSIM as MATLAB printed them, six decimals."""
    text = (data_root / "Set5" / "RCAN_PSNR_SSIM_Results_BI_model.txt").read_text()
    rows = _LINE.findall(text.partition("Method_2")[0])
    return {(name, int(scale)): (float(p), float(s)) for scale, name, p, s in rows}
