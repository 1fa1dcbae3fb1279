"""Which loss and which learning rate an iteration has: functions of its number, nothing kept."""

from __future__ import annotations

import math

from training.recipe import Recipe, Stage


def stage_at(recipe: Recipe, iteration: int) -> tuple[int, Stage, int]:
    """Index of the stage of ``iteration`` (from 0), the stage, and the iteration within it.

    Raises IndexError past the last iteration.
    """
    for index, stage in enumerate(recipe.stages):
        length = stage.epochs * recipe.steps_per_epoch
        if iteration < length:
            return index, stage, iteration
        iteration -= length
    raise IndexError(f"the recipe ends {iteration + 1} iterations earlier")


def learning_rate(stage: Stage, step: int, length: int) -> float:
    """Linear rise over ``stage.warm_up`` steps, then a half cosine from ``lr`` to ``lr_end``.

    ``step`` counts from 0; the last one of ``length`` has ``lr_end``.
    """
    if step < stage.warm_up:
        return stage.lr * (step + 1) / stage.warm_up
    span = max(1, length - 1 - stage.warm_up)
    down = 0.5 * (1 + math.cos(math.pi * min(1.0, (step - stage.warm_up) / span)))
    return stage.lr_end + (stage.lr - stage.lr_end) * down
