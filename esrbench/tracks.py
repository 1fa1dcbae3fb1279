"""Every precision and mode a network can be measured in, once. Rows of two never share a ranking.

A challenge's sub-tracks are something else: they rank the same rows by other formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Track:
    """One way of computing the same network; ``runner/prepared.py`` makes the call."""

    name: str
    operands: str
    """The precision its MACs are made in, by torch's name; TF32 rounds inside the device alone."""
    meaning: str
    """One sentence, for help and documentation."""
    copied: bool = False
    """Whether a copy in another precision runs than the module that is counted."""
    tf32: bool = False
    """Whether CUDA may round the operands of float32 products."""


_ROWS: Final = (
    Track("fp32", "float32", "Single precision, TF32 off."),
    Track("tf32", "float32", "Single precision whose products CUDA may round to TF32.", tf32=True),
    Track("fp16", "float16", "Half precision, conversions within the call.", copied=True),
    Track("bf16", "bfloat16", "bfloat16, conversions within the call.", copied=True),
    Track("channels_last", "float32", "Single precision, NHWC in memory."),
    Track("compile", "float32", "Single precision through torch.compile."),
)

TRACKS: Final[Mapping[str, Track]] = {row.name: row for row in _ROWS}
