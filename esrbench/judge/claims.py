"""A row without a graph: what its code says is held against what it says elsewhere and later.

Its counts are taken again in a fresh process, of a real image at a size that is drawn, and in the
first process at the end of the run; some images are answered again in that fresh process, in
another order. None of this is proof: a code can say the same everywhere.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from esrbench.flags import NONDETERMINISTIC, RECOUNT_DIFFERS
from esrbench.image import Image
from esrbench.judge.chance import Asking
from esrbench.judge.memory import Fresh
from esrbench.judge.parts import Counts, Verified
from esrbench.judge.spread import Spending, new_seed
from esrbench.runner.answers import Spent

SAME = 1.01
"""The same image again may cost more by this factor."""
NEAR = 1.3
"""An image of nearly the same size may cost so much more a pixel: windows and pads are whole."""
SHARE, MOST = 2, 16
"""One image of so many is replayed, and no more than this."""
_SIDES = (0.8, 1.0)


def hold_to_claims(
    told: Verified,
    asking: Asking,
    fresh: Fresh,
    photograph: Image,
    images: Mapping[str, Image],
    first: Counts,
    weights: Path | None,
    *,
    multiple: int,
    steady: bool,
) -> Verified:
    """``told`` with what a fresh process says; raises what that process fails with.

    ``photograph`` is an image of the counted size, ``images`` are crops of the ranked dataset's LR
    by name; ``first`` is what it was counted as. ``steady``: whether it answers, and costs, the
    same each time.
    """
    drawn = _drawn(images)
    before = {name: asking.answer(images[name]) for name in drawn}
    with fresh() as runner:
        elsewhere = replace(asking, imaging=replace(asking.imaging, runner=runner))
        apart = max((elsewhere.apart(before[n], elsewhere.answer(images[n])) for n in drawn[::-1]),
                    default=0.0)  # fmt: skip
        counts = _counts(Spending(elsewhere.imaging), photograph, multiple)
    counts["at the end"] = _spent(Spending(asking.imaging), photograph)
    flags = list(told.flags)
    if steady and _more(counts, photograph, first.complexity.macs_dispatch):
        flags.append(RECOUNT_DIFFERS)
    if steady and apart:
        flags.append(NONDETERMINISTIC)
    verification = told.verification.model_copy(
        update={
            "difference": apart,
            "images": len(drawn),
            "recounted": {name: spent.model_dump() for name, (_, spent) in counts.items()},
            "weight_bytes_per_param": _bytes_each(weights, first.params),
        }
    )
    return replace(told, verification=verification, flags=tuple(flags))


Counted = tuple[int, Spent]
"""Pixels, and what they cost."""


def _counts(spending: Spending, photograph: Image, multiple: int) -> dict[str, Counted]:
    low, high = _SIDES
    chance = secrets.SystemRandom()
    step = math.lcm(8, multiple)
    height, width = (
        max(step, int(side * chance.uniform(low, high)) // step * step)
        for side in photograph.shape[:2]
    )
    return {
        "in another process": _spent(spending, photograph),
        f"there, at {height}x{width}": _spent(spending, photograph[:height, :width].copy()),
    }


def _spent(spending: Spending, image: Image) -> Counted:
    return image.shape[0] * image.shape[1], spending.of(image, new_seed())


def _more(counts: Mapping[str, Counted], photograph: Image, said: int | None) -> bool:
    """Whether any of ``counts`` is more than what was ``said`` of the photograph explains."""
    whole = photograph.shape[0] * photograph.shape[1]
    return said is not None and any(
        spent.macs / pixels > (SAME if pixels == whole else NEAR) * said / whole
        for pixels, spent in counts.values()
    )


def _drawn(images: Mapping[str, Image]) -> list[str]:
    """The names of a random half, in a random order."""
    names = list(images)
    count = min(MOST, -(-len(names) // SHARE))
    return secrets.SystemRandom().sample(names, count)


def _bytes_each(weights: Path | None, params: int) -> float | None:
    return weights.stat().st_size / params if weights is not None and params else None
