"""A run's state on disk: with it, and the same images, a run goes on to the same bits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from esrbench.errors import UsageError
from training.recipe import Recipe


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
    seconds: float
    recipe: dict[str, Any]

    def save(self, path: Path) -> None:
        """Write to ``path`` atomically: a kill leaves the former checkpoint or this one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".part")
        torch.save(vars(self), beside)
        beside.replace(path)


def load_checkpoint(path: Path, recipe: Recipe, device: torch.device) -> Checkpoint | None:
    """The checkpoint at ``path``; None when there is none.

    Raises UsageError when it is of another recipe, or no checkpoint.
    """
    if not path.is_file():
        return None
    checkpoint = _read(path, device)
    if checkpoint.recipe != recipe.model_dump(mode="json"):
        raise UsageError(
            f"{path} is of another recipe; go on with that one, give another --out, or start anew "
            "with --fresh."
        )
    return checkpoint


def read_recipe(path: Path) -> Recipe:
    """The recipe of the run whose checkpoint is at ``path``; raises UsageError."""
    if not path.is_file():
        raise UsageError(f"{path} does not exist; name a folder that training.train left.")
    return Recipe.model_validate(_read(path, torch.device("cpu")).recipe)


def _read(path: Path, device: torch.device) -> Checkpoint:
    try:
        return Checkpoint(**torch.load(path, map_location=device, weights_only=True))
    except Exception as why:
        raise UsageError(f"{path} is no checkpoint of this trainer ({why}); delete it.") from None
