"""PSNR and SSIM against figures that MATLAB printed; the numbers lie beside the images."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from scipy.io import loadmat

from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.metrics.psnr import psnr
from esrbench.metrics.ssim import ssim
from tests.metrics.reference import SET5, mod_crop, rcan_pair, rcan_table, read


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("name", SET5)
def test_rcan_agrees_to_the_sixth_decimal(data_root: Path, name: str, scale: int) -> None:
    """Unrounded Y, crop = scale: RCAN_PSNR_SSIM_Results_BI_model.txt."""
    db, similarity = rcan_table(data_root)[name, scale]
    sr, hr = rcan_pair(data_root, name, scale)
    assert psnr(sr, hr, channel="y", crop=scale) == pytest.approx(db, abs=1e-6)
    assert ssim(sr, hr, channel="y", crop=scale) == pytest.approx(similarity, abs=1e-6)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("dataset", ["Set5", "Set14"])
def test_bicubic_agrees_with_the_uint8_table(data_root: Path, dataset: str, scale: int) -> None:
    """Y rounded to uint8, crop = scale: column 0 of matlab_tables/result_*_SRF_*.mat."""
    table = loadmat(data_root / "matlab_tables" / f"result_{dataset}_SRF_{scale}.mat")
    paths = sorted((data_root / dataset / "HR").glob("*.png"))
    assert len(paths) == len(table["PSNR_table"])
    for row, path in enumerate(paths):
        hr = mod_crop(read(path), scale)
        lr = matlab_bicubic(hr, Fraction(1, scale), border="replicate")
        sr = matlab_bicubic(lr, scale, border="replicate")
        db = psnr(sr, hr, channel="y-u8", crop=scale)
        assert db == pytest.approx(table["PSNR_table"][row, 0], abs=1e-4), path.name
        similarity = ssim(sr, hr, channel="y-u8", crop=scale)
        assert similarity == pytest.approx(table["SSIM_table"][row, 0], abs=5e-6), path.name
