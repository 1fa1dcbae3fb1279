"""Does a network answer the same image the same way, and if not, why not?

Told apart by asking it again: with one seed and with another, after another image, in another
process. What each answer means is written beside the question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from esrbench.image import Image
from esrbench.judge.imaging import Imaging
from esrbench.judge.memory import Fresh
from esrbench.judge.spread import new_seed
from esrbench.results.record import Chance, ChanceCause
from esrbench.runner import requests
from esrbench.runner.answers import Behaved

ROUNDING: Final[dict[str, float]] = {"fp32": 2e-5, "channels_last": 2e-5}
"""Differences, of the data range, that two orders of adding up explain ..."""
ROUNDING_ELSE: Final = 2e-3
"""... and that they explain in fewer digits, or in a compiled network."""
ROUNDING_GPU: Final = 1e-4
"""On a GPU, whose threads finish in any order."""

SENTENCES: Final[dict[ChanceCause, str]] = {
    "draws": "It draws random numbers in its forward{what}: with one seed it answers the same.",
    "dropout": "Dropout is left on{what}: with one seed it answers the same.",
    "order": "Its answer depends on the image before: something is kept from one to the next.",
    "state": "Each forward changes what the next one answers{what}; a new process begins anew.",
    "outside": "Its answer changes whatever the seed, the image before and the process: a clock, "
    "or numbers from outside.",
}


@dataclass(frozen=True)
class Asking:
    """One loaded submission, asked for the SR of whole images."""

    imaging: Imaging
    tolerance: float
    """Of the data range."""

    def answer(self, image: Image, seed: int | None = None) -> NDArray[np.float32]:
        """SR ``(1, 3, H, W)``, with the generators set before if a ``seed`` is given."""
        if seed is not None:
            self.imaging.runner.ask(requests.Seed(seed=seed))
        return self.imaging.forward(image[None]).sr

    def apart(self, one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
        """The largest difference, of the data range; 0 where rounding explains it."""
        difference = float(np.abs(one - other).max()) / self.imaging.data_range
        return difference if difference > self.tolerance else 0.0


def rounding(track: str, device: str) -> float:
    """What two forwards may differ by without chance, of the data range."""
    small = ROUNDING.get(track, ROUNDING_ELSE)
    return small if device == "cpu" else max(small, ROUNDING_GPU)


def behaviour(imaging: Imaging, image: Image) -> Behaved:
    """What one forward draws, trains and changes, as far as its process can tell."""
    shape = imaging.put(image[None])
    return imaging.runner.ask(requests.Behave(shape=shape, slot=0))


def look_for_chance(asking: Asking, images: Sequence[Image], fresh: Fresh) -> Chance | None:
    """Ask for the first of ``images`` twice, with the others between; None where that agrees.

    Raises as ``Imaging.forward``. Where it does not agree, ``fresh`` starts it in new processes.
    """
    image = images[0]
    first = asking.answer(image, new_seed())
    for between in images[1:]:
        asking.answer(between)
    apart = asking.apart(first, asking.answer(image))
    if not apart:
        return None
    seen = behaviour(asking.imaging, image)
    cause = _cause(asking, images, fresh, seen)
    return Chance(cause=cause, sentence=_sentence(cause, seen), difference=apart)


def _cause(asking: Asking, images: Sequence[Image], fresh: Fresh, seen: Behaved) -> ChanceCause:
    """Why the answers part."""
    image, one, other = images[0], new_seed(), new_seed()
    asking.answer(image)  # from now on the image before is always this one
    first, second = asking.answer(image, one), asking.answer(image, one)
    third = asking.answer(image, other)
    if not asking.apart(first, second):
        if asking.apart(first, third):
            return "dropout" if seen.dropout else "draws"
        return "order"  # neither seed nor repetition matters: what came between did
    anew = [_anew(asking, image, one, fresh) for _ in range(2)]
    return "outside" if asking.apart(*anew) else "state"


def _anew(asking: Asking, image: Image, seed: int, fresh: Fresh) -> NDArray[np.float32]:
    """The first answer of a new process."""
    with fresh() as runner:
        imaging = replace(asking.imaging, runner=runner)
        return Asking(imaging, asking.tolerance).answer(image, seed)


def _sentence(cause: ChanceCause, seen: Behaved) -> str:
    what = ""
    if cause == "draws" and seen.drawing:
        what = f" ({', '.join(sorted(seen.drawing))})"
    elif cause == "dropout":
        what = f" in {seen.dropout} modules"
    elif cause == "state" and seen.changed:
        what = f" ({', '.join(seen.changed[:3])}{', ...' if len(seen.changed) > 3 else ''})"
    return SENTENCES[cause].format(what=what)
