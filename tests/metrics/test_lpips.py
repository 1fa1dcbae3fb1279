"""LPIPS: the examples of richzhang/PerceptualSimilarity, and where its backbones come from."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch

from esrbench.errors import UnavailableError, UsageError
from esrbench.metrics import backbones
from esrbench.metrics.lpips_distance import full_precision, open_metric, to_minus_one_one
from esrbench.metrics.setting import Batch, Setting
from tests.metrics.reference import read


@pytest.mark.parametrize(
    ("net", "p0", "p1"),
    # README of PerceptualSimilarity (alex); the package's own output for squeeze.
    [("alex", 0.7219, 0.1376), ("squeeze", 0.7110, 0.1479)],
)
def test_examples(data_root: Path, net: str, p0: float, p1: float) -> None:
    reference, *others = (read(data_root / "lpips" / f"ex_{n}.png") for n in ("ref", "p0", "p1"))
    measure = open_metric({"net": net}, Setting(crop=4, data_root=data_root))
    values = measure(Batch(tuple(others), (reference, reference)))
    assert values == pytest.approx([p0, p1], abs=5e-5)


def test_identical_images_have_no_distance(data_root: Path) -> None:
    image = read(data_root / "lpips" / "ex_ref.png")
    measure = open_metric({"net": "alex"}, Setting(crop=0, data_root=data_root))
    assert measure(Batch((image,), (image,))) == [0.0]
    grey = image[..., 0].copy()
    assert measure(Batch((grey,), (grey,))) == [0.0]


@pytest.mark.parametrize("net", ["alex", "squeeze"])
def test_the_smallest_image(data_root: Path, net: str) -> None:
    measure = open_metric({"net": net}, Setting(crop=0, data_root=data_root))
    side = backbones.SMALLEST[net]
    image = np.zeros((side, side, 3), np.uint8)
    assert measure(Batch((image,), (image,))) == [0.0]
    with pytest.raises(UsageError, match=f"at least {side}x{side}"):
        measure(Batch((image[1:],), (image[1:],)))


def test_opening_leaves_the_random_state_alone(data_root: Path) -> None:
    before = torch.random.get_rng_state()
    open_metric({"net": "squeeze"}, Setting(crop=0, data_root=data_root))
    assert torch.equal(before, torch.random.get_rng_state())


def test_input_range_is_asserted() -> None:
    levels = torch.tensor([0, 255], dtype=torch.uint8).reshape(1, 1, 1, 2)
    assert to_minus_one_one(levels).tolist() == [[[[-1.0, 1.0]]] * 3]
    with pytest.raises(ValueError, match="uint8"):
        to_minus_one_one(torch.rand(1, 3, 8, 8))


def test_precision_is_full_whatever_the_run_had_set() -> None:
    a = torch.rand(8, 8)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        with full_precision("cpu"):
            assert (a @ a).dtype == torch.float32
        assert (a @ a).dtype == torch.bfloat16


def test_no_tf32_on_a_gpu_and_the_switch_is_put_back() -> None:
    before = torch.backends.cudnn.allow_tf32
    with full_precision("cuda"):
        assert not torch.backends.cudnn.allow_tf32
    assert torch.backends.cudnn.allow_tf32 == before


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for each place a backbone is looked for; torch's cache among them."""
    for name in ("weights", "root/lpips", "torch/hub/checkpoints"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path


def checkpoint(folder: Path, monkeypatch: pytest.MonkeyPatch, value: float) -> str:
    """A file as torchvision's, of the right number of tensors, named by its hash."""
    state = {f"features.{i}.weight": torch.full((1,), value) for i in range(26)}
    file = folder / "whole.pth"
    torch.save({**state, "classifier.0.weight": torch.zeros(1)}, file)
    name = f"vgg16-{hashlib.sha256(file.read_bytes()).hexdigest()[:8]}.pth"
    file.rename(folder / name)
    row = backbones.BACKBONES["vgg"]
    known = (*row.checkpoints, name)
    changed = backbones.Backbone(known, row.features, row.layers, None)
    monkeypatch.setitem(backbones.BACKBONES, "vgg", changed)
    return name


def test_places_in_order(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = Setting(0, "cpu", folders / "root", folders / "weights", offline=True)
    with pytest.raises(UnavailableError, match="this run is offline"):
        backbones.load_features("vgg", setting)
    for value, place in ((3.0, "torch/hub/checkpoints"), (2.0, "root/lpips"), (1.0, "weights")):
        checkpoint(folders / place, monkeypatch, value)
        found = backbones.load_features("vgg", setting)
        assert found["0.weight"].item() == value
        assert len(found) == 26


def test_a_file_that_is_not_what_its_name_says(folders: Path) -> None:
    (folders / "weights" / "vgg16-397923af.pth").write_bytes(b"<html>not found</html>")
    setting = Setting(0, "cpu", None, folders / "weights", offline=True)
    with pytest.raises(UnavailableError, match="is not the file its name says"):
        backbones.load_features("vgg", setting)


def test_features_with_other_values_are_refused(folders: Path, data_root: Path) -> None:
    state = torch.load(data_root / "lpips" / "alexnet_features.pth", weights_only=True)
    state["0.bias"][0] += 1e-3
    torch.save(state, folders / "weights" / "alexnet_features.pth")
    setting = Setting(0, "cpu", None, folders / "weights", offline=True)
    with pytest.raises(UnavailableError, match="does not hold the published weights"):
        backbones.load_features("alex", setting)


def test_download_is_checked_and_comes_last(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def refuse(url: str, target: str, prefix: str, progress: bool) -> None:
        asked.append((url, prefix))
        raise RuntimeError("invalid hash value")

    monkeypatch.setattr(torch.hub, "download_url_to_file", refuse)
    setting = Setting(0, "cpu", folders / "root", folders / "weights", offline=False)
    with pytest.raises(UnavailableError, match="invalid hash value"):
        backbones.load_features("vgg", setting)
    assert asked == [("https://download.pytorch.org/models/vgg16-397923af.pth", "397923af")]
