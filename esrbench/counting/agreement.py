"""Do the two counters agree, and if not, over which operators?

Compared is what both count exactly: convolutions, matrix products, attention, resampling with
weights, Fourier transforms. Left out are fvcore's rough estimates for normalisation (5 an element),
pooling and nearest-neighbour resampling (1 an element), which the own counter does not call MACs.
"""

from __future__ import annotations

from collections.abc import Mapping

from esrbench.counting.mac_formulas import FORMULAS, Family

TOLERANCE = 0.01
"""Relative to the larger count."""

_FVCORE_FAMILIES: dict[str, Family] = {
    "conv": "convolution",
    "addmm": "matmul",
    "bmm": "matmul",
    "matmul": "matmul",
    "mm": "matmul",
    "einsum": "matmul",
    "linear": "matmul",
    "upsample_bilinear2d": "resample",
    "grid_sampler": "resample",
}


def differences(fvcore: Mapping[str, int], dispatch: Mapping[str, int]) -> list[str]:
    """Sentences naming the operators that part the counters; empty where they agree.

    ``fvcore`` and ``dispatch`` are MACs by operator, each under its own names.
    """
    ours: dict[str, int] = {}
    for operator, macs in dispatch.items():
        ours[_family(operator)] = ours.get(_family(operator), 0) + macs
    theirs: dict[str, int] = {}
    for operator, macs in fvcore.items():
        if operator in _FVCORE_FAMILIES:
            family: str = _FVCORE_FAMILIES[operator]
            theirs[family] = theirs.get(family, 0) + macs
    largest = max(sum(ours.values()), sum(theirs.values()), 1)
    if abs(sum(ours.values()) - sum(theirs.values())) <= TOLERANCE * largest:
        return []
    found = []
    for name in sorted({*ours, *theirs}):
        a, b = ours.get(name, 0), theirs.get(name, 0)
        if a != b:
            names = ", ".join(sorted(o for o in dispatch if _family(o) == name)) or "none"
            found.append(f"{name}: {a} MACs at the dispatcher ({names}), {b} in fvcore")
    return found


def _family(operator: str) -> Family:
    row = FORMULAS.get(operator)
    return row.family if row else "opaque operators"
