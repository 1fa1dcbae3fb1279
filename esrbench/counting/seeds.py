"""The random generators a network may draw from, all set to one seed."""

from __future__ import annotations

import random

import numpy as np
import torch

_seed_torch, _seed_numpy, _seed_python = torch.manual_seed, np.random.seed, random.seed


def seed_all(seed: int) -> None:
    """Seed torch on every device, numpy's global generator and Python's, with 0 <= seed < 2^32.

    Two counters that are to see the same forward of a network that draws are given the same seed.
    """
    _seed_torch(seed)
    _seed_numpy(seed)
    _seed_python(seed)
