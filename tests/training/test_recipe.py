"""Recipes: strictly read, and what the command line changes in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from esrbench.errors import UsageError
from esrbench.submission.find import find
from training.recipe import SHIPPED, Recipe, Stage, load_recipe
from training.trainee import Trainee

RECIPES = sorted(SHIPPED.glob("*.yaml"))


def _recipe(*epochs: int) -> Recipe:
    stages = tuple(Stage(loss="l1", epochs=n, lr=1e-3) for n in epochs)
    return Recipe(submission="espcn", steps_per_epoch=10, stages=stages)


@pytest.mark.parametrize(
    ("epochs", "total", "expected"),
    [
        ((26, 8), 34, (26, 8)),
        ((3, 1), 8, (6, 2)),
        ((3, 1), 100, (75, 25)),
        ((10, 10, 10), 4, (1, 2, 1)),  # rounded ends: 1.33 -> 1, 2.67 -> 3, 4
        ((9, 1), 1, (1,)),  # a stage without an epoch is left out
    ],
)
def test_epochs_are_shared_as_the_recipe_shares_its_own(epochs, total, expected) -> None:
    changed = _recipe(*epochs).changed(epochs=total)
    assert tuple(stage.epochs for stage in changed.stages) == expected
    assert changed.iterations == 10 * total


def test_options_override_the_recipe_and_leave_the_rest() -> None:
    changed = _recipe(2).changed(scale=3, batch=5, patch=96)
    assert (changed.scale, changed.batch, changed.patch) == (3, 5, 96)
    assert changed.stages == _recipe(2).stages
    assert _recipe(2).changed() == _recipe(2)


def test_a_patch_must_be_whole_in_lr_pixels() -> None:
    with pytest.raises(UsageError, match=r"patch 100 is in HR pixels .* multiple of the scale 3"):
        _recipe(1).changed(scale=3, patch=100)


def test_a_misspelt_key_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("submission: espcn\nbatches: 4\nstages: [{loss: l1, epochs: 1, lr: 0.001}]\n")
    with pytest.raises(UsageError, match=r"unknown key 'batches'.*'batch'"):
        load_recipe(path)


def test_a_recipe_by_its_name() -> None:
    assert load_recipe(Path("etds_t_x4")) == load_recipe(SHIPPED / "etds_t_x4.yaml")
    with pytest.raises(UsageError, match=r"no recipe 'etds_x4'; did you mean 'etds_t_x4'"):
        load_recipe(Path("etds_x4"))
    with pytest.raises(UsageError, match=r"my/etds_t_x4.yaml does not exist"):
        load_recipe(Path("my/etds_t_x4.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_that_ship_name_a_submission_and_a_form_it_has(path: Path) -> None:
    recipe = load_recipe(path)
    submission = find(recipe.submission, scale=recipe.scale)
    assert path.stem == f"{submission.label.replace('/', '_')}_x{recipe.scale}"
    assert (submission.folder / "training_form.py").is_file() or recipe.form == "plain"
    assert recipe.patch // recipe.scale >= submission.min_size


def test_there_are_recipes() -> None:
    assert len(RECIPES) >= 3


def _case(path: Path) -> Any:
    """A backward pass through SeemoRe takes seconds."""
    slow = [pytest.mark.slow] if path.stem == "seemore_t_x4" else []
    return pytest.param(path, marks=slow, id=path.stem)


@pytest.mark.parametrize("path", map(_case, RECIPES))
def test_every_trained_tensor_of_a_recipe_gets_a_gradient(path: Path) -> None:
    recipe = load_recipe(path)
    torch.manual_seed(0)
    trainee = Trainee(find(recipe.submission, scale=recipe.scale), recipe.form)
    lr = torch.rand(1, 3, 24, 24)
    sr = trainee(lr)
    assert sr.shape == (1, 3, 24 * recipe.scale, 24 * recipe.scale)
    sr.square().mean().backward()
    trained = [(n, p) for n, p in trainee.network.named_parameters() if p.requires_grad]
    idle = [name for name, parameter in trained if parameter.grad is None]
    # Of a mixture of experts, one image reaches one expert a layer.
    assert [name for name in idle if ".experts." not in name] == []
    assert len(idle) < len(trained) / 2
