"""Counts of a network whose work depends on the image, or on what it draws: mean and range."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from esrbench.image import Image
from esrbench.judge.imaging import Imaging
from esrbench.judge.probes import PHOTOGRAPH
from esrbench.results.record import CountSpread, Spread
from esrbench.runner import requests
from esrbench.runner.answers import Spent

DRAWS = 5
"""Seeds that a network which draws is counted with."""


def new_seed() -> int:
    """A seed that no submission can know."""
    return secrets.randbelow(2**32)


@dataclass(frozen=True)
class Spending:
    """Counts one forward of an image under a seed."""

    imaging: Imaging

    def of(self, image: Image, seed: int) -> Spent:
        """MACs at torch's dispatcher, activations and convs; raises as ``Runner.ask``."""
        shape = self.imaging.put(image[None])
        return self.imaging.runner.ask(requests.Spend(shape=shape, slot=0, seed=seed))


def count_spread(
    spending: Spending, probes: Mapping[str, Image], dataset: str, images: Mapping[str, Image]
) -> CountSpread | None:
    """The counts by input where these differ; None where every probe costs the same.

    ``images`` are crops of ``dataset``'s LR images, of the probes' size, by name: what the mean is
    over where the image decides. Where one photograph costs one thing now and another then, the
    mean is over draws.
    """
    seeds = [new_seed() for _ in range(DRAWS)]
    drawn = [spending.of(probes[PHOTOGRAPH], seed) for seed in seeds[:2]]
    if drawn[0] != drawn[1]:
        drawn += [spending.of(probes[PHOTOGRAPH], seed) for seed in seeds[2:]]
        by_draw = {f"draw {number}": spent for number, spent in enumerate(drawn, start=1)}
        return _spread("draws", None, by_draw, by_draw)
    by_probe = {name: spending.of(image, seeds[0]) for name, image in probes.items()}
    if len(set(by_probe.values())) == 1:
        return None
    by_image = {name: spending.of(image, seeds[0]) for name, image in images.items()}
    return _spread("images", dataset, by_image, {**by_probe, **by_image})


def _spread(
    over: str, dataset: str | None, averaged: Mapping[str, Spent], seen: Mapping[str, Spent]
) -> CountSpread:
    def of(key: str) -> Spread:
        values = [getattr(spent, key) for spent in averaged.values()]
        extremes = [getattr(spent, key) for spent in seen.values()]
        return Spread(mean=sum(values) / len(values), low=min(extremes), high=max(extremes))

    return CountSpread(
        over="draws" if over == "draws" else "images",
        dataset=dataset,
        by_input={name: spent.model_dump() for name, spent in seen.items()},
        macs=of("macs"),
        activations=of("activations"),
        convs=of("convs"),
    )
