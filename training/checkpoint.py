"""A run's state on disk: with it, and the same images, a run goes on to the same bits."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from esrbench.errors import UnavailableError, UsageError
from training.recipe import Recipe


@dataclass(frozen=True)
class Source:
    """What a run is made from: the same source and the same machine give the same weights."""

    recipe: dict[str, Any]
    images: str
    """:attr:`TrainingImages.fingerprint`."""
    started_from: str | None = None
    """sha256 of the checkpoint of a warm start."""


@dataclass(frozen=True)
class Checkpoint:
    """Everything that the next iteration depends on, the images apart.

    The schedule and the patches are functions of ``iteration`` and need no state of their own.
    """

    iteration: int
    """Iterations done."""
    network: dict[str, Tensor]
    network_mean: dict[str, Tensor]
    optimiser: dict[str, Any]
    random: Tensor
    """torch's random state, for networks that draw."""
    random_cuda: Tensor | None
    loss_sum: Tensor
    """Of the iterations of an epoch that is not over; float64, a scalar."""
    seconds: float
    source: Source

    def save(self, path: Path) -> None:
        """Write to ``path`` atomically: a kill leaves the former checkpoint or this one.

        Raises UnavailableError where it cannot be written.
        """
        beside = path.with_suffix(".part")
        try:
            with beside.open("wb") as file:
                torch.save({**vars(self), "source": asdict(self.source)}, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except (OSError, RuntimeError) as why:  # torch tells of a full disk as a RuntimeError
            raise UnavailableError(f"{path} cannot be written: {why}.") from None


def load_checkpoint(path: Path, source: Source, device: torch.device) -> Checkpoint | None:
    """The checkpoint at ``path``; None when there is none.

    Raises UsageError when it is of another recipe or other images, or no checkpoint.
    """
    if not path.is_file():
        return None
    checkpoint = read_checkpoint(path, device)
    for what, theirs, ours in (
        ("recipe", checkpoint.source.recipe, source.recipe),
        ("set of images", checkpoint.source.images, source.images),
    ):
        if theirs != ours:
            raise UsageError(
                f"{path} is of another {what}; go on with that one, give another --out, or start "
                "anew with --fresh."
            )
    return checkpoint


def read_checkpoint(path: Path, device: torch.device) -> Checkpoint:
    """The checkpoint at ``path``; raises UsageError when it is none, or of another trainer."""
    if not path.is_file():
        raise UsageError(f"{path} does not exist; name a folder that training.train left.")
    try:
        data = torch.load(path, map_location=device, weights_only=True)
        source = Source(**data.pop("source"))
        recipe = Recipe.model_validate(source.recipe)  # with what recipes had not then
        source = replace(source, recipe=recipe.model_dump(mode="json"))
        return Checkpoint(**data, source=source)
    except Exception as why:
        raise UsageError(f"{path} is no checkpoint of this trainer ({why}); delete it.") from None
