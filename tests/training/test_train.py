"""The command line: from a folder of images to weights that the harness loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from esrbench.data.images import write_png
from esrbench.errors import SubmissionError
from esrbench.submission.find import find
from esrbench.submission.load import build_model
from training.export import export
from training.place import Place
from training.train import main
from training.trainee import Trainee

from .conftest import texture


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ESRBENCH_TRAIN_ROOT", raising=False)
    monkeypatch.delenv("ESRBENCH_DATA_ROOT", raising=False)


def _run(recipe: Path, *options: str | Path) -> int:
    return main([str(recipe), "--device", "cpu", *map(str, options)])


def test_weights_log_and_curve(recipe_file: Path, train_dir: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "run"
    options = ("--train-dir", train_dir, "--val-dir", train_dir, "--out", out)
    assert _run(recipe_file, *options) == 0
    folder = recipe_file.parent / "tiny"
    build_model(folder / "model.py", scale=2, weights_path=out / "weights.safetensors")
    weights = load_file(out / "weights.safetensors")
    assert {value.dtype for value in weights.values()} == {torch.float32}
    assert (out / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert '"psnr_y": ' in (out / "log.jsonl").read_text()
    capsys.readouterr()
    assert _run(recipe_file, *options) == 0  # done already: nothing left to train
    assert "Going on after 12 of 12 iterations." in capsys.readouterr().out
    again = load_file(out / "weights.safetensors")
    assert all(torch.equal(weights[name], again[name]) for name in weights)
    assert (out / "weights.safetensors").stat().st_mode & 0o777 == 0o644


def test_two_trainers_do_not_share_a_folder(
    recipe_file: Path, train_dir: Path, tmp_path: Path, capsys
) -> None:
    options = ("--train-dir", train_dir, "--out", tmp_path / "run")
    with Place(tmp_path / "run", torch.device("cpu")).claimed():
        assert _run(recipe_file, *options) == 2
    assert "Another trainer is at work in" in capsys.readouterr().err
    assert _run(recipe_file, *options) == 0


def test_without_a_terminal_each_epoch_has_its_line(
    recipe_file: Path, train_dir: Path, tmp_path: Path, capsys
) -> None:
    options = ("--train-dir", train_dir, "--val-dir", train_dir, "--out", tmp_path / "run")
    assert _run(recipe_file, *options) == 0
    lines = capsys.readouterr().err.splitlines()
    begun = "0 of 12 iterations"
    assert [line.split(":")[0] for line in lines] == [begun, "4 of 12", "8 of 12", "12 of 12"]
    assert re.search(r", train \d+\.\d\d dB, \d+\.\d\d it/s, about 1 min left$", lines[1])
    assert lines[3].endswith(" it/s")


def test_images_too_small_for_a_patch_are_told(
    recipe_file: Path, train_dir: Path, tmp_path: Path, capsys
) -> None:
    write_png(train_dir / "small.png", texture(15, 40, 9))
    assert _run(recipe_file, "--train-dir", train_dir, "--out", tmp_path / "run") == 0
    assert "4 images, in memory; 1 smaller than a patch, never drawn." in capsys.readouterr().out


def test_a_validation_image_the_crop_leaves_nothing_of(
    recipe_file: Path, train_dir: Path, tmp_path: Path, capsys
) -> None:
    write_png(tmp_path / "val" / "small.png", texture(4, 40, 9))
    assert _run(recipe_file, "--train-dir", train_dir, "--val-dir", tmp_path / "val") == 2
    assert "Validation image 1 of val is 4x40" in capsys.readouterr().err


def test_options_and_a_warm_start(
    recipe_file: Path, train_dir: Path, tmp_path: Path, capsys
) -> None:
    two, four = tmp_path / "x2", tmp_path / "x4"
    assert _run(recipe_file, "--train-dir", train_dir, "--epochs", "1", "--out", two) == 0
    options = ("--scale", "4", "--patch", "16", "--batch", "1", "--epochs", "1")
    warm = ("--warm-start", two / "checkpoint.pt")
    assert _run(recipe_file, "--train-dir", train_dir, "--out", four, *options, *warm) == 0
    assert "Warm start; these stay as they were: 3.weight, 3.bias." in capsys.readouterr().out
    assert load_file(four / "weights.safetensors")["3.weight"].shape[0] == 3 * 16


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        ((), 2, "Name a folder of images with --train-dir or ESRBENCH_TRAIN_ROOT"),
        (("--patch", "15"), 2, "multiple of the scale 2"),
        (("--scale", "3", "--patch", "18"), 1, "cannot do x3"),
        (("--train-dir", "missing"), 2, "no folder missing"),
        (("--device", "foo"), 2, "No device 'foo'; use cpu"),
        (("--warm-start", "missing.pt"), 2, "no checkpoint missing.pt to start from"),
        (("--out", __file__), 3, "cannot be written"),
    ],
)
def test_faults_are_sentences(recipe_file: Path, capsys, options, code, sentence) -> None:
    assert _run(recipe_file, *options) == code
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error


def test_a_wrong_conversion_is_not_shipped(tmp_path: Path) -> None:
    trainee = Trainee(find("ecbsr/m4c16"), "expanded")
    right = trainee._convert
    trainee._convert = lambda state: {k: 1.01 * v for k, v in right(state).items()}
    with pytest.raises(SubmissionError, match="from the trained one's"):
        export(trainee, trainee.network.state_dict(), tmp_path / "w.safetensors")
    assert not (tmp_path / "w.safetensors").exists()
