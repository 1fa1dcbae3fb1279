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

MORE_DRAWS: Final = 8
"""Of a network that draws: so many more seeds it is asked with, before it counts as steady."""

SENTENCES: Final[dict[ChanceCause, str]] = {
    "draws": "It draws random numbers in its forward{what}: with one seed it answers the same.",
    "dropout": "Dropout is left on{what}: with one seed it answers the same.",
    "order": "Its answer depends on the images before: something is kept from one to the next.",
    "state": "Each forward changes what the next one answers{what}; a new process begins anew.",
    "outside": "Its answer changes whatever the seed, the image before and the process: a clock, "
    "numbers from outside, or memory that nobody wrote to.",
    "process": "Each process of it answers otherwise: it is built of an address, of the process's "
    "number, or of numbers from outside.",
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


def look_for_chance(
    asking: Asking, images: Sequence[Image], fresh: Fresh, seen: Behaved
) -> Chance | None:
    """Ask for the first of ``images`` twice, with the others between; None where that agrees.

    ``seen``: what a forward was seen to do; one that draws is asked with more seeds, since few
    outcomes are often alike. Raises as ``Imaging.forward``. Where answers part, ``fresh`` starts it
    in new processes.
    """
    image = images[0]
    first = asking.answer(image, new_seed())
    for between in images[1:]:
        asking.answer(between)
    apart = asking.apart(first, asking.answer(image))
    if not apart and seen.drawing:
        apart = _apart_by_seed(asking, image, first)
    if not apart:
        return None
    cause = _cause(asking, images, fresh, seen)
    return Chance(cause=cause, sentence=_sentence(cause, seen), difference=apart)


def look_across_processes(asking: Asking, images: Sequence[Image], fresh: Fresh) -> Chance | None:
    """Ask a new process for the others of ``images`` and then the first; None where that agrees.

    For a network that answers the same in one process. Raises as ``Imaging.forward``.
    """
    image, others, seed = images[0], images[:0:-1], new_seed()
    here = asking.answer(image, seed)
    there = _anew(asking, [*others, image], seed, fresh)
    apart = asking.apart(here, there)
    if not apart:
        return None
    same = not asking.apart(there, _anew(asking, [*others, image], seed, fresh))
    cause: ChanceCause = "order" if same else "process"
    return Chance(cause=cause, sentence=SENTENCES[cause].format(what=""), difference=apart)


def _apart_by_seed(asking: Asking, image: Image, first: NDArray[np.float32]) -> float:
    """How far the first answer under another seed that differs from ``first`` is from it."""
    answers = (asking.answer(image, new_seed()) for _ in range(MORE_DRAWS))
    return next((apart for one in answers if (apart := asking.apart(first, one))), 0.0)


def _cause(asking: Asking, images: Sequence[Image], fresh: Fresh, seen: Behaved) -> ChanceCause:
    """Why the answers part."""
    image, one = images[0], new_seed()
    asking.answer(image)  # from now on the image before is always this one
    first, second = asking.answer(image, one), asking.answer(image, one)
    if not asking.apart(first, second):
        if _apart_by_seed(asking, image, first):
            return "dropout" if seen.dropout else "draws"
        # Neither seed nor repetition matters: what came between did, if it does so each time.
        return "order" if _same_behind(asking, images) else "outside"
    anew = [_anew(asking, [image], one, fresh) for _ in range(2)]
    return "outside" if asking.apart(*anew) else "state"


def _same_behind(asking: Asking, images: Sequence[Image]) -> bool:
    """Whether the answer behind the last of ``images`` is the same each time."""
    behind = []
    for _ in range(2):
        asking.answer(images[-1])
        behind.append(asking.answer(images[0]))
    return not asking.apart(*behind)


def _anew(asking: Asking, images: Sequence[Image], seed: int, fresh: Fresh) -> NDArray[np.float32]:
    """What a new process answers to the last of ``images``, the others before it."""
    with fresh() as runner:
        anew = Asking(replace(asking.imaging, runner=runner), asking.tolerance)
        for image in images[:-1]:
            anew.answer(image)
        return anew.answer(images[-1], seed)


def _sentence(cause: ChanceCause, seen: Behaved) -> str:
    what = ""
    if cause == "outside" and seen.drawing:
        drawn = ", ".join(sorted(seen.drawing))
        return f"It draws random numbers in its forward ({drawn}), and no seed makes them the same."
    if cause == "draws" and seen.drawing:
        what = f" ({', '.join(sorted(seen.drawing))})"
    elif cause == "dropout":
        what = f" ({seen.dropout} a forward)"
    elif cause == "state" and seen.changed:
        what = f" ({', '.join(seen.changed[:3])}{', ...' if len(seen.changed) > 3 else ''})"
    return SENTENCES[cause].format(what=what)
