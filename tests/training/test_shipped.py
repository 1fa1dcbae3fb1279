"""Every checkpoint trained here that ships: whole, small, fitting, documented, worth having."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.submission.find import Submission, bundled_names, find, list_variants
from esrbench.submission.load import build_model
from esrbench.submission.weights import choose_weights, locate_weights
from training.ship import LARGEST
from training.validation import Validation, open_validation

SET5_BICUBIC = {2: 33.66, 4: 28.42}
"""dB on Y by scale, as papers print it and `esrbench score bicubic` measures it within 0.01."""


def _shipped() -> list[Submission]:
    found = []
    for name in bundled_names():
        for variant in list_variants(name):
            for scale in find(name, variant=variant).scales:
                submission = find(name, variant=variant, scale=scale)
                if submission.own_weights is not None:
                    found.append(choose_weights(submission, "own", offline=True))
    return found


SHIPPED = _shipped()
each = pytest.mark.parametrize("submission", SHIPPED, ids=lambda s: f"{s.label}-x{s.scale}")


def _weights(submission: Submission) -> Path:
    path = locate_weights(submission, offline=True)  # holds it against the sha256
    assert path is not None
    return path


def _network(submission: Submission) -> Callable[[Tensor], Tensor]:
    network: nn.Module = build_model(
        submission.entry_file, submission.entry_function, submission.build_arguments,
        submission.scale, _weights(submission),
    )  # fmt: skip

    def call(lr: Tensor) -> Tensor:
        with torch.no_grad():
            out: Tensor = network(lr * submission.data_range) / submission.data_range
        return out

    return call


def test_at_least_three_ship() -> None:
    assert len(SHIPPED) >= 3


@each
def test_small_float32_and_documented(submission: Submission) -> None:
    path = _weights(submission)
    assert path.suffix == ".safetensors"
    assert path.stat().st_size <= LARGEST
    assert {value.dtype for value in load_file(path).values()} == {torch.float32}
    assert path.with_suffix(".jsonl").is_file()
    assert path.with_suffix(".png").is_file()
    document = (submission.folder / "weights.md").read_text()
    assert path.name in document
    assert "not the authors'" in " ".join(document.split()) or submission.name == "rdbnet"


@each
def test_better_than_bicubic_without_any_data(submission: Submission) -> None:
    """On the photographs that come with scikit-image: at least 0.5 dB above bicubic."""
    dataset = open_dataset("skimage8", submission.scale, data_root=None, catalogue=load_catalogue())
    pairs = [(p.read_lr(), p.read_hr()) for p in dataset.pairs if p.name in {"chelsea", "coffee"}]
    cpu = torch.device("cpu")
    validation = Validation("two photographs", pairs, submission.scale)
    bicubic = build_model(find("bicubic").entry_file, scale=submission.scale)
    above = validation.psnr_y(_network(submission), cpu) - validation.psnr_y(bicubic, cpu)
    assert above > 0.5


@each
def test_a_decibel_and_a_half_above_bicubic_on_set5(
    submission: Submission, data_root: Path
) -> None:
    validation = open_validation(None, submission.scale, data_root)
    assert validation is not None
    found = validation.psnr_y(_network(submission), torch.device("cpu"))
    assert found >= SET5_BICUBIC[submission.scale] + 1.5
    assert f" {found:.2f} / " in (submission.folder / "weights.md").read_text()


def test_the_control_is_near_the_official_weights(data_root: Path) -> None:
    """SPAN-28 trained here: within 0.6 dB of the 31.74 of its authors' weights on Set5."""
    submission = find("span/c28", scale=4)
    path = submission.folder / "trained_here" / "c28_x4.safetensors"
    assert path.stat().st_size <= LARGEST
    assert submission.own_weights is None, "a control never stands in the official ones' place"
    network: nn.Module = build_model(
        submission.entry_file, submission.entry_function, submission.build_arguments, 4, path
    )

    def call(lr: Tensor) -> Tensor:
        with torch.no_grad():
            out: Tensor = network(lr * submission.data_range) / submission.data_range
        return out

    validation = open_validation(None, 4, data_root)
    assert validation is not None
    found = validation.psnr_y(call, torch.device("cpu"))
    assert found >= 31.74 - 0.6
    assert f" {found:.2f} / " in (submission.folder / "weights.md").read_text()
