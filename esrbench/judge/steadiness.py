"""Does it always do the same work, and give the same answer? Asked of every submission."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping

from esrbench.errors import SubmissionError
from esrbench.flags import CHANGES_ITSELF, DEPENDS_ON_INPUT, NONDETERMINISTIC, TRAINING_MODE
from esrbench.image import Image
from esrbench.judge.chance import Asking, behaviour, look_for_chance
from esrbench.judge.memory import Fresh
from esrbench.judge.parts import Counts, Reason, Steadiness
from esrbench.judge.spread import Spending, count_spread
from esrbench.results.record import ON, Chance, CountSpread
from esrbench.runner.answers import Behaved

ASKED = 3
"""Images that are drawn: one is asked for twice, the others come between."""
SIDE = 128
"""Their LR pixels a side, at most."""


def measure_steadiness(
    asking: Asking,
    fresh: Fresh,
    counts: Counts,
    probes: Mapping[str, Image],
    dataset: str,
    images: Mapping[str, Image],
    *,
    official: bool,
) -> Steadiness:
    """Chance, and cost that depends on the image.

    ``images`` are ``dataset``'s LR images as crops of the counting input's size. ``official``: a
    challenge's count stands as it is counted there, with the range beside it.
    """
    reasons: tuple[Reason, ...] = ()
    spread: CountSpread | None = None
    seen = behaviour(asking.imaging, _cut(next(iter(images.values()))))
    chance = look_for_chance(asking, draw(images), fresh, seen)
    free = counts.input_free and not official and not seen.drawing and chance is None
    # A graph that fvcore cannot trace has the dispatcher's count alone.
    counted = counts.macs is not None or counts.complexity.macs_dispatch is not None
    if counted and not free:
        spending, draws = Spending(asking.imaging), bool(seen.drawing)
        try:
            spread = count_spread(spending, probes, dataset, images, draws=draws)
        except SubmissionError as why:
            reasons = (Reason("phase", "count_spread", f"Counts by image: {why}"),)
    return Steadiness(
        spread=spread,
        mean_is_ranked=not official,
        chance=chance,
        flags=tuple(_flags(spread, chance, seen)),
        signatures=_signatures(counts, spread) if spread and not official else {},
        reasons=reasons,
    )


def draw(images: Mapping[str, Image]) -> list[Image]:
    """Some of ``images``, cut to a size that takes no time, in an order that nobody knows."""
    chosen = secrets.SystemRandom().sample(list(images), min(ASKED, len(images)))
    drawn = [_cut(images[name]) for name in chosen]
    # One image alone is asked for with its mirror image between.
    return drawn if len(drawn) > 1 else [drawn[0], drawn[0][::-1].copy()]


def _cut(image: Image) -> Image:
    return image[:SIDE, :SIDE]


def _flags(spread: CountSpread | None, chance: Chance | None, seen: Behaved) -> Iterator[str]:
    if spread is not None and spread.over == "images":
        yield DEPENDS_ON_INPUT
    if chance is not None or (spread is not None and spread.over == "draws"):
        yield NONDETERMINISTIC
    if seen.dropout or seen.batch_norm:
        yield TRAINING_MODE
    if seen.changed:
        yield CHANGES_ITSELF


def _signatures(counts: Counts, spread: CountSpread) -> dict[str, str]:
    on = f"the mean of {spread.dataset}" if spread.dataset else "the mean of draws"
    keys = ("macs", "activations", "convs")
    return {key: f"{counts.signatures[key]}{ON}{on}" for key in keys}
