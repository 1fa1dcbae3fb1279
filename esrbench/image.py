"""The one type that pictures have between rooms."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""``(H, W, 3)``, RGB, 8 bits a channel; ``(H, W)`` only where a docstring says so."""
