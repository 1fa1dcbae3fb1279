"""Rows and signatures; the signatures are pinned, since records are compared by them."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

from esrbench.errors import UsageError
from esrbench.metrics.registry import METRICS, row_of

SIGNATURES = {
    "psnr_y": "PSNR|y|crop:4|u8|mean-image|v1",
    "ssim_y": "SSIM|y|crop:4|u8|gauss11-1.5-valid|mean-image|v1",
    "psnr_rgb": "PSNR|rgb|crop:4|u8|mean-image|v1",
    "ssim_rgb": "SSIM|rgb|crop:4|u8|gauss11-1.5-valid|mean-image|v1",
    "psnr_y_u8": "PSNR|y-u8|crop:4|u8|mean-image|v1",
    "ssim_y_u8": "SSIM|y-u8|crop:4|u8|gauss11-1.5-valid|mean-image|v1",
    "psnr_y_pooled": "PSNR|y|crop:4|u8|pooled|v1",
    "psnr_rgb_pooled": "PSNR|rgb|crop:4|u8|pooled|v1",
    "lpips_alex": "LPIPS|rgb|crop:0|u8|alex-lin0.1|mean-image|v1",
    "lpips_vgg": "LPIPS|rgb|crop:0|u8|vgg-lin0.1|mean-image|v1",
    "lpips_squeeze": "LPIPS|rgb|crop:0|u8|squeeze-lin0.1|mean-image|v1",
    "dists": "DISTS|rgb|crop:0|u8|pyiqa|mean-image|v1",
    "niqe": "NIQE|y|crop:0|u8|pyiqa|mean-image|v1",
}


def test_signatures_are_as_records_have_them() -> None:
    assert {key: row.signature(4) for key, row in METRICS.items()} == SIGNATURES


def test_signatures_differ() -> None:
    assert len(set(SIGNATURES.values())) == len(SIGNATURES)
    assert METRICS["psnr_y"].signature(3) != METRICS["psnr_y"].signature(4)


def test_every_row_names_a_file_that_opens_it() -> None:
    for row in METRICS.values():
        module = importlib.import_module(f"esrbench.metrics.{row.module}")
        assert callable(module.open_metric)


def test_unknown_key_names_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"no metric 'pnsr_y'; did you mean 'psnr_y'"):
        row_of("pnsr_y")


def test_registry_imports_nothing_heavy() -> None:
    code = (
        "import sys, esrbench.metrics.registry, esrbench.metrics.scorer, esrbench.metrics.mean;"
        "print([m for m in ('torch', 'numba', 'scipy', 'lpips') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
