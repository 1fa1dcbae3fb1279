"""Images on which a network's cost is looked at: does it depend on what they show?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from esrbench.image import Image

PHOTOGRAPH = "photograph 1"
"""The probe that everything is counted on first."""


def probes(photographs: Sequence[Image]) -> dict[str, Image]:
    """Black, white, noise and two photographs of one size ``(H, W, 3)``, by name."""
    first, second = photographs[0], photographs[1 % len(photographs)]
    noise = np.random.default_rng(0).integers(0, 256, first.shape, dtype=np.uint8)
    return {
        PHOTOGRAPH: first,
        "photograph 2": second,
        "noise": noise,
        "zeros": np.zeros_like(first),
        "ones": np.full_like(first, 255),
    }
