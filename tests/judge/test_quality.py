"""The quality pass: the figures of a set are those of its images, pooled ones of its pixels."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

import esrbench
from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.judge.imaging import Imaging
from esrbench.judge.quality import quality_pass
from esrbench.metrics.scorer import Scorer

from .in_process import InProcess

METRICS = ("psnr_y", "psnr_y_pooled", "ssim_y")


def test_it_says_what_evaluate_says_pooled_figures_included() -> None:
    nearest = nn.Upsample(scale_factor=4)
    runner: Any = InProcess(nearest.eval(), scale=4)
    dataset = open_dataset("skimage8", 4, data_root=None, catalogue=load_catalogue())
    scorer = Scorer(METRICS, crop=4)
    result = quality_pass(
        Imaging(runner, 4, 1.0), dataset, scorer, keep=lambda *_: None, progress=lambda _: None
    )
    same = esrbench.evaluate(nearest, scale=4, datasets=["skimage8"], metrics=METRICS)["skimage8"]
    assert None not in same.values()
    assert result.means == pytest.approx(same, abs=1e-9)
