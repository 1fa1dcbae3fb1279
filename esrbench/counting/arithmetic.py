"""In which precision a network computes, held against the track it is to be measured in.

What counts is where the MACs are made: a network that casts itself, or its weights, computes in
another precision than its output's dtype says.
"""

from __future__ import annotations

from collections.abc import Mapping

from esrbench.tracks import TRACKS

TOLERANCE = 0.01
"""Share of the MACs that may be made in another precision: a colour matrix, a blur kernel."""


def other_arithmetic(macs_by_dtype: Mapping[str, int], track: str) -> dict[str, float]:
    """Shares of the MACs by each precision that is not the track's; empty within the tolerance.

    ``macs_by_dtype`` as ``complexity.count`` puts it into ``facts["dtypes"]``. A track or a count
    that says nothing of precision gives an empty answer.
    """
    total = sum(macs_by_dtype.values())
    if not total or track not in TRACKS:
        return {}
    wanted = TRACKS[track].operands
    others = {name: macs / total for name, macs in macs_by_dtype.items() if name != wanted}
    return others if sum(others.values()) > TOLERANCE else {}
