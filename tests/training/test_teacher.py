"""Learning from another network's answers, and the losses by name."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from esrbench.errors import UsageError
from esrbench.submission.find import find
from training.checkpoint import load_checkpoint
from training.images import TrainingImages
from training.loop import Training
from training.losses import LOSSES, charbonnier
from training.place import Place
from training.recipe import load_recipe
from training.teacher import Teacher, distilled
from training.trainee import Trainee

CPU = torch.device("cpu")


def test_charbonnier_is_round_below_its_epsilon_and_l1_far_above() -> None:
    zero = torch.zeros(4)
    assert charbonnier(zero, zero).item() == pytest.approx(1e-3)
    assert charbonnier(zero + 0.5, zero).item() == pytest.approx(0.5, rel=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_share_of_the_loss_is_to_the_teachers_answer(loss: str) -> None:
    answer, truth, taught = torch.rand(3, 2, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    far = LOSSES[loss]  # type: ignore[index]
    wanted = 0.75 * far(answer, truth) + 0.25 * far(answer, taught)
    assert distilled(loss, answer, truth, taught, 0.25).item() == pytest.approx(wanted.item())  # type: ignore[arg-type]
    assert distilled(loss, answer, truth, None, 0.25).item() == far(answer, truth).item()  # type: ignore[arg-type]


def test_a_teacher_answers_as_its_system_does() -> None:
    lr = torch.rand(1, 3, 5, 7)
    answered = Teacher("nearest", 3, CPU)(lr)
    assert torch.equal(answered, F.interpolate(lr, scale_factor=3, mode="nearest"))
    with pytest.raises(UsageError, match="nobody"):
        Teacher("nobody", 3, CPU)


@pytest.mark.slow
def test_a_network_taught_alone_comes_nearer_to_its_teacher_than_to_hr(
    recipe_file: Path, train_dir: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(recipe_file)
    stage = recipe.stages[0].model_copy(update={"epochs": 30, "lr": 3e-2})
    changes = {"teacher": "nearest", "taught": 1.0, "stages": (stage,), "ema": 0.5}
    taught = recipe.model_copy(update=changes)
    torch.manual_seed(0)
    trainee = Trainee(find(recipe.submission, scale=2), recipe.form)
    place = Place(tmp_path / "out", CPU, 1)
    training = Training(taught, trainee, TrainingImages(train_dir, 2), place)
    training.run()
    lr, hr = (t.float() / 255 for t in training.patches[0].at(1000))
    answer = trainee.deployed(training.mean.state)(lr)
    nearest = F.interpolate(lr, scale_factor=2, mode="nearest")
    assert F.l1_loss(answer, nearest) < F.l1_loss(answer, hr)


def test_a_checkpoint_from_before_recipes_had_teachers_goes_on(
    recipe_file: Path, train_dir: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(recipe_file)
    trainee = Trainee(find(recipe.submission, scale=2), recipe.form)
    training = Training(recipe, trainee, TrainingImages(train_dir, 2), Place(tmp_path, CPU, 1))
    training.run(until=3)
    path = training.place.checkpoint
    data = torch.load(path, weights_only=True)
    del data["source"]["recipe"]["teacher"], data["source"]["recipe"]["taught"]
    torch.save(data, path)
    found = load_checkpoint(path, training.source, CPU)
    assert found is not None
    assert found.iteration == 3
