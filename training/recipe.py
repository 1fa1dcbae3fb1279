"""A recipe: one YAML file a model, everything that decides which weights come out."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from esrbench import strict_yaml
from esrbench.errors import UsageError, nearest
from training.losses import Loss

SHIPPED = Path(__file__).parent / "recipes"

Form = Literal["plain", "expanded", "collapsed"]
"""What is trained: the deployed network itself, its training form as it stands, or the training
form folded into the deployed one at every step (same function, gradients to the training form's
parameters, the deployed form's cost)."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stage(_Strict):
    """One loss, one run down the cosine."""

    loss: Loss
    epochs: int = Field(ge=1)
    lr: float = Field(gt=0)
    lr_end: float = Field(default=1e-6, gt=0)
    warm_up: int = Field(default=0, ge=0)
    """Iterations over which the learning rate rises from zero."""
    batch: int | None = Field(default=None, ge=1)
    """Where the stage has another than the recipe, as ``patch``."""
    patch: int | None = Field(default=None, ge=8)


class Recipe(_Strict):
    """A whole recipe; what the command line says is put in by :meth:`changed`."""

    submission: str
    """As for ``esrbench score``: ``ecbsr/m4c16``, or a folder."""
    scale: int = Field(default=4, ge=2, le=8)
    form: Form = "plain"
    batch: int = Field(default=16, ge=1)
    patch: int = Field(default=128, ge=8)
    """Side of a training patch in HR pixels."""
    steps_per_epoch: int = Field(default=1000, ge=1)
    """Crops are drawn at random, so that an epoch is a number of iterations."""
    stages: tuple[Stage, ...] = Field(min_length=1)
    seed: int = 0
    optimiser: Literal["adam", "muon"] = "adam"
    ema: float = Field(default=0.999, ge=0, lt=1)
    """Decay of the running mean of the weights; that mean is what is shipped. 0 for none."""
    gradient_norm: float | None = Field(default=1.0, gt=0)
    """Gradients longer than this are shortened to it."""
    teacher: str | None = None
    """As ``submission``: a system with weights, whose answers to the same patches are learnt."""
    taught: float = Field(default=0.5, gt=0, le=1)
    """Share of the loss that is measured against the teacher's answers instead of HR."""
    flat: float = Field(default=2.0, ge=0)
    """A patch whose LR luma has a standard deviation below this (of 255) is drawn anew."""

    @model_validator(mode="after")
    def _patch_fits_the_scale(self) -> Recipe:
        for patch in (self.patch, *(stage.patch for stage in self.stages)):
            if patch is not None and patch % self.scale:
                raise ValueError(
                    f"patch {patch} is in HR pixels and must be a multiple of the scale "
                    f"{self.scale}"
                )
        return self

    @property
    def iterations(self) -> int:
        """Optimiser steps in all."""
        return self.steps_per_epoch * sum(stage.epochs for stage in self.stages)

    def changed(
        self,
        *,
        scale: int | None = None,
        epochs: int | None = None,
        batch: int | None = None,
        patch: int | None = None,
    ) -> Recipe:
        """The recipe with the command line's choices; raises UsageError where they do not fit.

        ``epochs`` is the total, shared among the stages as the recipe shares its own.
        """
        data: dict[str, Any] = self.model_dump()
        given = {"scale": scale, "batch": batch, "patch": patch}
        data.update({key: value for key, value in given.items() if value is not None})
        if epochs is not None:
            shares = _shared(epochs, [stage.epochs for stage in self.stages])
            kept = zip(data["stages"], shares, strict=True)
            data["stages"] = [{**stage, "epochs": share} for stage, share in kept if share]
        return strict_yaml.parse(data, Recipe, "the recipe with the options given")


def _shared(total: int, parts: list[int]) -> list[int]:
    """``total`` split as ``parts`` are; sums to ``total`` exactly."""
    ends, sofar = [0], 0
    for part in parts:
        sofar += part
        ends.append(round(total * sofar / sum(parts)))
    return [after - before for before, after in pairwise(ends)]


def load_recipe(path: Path) -> Recipe:
    """The recipe at ``path``, or the one of that name among those that ship.

    Raises UsageError that names every fault.
    """
    if path.exists() or path.suffix or len(path.parts) > 1:
        return strict_yaml.load(path, Recipe)
    names = [shipped.stem for shipped in SHIPPED.glob("*.yaml")]
    if path.name not in names:
        raise UsageError(f"There is no recipe {path.name!r}{nearest(path.name, names)}")
    return strict_yaml.load(SHIPPED / f"{path.name}.yaml", Recipe)
