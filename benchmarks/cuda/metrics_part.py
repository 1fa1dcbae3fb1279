"""Metrics on the device against the CPU's, which are held against MATLAB's."""

from __future__ import annotations

import numpy as np

from esrbench.metrics.scorer import Scorer

from .setting import Outcome, Row, Setting
from .systems import SCALE, dataset

KEYS = ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb", "lpips_alex", "lpips_squeeze")
MOST = 1e-6
_DRY_SIDE = 96
NOISE = (2.0, 15.0)
"""Standard deviations, in steps of uint8: a good network's error and a poor one's."""


def measure(setting: Setting) -> Outcome:
    """Passes where no figure of any image differs by more than :data:`MOST`."""
    pairs = []
    rng = np.random.default_rng(0)
    for pair in dataset(setting).pairs[: 2 if setting.dry else None]:
        hr = pair.read_hr()[:_DRY_SIDE, :_DRY_SIDE] if setting.dry else pair.read_hr()
        for spread in NOISE:
            noisy = np.clip(hr + rng.normal(0, spread, hr.shape), 0, 255).astype(np.uint8)
            pairs.append((noisy, hr))
    here, there = (
        Scorer(KEYS, crop=SCALE, device=device, data_root=setting.data_root,
               weights_dir=setting.weights_dir)
        for device in ("cpu", setting.device)
    )  # fmt: skip
    ours, theirs = here.score_many(pairs), there.score_many(pairs)
    rows: list[Row] = []
    for key in KEYS:
        apart = [
            abs(a - b)
            for mine, other in zip(ours, theirs, strict=True)
            if (a := mine[key]) is not None and (b := other[key]) is not None
        ]
        rows.append({"metric": key, "images": len(apart), "most apart": max(apart, default=None)})
    known = [row for row in rows if row["images"]]
    worst = max(known, key=lambda row: float(row["most apart"]))
    return Outcome(
        passed=worst["most apart"] <= MOST,
        figure=f"{worst['metric']} differs most, by {worst['most apart']:.1e} (limit {MOST:.0e})",
        rows=rows,
        skipped=[f"{key}: {why}" for key, why in there.missing.items()],
    )
