"""Counts of a network whose work depends on the image, or on what it draws: mean and range."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esrbench.image import Image
from esrbench.judge.imaging import Imaging
from esrbench.judge.probes import PHOTOGRAPH
from esrbench.results.record import CountSpread, Spread
from esrbench.runner import requests
from esrbench.runner.answers import Spent

DRAWS = 8
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
    spending: Spending,
    probes: Mapping[str, Image],
    dataset: str,
    images: Mapping[str, Image],
    *,
    draws: bool = False,
) -> CountSpread | None:
    """The counts by input where these differ; None where every probe costs the same.

    ``images`` are crops of ``dataset``'s LR images, of the probes' size, by name: what the mean is
    over where the image decides. Where one photograph costs one thing now and another then, the
    mean is over draws; one that ``draws`` is counted more often before it is taken for steady,
    since a coin falls twice on one side half of the time.
    """
    seeds = [new_seed() for _ in range(DRAWS)]
    photograph = probes[PHOTOGRAPH]
    drawn = [spending.of(photograph, seed) for seed in (seeds if draws else seeds[:2])]
    if len(set(map(_cost, drawn))) > 1:
        return _over_draws(spending, photograph, drawn, seeds)
    by_probe = {name: spending.of(image, seeds[0]) for name, image in probes.items()}
    if len(set(map(_cost, by_probe.values()))) == 1:
        return None
    again = [spending.of(photograph, seeds[0]) for _ in range(2)]
    if {*map(_cost, again)} != {_cost(by_probe[PHOTOGRAPH])}:  # it was no image that decided
        return _over_draws(spending, photograph, [*drawn, *again], seeds)
    by_image = {name: spending.of(image, seeds[0]) for name, image in images.items()}
    return _spread("images", dataset, by_image, {**by_probe, **by_image})


def _cost(spent: Spent) -> tuple[int, int, int]:
    return spent.macs, spent.activations, spent.convs


def _over_draws(
    spending: Spending, photograph: Image, drawn: Sequence[Spent], seeds: Sequence[int]
) -> CountSpread:
    """The counts of one photograph, ``drawn`` being the first of them."""
    more = [spending.of(photograph, seed) for seed in seeds[len(drawn) :]]
    by_draw = {f"draw {n}": spent for n, spent in enumerate([*drawn, *more], start=1)}
    return _spread("draws", None, by_draw, by_draw)


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
