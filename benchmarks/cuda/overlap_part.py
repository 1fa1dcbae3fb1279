"""How long the GPU waits between images of the quality pass, in turn and overlapped.

NTIRE's script reads, computes, copies back, writes a PNG and scores one image after the other,
which leaves the GPU idle for 85% of the time.
"""

from __future__ import annotations

import time
from dataclasses import replace

from esrbench.judge.imaging import Imaging
from esrbench.judge.quality import quality_pass
from esrbench.metrics.scorer import Scorer

from .setting import Outcome, Row, Setting
from .systems import DRY_SYSTEMS, SCALE, dataset, ready

KEYS = ("psnr_y", "ssim_y", "psnr_rgb", "ssim_rgb")
ROUNDS = 8
"""Times that the set is gone through in one pass, so that a pass takes seconds."""
MOST_IDLE = 0.85


def measure(setting: Setting) -> Outcome:
    """Passes where an overlapped pass leaves the GPU less idle than one in turn, and than 85%."""
    one = dataset(setting)
    few = one.pairs[:2] if setting.dry else one.pairs * ROUNDS
    several = replace(one, pairs=tuple(few))
    scorer = Scorer(KEYS, crop=SCALE, device=setting.device)
    rows: list[Row] = []
    with ready(DRY_SYSTEMS[0] if setting.dry else "imdn", setting) as system:
        submission = system.submission
        imaging = Imaging(system.runner, SCALE, submission.data_range, trained=False)
        for overlap in (True, False, True):  # the first warms up: sizes are new to the library
            begun = time.perf_counter()
            done = quality_pass(
                imaging, several, scorer, keep=lambda *_: None, progress=lambda _: None,
                overlap=overlap,
            )  # fmt: skip
            wall = time.perf_counter() - begun
            busy = sum(image.forward_ms or 0.0 for image in done.images) / 1e3
            rows.append({"pass": "overlapped" if overlap else "in turn", "images": len(few),
                         "seconds": wall, "forwards": busy, "idle": 1 - busy / wall})  # fmt: skip
    in_turn, overlapped = rows[1]["idle"], rows[2]["idle"]
    return Outcome(
        passed=setting.dry or (overlapped < in_turn and overlapped < MOST_IDLE),
        figure=f"idle {overlapped:.0%} overlapped, {in_turn:.0%} in turn (NTIRE's script: 85%)",
        rows=rows[1:],
    )
