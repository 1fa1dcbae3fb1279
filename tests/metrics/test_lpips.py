"""LPIPS: the examples of richzhang/PerceptualSimilarity, and where its backbones come from."""

from __future__ import annotations

import hashlib
import importlib
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from esrbench.errors import UnavailableError, UsageError
from esrbench.metrics import backbones, lpips_network
from esrbench.metrics.lpips_distance import full_precision, open_metric, to_minus_one_one
from esrbench.metrics.lpips_network import TRUNKS, Lpips
from esrbench.metrics.scorer import Scorer
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


@pytest.mark.filterwarnings("ignore:Arguments other than a weight enum", "ignore:The parameter")
@pytest.mark.parametrize("net", list(TRUNKS))
def test_the_packages_own_network_to_the_last_bit(net: str) -> None:
    try:
        package: Any = importlib.import_module("lpips")
    except Exception as why:  # a torchvision for another torch raises several kinds
        pytest.skip(f"lpips cannot be imported here: {why}")
    torch.manual_seed(1)
    theirs = package.LPIPS(net=net, pnet_rand=True, verbose=False).eval()
    features = {k.split(".", 1)[1]: v for k, v in theirs.net.state_dict().items()}
    ours = Lpips(net, features)
    for sides in ((64, 64), (97, 61), (255, 130)):
        sr, hr = (torch.rand(2, 3, *sides) * 2 - 1 for _ in range(2))
        with torch.inference_mode():
            assert torch.equal(ours(sr, hr), theirs(sr, hr))


def test_neither_torchvision_nor_a_compiler_is_imported(data_root: Path) -> None:
    scored = (
        "import sys; from pathlib import Path; from esrbench.metrics.scorer import Scorer; "
        f"assert not Scorer(['lpips_alex'], crop=0, data_root=Path({str(data_root)!r})).missing; "
        "print(*sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", scored], capture_output=True, text=True, check=True
    )
    assert not {"torchvision", "lpips", "torch._dynamo", "torch._inductor"} & set(
        told.stdout.split()
    )


def test_the_linear_layers_are_the_published_ones(
    tmp_path: Path, data_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def keys() -> dict[str, str]:
        return Scorer(["psnr_y", "lpips_alex"], crop=0, data_root=data_root).missing

    monkeypatch.setattr(lpips_network, "find_spec", lambda name: None)
    assert keys() == {
        "lpips_alex": "LPIPS needs the lpips package, for its published linear layers: "
        "pip install lpips"
    }
    spec = ModuleSpec("lpips", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    other = tmp_path / "weights" / "v0.1" / "alex.pth"
    other.parent.mkdir(parents=True)
    torch.save({"lin0.model.1.weight": torch.zeros(1, 64, 1, 1)}, other)
    monkeypatch.setattr(lpips_network, "find_spec", lambda name: spec)
    assert "does not hold LPIPS's published layers" in keys()["lpips_alex"]


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
