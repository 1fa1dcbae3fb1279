"""A run that was stopped and taken up again ends on the same bits as one that was not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from esrbench.errors import UsageError
from esrbench.submission.find import find
from training.images import TrainingImages
from training.journal import read_journal
from training.loop import Place, Training
from training.recipe import Recipe, load_recipe
from training.trainee import Trainee


def _training(recipe: Recipe, train_dir: Path, out: Path, threads: int = 1) -> Training:
    torch.manual_seed(recipe.seed)
    trainee = Trainee(find(recipe.submission, scale=recipe.scale), recipe.form)
    place = Place(out, torch.device("cpu"), threads)
    return Training(recipe, trainee, TrainingImages(train_dir, recipe.scale), place)


@pytest.mark.parametrize("stops", [(5,), (3, 8), (4,)])  # within an epoch, across stages, at an end
def test_stopped_and_taken_up_again(
    recipe_file: Path, train_dir: Path, tmp_path: Path, stops: tuple[int, ...]
) -> None:
    recipe = load_recipe(recipe_file)
    whole = _training(recipe, train_dir, tmp_path / "whole")
    whole.run()
    for stop in stops:
        _training(recipe, train_dir, tmp_path / "parts").run(until=stop)
    torch.manual_seed(99)  # whatever the next process starts with
    parts = _training(recipe, train_dir, tmp_path / "parts", threads=3)
    assert parts.iteration == stops[-1]
    parts.run()
    assert parts.iteration == recipe.iterations == 12
    for name, value in whole.trainee.network.state_dict().items():
        assert torch.equal(parts.trainee.network.state_dict()[name], value), name
        assert torch.equal(parts.mean.state[name], whole.mean.state[name]), name
        assert not torch.equal(parts.mean.state[name], value), name
    moments = whole.optimiser.state_dict()["state"]
    for i, state in parts.optimiser.state_dict()["state"].items():
        assert torch.equal(state["exp_avg"], moments[i]["exp_avg"])
        assert torch.equal(state["exp_avg_sq"], moments[i]["exp_avg_sq"])


def test_the_journal_has_each_epoch_once(
    recipe_file: Path, train_dir: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(recipe_file)
    _training(recipe, train_dir, tmp_path).run(until=9)
    _training(recipe, train_dir, tmp_path).run()
    entries = read_journal(tmp_path / "log.jsonl")
    assert [e.iteration for e in entries] == [4, 8, 12]
    assert [e.stage for e in entries] == ["l1", "l1", "l2"]
    assert entries[0].seconds < entries[2].seconds


def test_a_checkpoint_of_another_recipe_is_refused(
    recipe_file: Path, train_dir: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(recipe_file)
    _training(recipe, train_dir, tmp_path).run(until=1)
    with pytest.raises(UsageError, match="another recipe"):
        _training(recipe.changed(batch=3), train_dir, tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes(b"half a file")
    with pytest.raises(UsageError, match="no checkpoint"):
        _training(recipe, train_dir, tmp_path)


def test_it_learns(recipe_file: Path, train_dir: Path, tmp_path: Path) -> None:
    """The loss on smooth textures falls to less than half of the first epoch's."""
    recipe = load_recipe(recipe_file).changed(epochs=60)
    training = _training(recipe, train_dir, tmp_path)
    training.run()
    losses = [e.loss for e in training.journal.entries if e.stage == "l1"]
    assert losses[-1] < 0.5 * losses[0]
