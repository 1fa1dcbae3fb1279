"""A run that was stopped and taken up again ends on the same bits as one that was not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from esrbench.errors import UsageError
from esrbench.submission.find import find
from training import loop
from training.checkpoint import Checkpoint, read_checkpoint
from training.images import TrainingImages
from training.journal import read_journal
from training.loop import Training
from training.place import Place
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
    _training(recipe, train_dir, tmp_path / "parts").run(until=6)
    with (tmp_path / "parts" / "log.jsonl").open("a") as file:
        file.write('{"iteration": 8, "sta')  # killed while it wrote
    _training(recipe, train_dir, tmp_path / "parts").run()
    entries = read_journal(tmp_path / "parts" / "log.jsonl")
    assert [e.iteration for e in entries] == [4, 8, 12]
    assert [e.stage for e in entries] == ["l1", "l1", "l2"]
    assert entries[0].seconds < entries[2].seconds
    _training(recipe, train_dir, tmp_path / "whole").run()
    whole = read_journal(tmp_path / "whole" / "log.jsonl")
    assert [e.loss for e in entries] == [e.loss for e in whole]  # of whole epochs, stopped or not


def test_a_log_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("nonsense\n")
    with pytest.raises(UsageError, match="no log of a training"):
        read_journal(tmp_path / "log.jsonl")


def test_other_images_are_refused_and_the_same_elsewhere_are_not(
    recipe_file: Path, train_dir: Path, tmp_path: Path
) -> None:
    recipe = load_recipe(recipe_file)
    _training(recipe, train_dir, tmp_path / "run").run(until=1)
    moved = train_dir.rename(tmp_path / "moved")
    assert _training(recipe, moved, tmp_path / "run").iteration == 1
    (moved / "0.png").unlink()
    with pytest.raises(UsageError, match="another set of images; go on with that one"):
        _training(recipe, moved, tmp_path / "run")


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


@pytest.mark.slow
def test_it_learns(recipe_file: Path, train_dir: Path, tmp_path: Path) -> None:
    """The loss on smooth textures falls to less than half of the first epoch's."""
    recipe = load_recipe(recipe_file).changed(epochs=60)
    training = _training(recipe, train_dir, tmp_path)
    training.run()
    losses = [e.loss for e in training.journal.entries if e.stage == "l1"]
    assert losses[-1] < 0.5 * losses[0]


def test_a_loss_that_is_no_number_ends_the_run(
    recipe_file: Path, train_dir: Path, tmp_path: Path
) -> None:
    training = _training(load_recipe(recipe_file), train_dir, tmp_path)
    training.run(until=3)
    torch.nn.init.constant_(training.trainee.network[0].weight, float("nan"))
    with pytest.raises(UsageError, match="loss is nan after 4 iterations; lower `lr`"):
        training.run()
    assert read_checkpoint(tmp_path / "checkpoint.pt", torch.device("cpu")).iteration == 3


def test_saved_between_epochs_as_well(
    recipe_file: Path, train_dir: Path, tmp_path: Path, monkeypatch
) -> None:
    saved = []
    save = Checkpoint.save
    monkeypatch.setattr(loop, "SAVE_SECONDS", 0.0)
    monkeypatch.setattr(
        Checkpoint, "save", lambda self, path: (saved.append(self.iteration), save(self, path))
    )
    _training(load_recipe(recipe_file), train_dir, tmp_path).run(until=6)
    assert saved == [1, 2, 3, 4, 5, 6, 6]
