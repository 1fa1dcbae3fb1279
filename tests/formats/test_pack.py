"""`esrbench pack`: what is written loads again and gives the same output, within 1e-5."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from esrbench.errors import SubmissionError, UsageError
from esrbench.judge.machine import Machine
from esrbench.judge.pack import pack
from esrbench.submission.find import find
from esrbench.submission.load import build_model
from esrbench.submission.weights import locate_weights
from tests.formats.conftest import small_network

MACHINE = Machine(threads=1)


def test_from_a_training_checkpoint_to_a_folder_with_its_graph(tmp_path: Path) -> None:
    span = find("span/c28", scale=2)
    torch.manual_seed(0)
    trained = build_model(span.folder / "training_form.py", "build", {"channels": 28}, 2)
    for parameter in trained.parameters():
        parameter.data.mul_(0.3)  # untrained SPAN is far outside [0, 1]
    torch.save({"params_ema": trained.state_dict()}, tmp_path / "mine.pth")
    found = find(str(tmp_path / "mine.pth"))
    written = list(pack(found, found.checkpoint, tmp_path / "out", MACHINE, graphs=("pt2",)))
    assert [one.path.name for one in written] == ["mine", "mine_x2.pt2"]
    assert all(one.ok for one in written)
    kept = load_file(tmp_path / "out" / "mine" / "weights.safetensors")
    assert "conv_1.eval_conv.weight" in kept  # the deployed form
    assert not any(".sk." in name for name in kept)
    again = find(str(tmp_path / "out" / "mine"))
    assert (again.name, again.scale, again.data_range) == ("mine", 2, 1.0)
    assert locate_weights(again) == tmp_path / "out" / "mine" / "weights.safetensors"


@pytest.mark.slow
def test_onnx(tmp_path: Path) -> None:
    for module in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(module)
    torch.save(small_state(), tmp_path / "mine_x4.pth")
    found = find(str(tmp_path / "mine_x4.pth"))
    written = list(pack(found, found.checkpoint, tmp_path / "out", MACHINE, graphs=("onnx",)))
    assert [one.path.suffix for one in written] == ["", ".onnx"]
    assert all(one.ok for one in written)
    # The graph carries what it is: no sidecar and no scale in its name are needed.
    renamed = written[1].path.rename(tmp_path / "net.onnx")
    again = find(str(renamed))
    assert (again.name, again.scale) == ("mine_x4", 4)


def small_state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return build_model(find("espcn").entry_file, "build", {}, 4).state_dict()


def test_a_model_of_a_repository_becomes_independent_of_it(
    tmp_path: Path, ntire_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = find(str(ntire_repository), variant="1")
    # Written from where one stands; the zip is the folder.
    one, hand_in = pack(found, locate_weights(found), Path("out"), MACHINE, hand_in=True)
    assert one.ok
    assert (hand_in.path, hand_in.difference) == (Path(f"{one.path}.zip"), one.difference)
    assert find(str(hand_in.path)).code_sha256() == find(str(one.path)).code_sha256()
    with pytest.raises(UsageError, match=r"\.zip is there already"):
        list(pack(found, locate_weights(found), Path("out"), MACHINE, hand_in=True))
    ntire_repository.rename(tmp_path / "elsewhere")
    again = find(str(one.path))
    assert (again.form, again.data_range) == ("source", 255.0)
    kept = load_file(one.path / "weights.safetensors")
    assert sum(value.numel() for value in kept.values()) == 1344


PADS_TO_ITS_WINDOW = """
import torch
import torch.nn.functional as F
from torch import nn


class Windows(nn.Module):
    def __init__(self):
        super().__init__()
        self.mix = nn.Linear(64, 64)

    def forward(self, x):
        n, c, h, w = x.shape
        x = F.pad(x, (0, -w % 8, 0, -h % 8), mode="reflect")
        rows, columns = x.shape[2] // 8, x.shape[3] // 8
        tiles = x.reshape(n, c, rows, 8, columns, 8).permute(0, 1, 2, 4, 3, 5)
        tiles = self.mix(tiles.reshape(n, c, rows, columns, 64))
        tiles = tiles.reshape(n, c, rows, columns, 8, 8).permute(0, 1, 2, 4, 3, 5)
        sr = F.interpolate(tiles.reshape(n, c, 8 * rows, 8 * columns), scale_factor=4)
        return sr[..., : 4 * h, : 4 * w]


def build():
    torch.manual_seed(0)
    return Windows()
"""


@pytest.mark.slow
def test_a_network_that_pads_to_its_window_is_traced_at_multiples_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "windows"
    folder.mkdir()
    (folder / "submission.yaml").write_text("name: windows\nscale: 4\n")
    (folder / "model.py").write_text(PADS_TO_ITS_WINDOW)
    written = list(pack(find(str(folder)), None, tmp_path / "out", MACHINE, graphs=("pt2",)))
    assert [one.ok for one in written] == [True, True]  # at 61x47: the harness pads the graph's
    assert [find(str(one.path)).multiple for one in written] == [1, 8]


def test_without_weights(tmp_path: Path) -> None:
    (one,) = pack(find("bicubic"), None, tmp_path, MACHINE)
    assert one.ok
    assert one.difference == 0
    assert not (one.path / "weights.safetensors").exists()


def test_a_script_is_copied_with_a_manifest(tmp_path: Path) -> None:
    torch.jit.trace(small_network(), torch.rand(1, 3, 8, 9)).save(str(tmp_path / "net.pt"))
    (one,) = pack(find(str(tmp_path / "net.pt"), scale=4), None, tmp_path / "out", MACHINE)
    assert one.ok
    assert find(str(one.path)).scale == 4


@pytest.mark.slow
def test_the_variant_is_in_the_name(tmp_path: Path) -> None:
    written = list(pack(find("bicubic/rgb"), None, tmp_path, MACHINE, graphs=("pt2",)))
    assert [one.path.name for one in written] == ["bicubic-rgb", "bicubic-rgb_x4.pt2"]
    assert [find(str(one.path)).label for one in written] == ["bicubic-rgb"] * 2


# Which expert runs depends on the data; adaptive pooling keeps a fraction of the image's size.
@pytest.mark.parametrize(
    "label", [pytest.param("seemore/t", marks=pytest.mark.slow), "safmn/ntire2023"]
)
def test_what_cannot_be_written_leaves_nothing_behind(tmp_path: Path, label: str) -> None:
    with pytest.raises(SubmissionError, match=r"torch\.export cannot write this network"):
        list(pack(find(label), None, tmp_path, MACHINE, graphs=("pt2",)))
    assert not list(tmp_path.iterdir())


def test_onnx_that_cannot_be_written_names_the_operator(tmp_path: Path) -> None:
    for module in ("onnx", "onnxscript", "onnxruntime"):
        pytest.importorskip(module)
    with pytest.raises(
        SubmissionError, match=r"torch\.onnx cannot write this network: .*remainder"
    ):
        list(pack(find("lanczos"), None, tmp_path, MACHINE, graphs=("onnx",)))


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    list(pack(find("nearest"), None, tmp_path, MACHINE))
    with pytest.raises(UsageError, match="is there already"):
        list(pack(find("nearest"), None, tmp_path, MACHINE))
