"""A checkpoint alone is told by its names and shapes.

Numbers: the networks that come with esrbench, saved in the ways training programs save.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from esrbench.errors import SubmissionError, UsageError
from esrbench.submission.find import find
from esrbench.submission.formats.signatures import signatures
from esrbench.submission.load import build_model
from tests.formats.running import output


def state_of(label: str, scale: int, module: str = "model") -> dict[str, torch.Tensor]:
    found = find(label, scale=scale)
    torch.manual_seed(0)
    entry = found.folder / f"{module}.py"
    return build_model(entry, "build", found.build_arguments, scale).state_dict()


@pytest.mark.slow
def test_every_bundled_network_is_in_the_table() -> None:
    table = {s.label for s in signatures()}
    assert {"span/c28 x4", "rlfn/ntire x4", "bsrn/bsrn x2", "efdn x4"} <= table
    assert not {label for label in table if label.startswith("bicubic")}  # it has no tensors


# file name, network, scale, saved as, what it is taken for
CASES = [
    ("4x_anything.pth", "span/c28", 4, "params_ema", "SPAN, 28 channels (span/c28 x4)"),
    ("mine.safetensors", "rlfn/ntire", 4, "safetensors", "(rlfn/ntire x4)"),
    ("net_g_500000.pth", "efdn", 2, "module", "(efdn x2)"),
    ("old.ckpt", "imdn/imdn", 3, "legacy", "(imdn/imdn x3)"),
]


@pytest.mark.parametrize(("name", "label", "scale", "saved", "words"), CASES)
def test_taken_for(
    tmp_path: Path, name: str, label: str, scale: int, saved: str, words: str
) -> None:
    path, state = tmp_path / name, dict(state_of(label, scale))
    if saved == "safetensors":
        save_file(state, path)
    elif saved == "module":
        torch.save({"params": {f"module.{k}": v for k, v in state.items()}}, path)
    elif saved == "legacy":
        torch.save({"state_dict": state}, path, _use_new_zipfile_serialization=False)
    else:
        torch.save({saved: state}, path)
    found = find(str(path))
    assert words in (found.taken_for or "")
    assert (found.scale, found.variant, found.checkpoint) == (scale, None, path)
    assert found.name == path.stem
    assert found.authors is None  # the architecture's authors did not train these
    assert found.data_range == find(label, scale=scale).data_range


def test_runs_with_its_weights_and_not_with_others(tmp_path: Path) -> None:
    path = tmp_path / "mine.pth"
    torch.save(state_of("espcn", 4), path)
    found = find(str(path))
    model = build_model(find("espcn").entry_file, "build", {}, 4, path)
    with torch.inference_mode():
        from tests.formats.running import LR

        x = torch.from_numpy(LR).permute(0, 3, 1, 2) / 255
        expected = model(x).numpy()
    np.testing.assert_allclose(output(found, path), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("label", "scale"),
    [("span/c48", 2), ("efdn", 4), ("ecbsr/m4c16", 3), ("ecbsr/m10c32-y", 4), ("etds/t", 2)],
)
def test_training_form(tmp_path: Path, label: str, scale: int) -> None:
    path = tmp_path / "trained.pth"
    torch.save({"params_ema": state_of(label, scale, "training_form")}, path)
    found = find(str(path))
    assert f"({label} x{scale}), in its training form" in (found.taken_for or "")


# What stands before every name: a LightningModule's attribute, torch.compile, both.
@pytest.mark.parametrize("prefix", ["model.", "net_g.", "_orig_mod.", "model._orig_mod."])
@pytest.mark.parametrize("module", ["model", "training_form"])
def test_names_that_all_begin_alike(tmp_path: Path, prefix: str, module: str) -> None:
    state = state_of("span/c28", 4, module)
    torch.save({"params": state}, tmp_path / "plain.pth")
    saved = {"state_dict": {f"{prefix}{name}": value for name, value in state.items()}, "epoch": 3}
    torch.save(saved, tmp_path / "last.ckpt")
    found = find(str(tmp_path / "last.ckpt"))
    assert "(span/c28 x4)" in (found.taken_for or "")
    entry, arguments = found.entry_file, found.build_arguments
    plain, prefixed = (
        build_model(entry, "build", arguments, 4, tmp_path / name).state_dict()
        for name in ("plain.pth", "last.ckpt")
    )
    assert all(torch.equal(prefixed[name], plain[name]) for name in plain)


def test_the_nearest_is_found_behind_a_prefix(tmp_path: Path) -> None:
    state = {f"model.{name}": value for name, value in state_of("efdn", 4).items()}
    del state["model.head.bias"]
    torch.save(state, tmp_path / "odd.ckpt")
    with pytest.raises(
        SubmissionError, match=r"efdn x4: 1 of its \d+ tensors are missing \(head.b"
    ):
        find(str(tmp_path / "odd.ckpt"))


def test_the_sidecar_says_who(tmp_path: Path) -> None:
    torch.save(state_of("efdn", 4), tmp_path / "mine.pth")
    (tmp_path / "mine.yaml").write_text("name: ours\nauthors: A. Author\ndata_range: 255.0\n")
    found = find(str(tmp_path / "mine.pth"))
    assert (found.name, found.authors, found.data_range) == ("ours", "A. Author", 255.0)


def test_what_only_the_scale_tells_apart_is_asked_for(tmp_path: Path) -> None:
    # FSRCNN has the same tensors at every scale.
    state = state_of("fsrcnn", 3)
    torch.save(state, tmp_path / "mine.pth")
    with pytest.raises(UsageError, match=r"fsrcnn x2, fsrcnn x3, fsrcnn x4 alike"):
        find(str(tmp_path / "mine.pth"))
    assert find(str(tmp_path / "mine.pth"), scale=3).scale == 3
    torch.save(state, tmp_path / "mine_x2.pth")
    assert find(str(tmp_path / "mine_x2.pth")).scale == 2


def test_another_scale_is_refused(tmp_path: Path) -> None:
    torch.save(state_of("espcn", 4), tmp_path / "mine.pth")
    with pytest.raises(SubmissionError, match="espcn x4, not x2"):
        find(str(tmp_path / "mine.pth"), scale=2)


def test_refused_with_the_nearest_and_what_it_lacks(tmp_path: Path) -> None:
    state = dict(state_of("span/c28", 4))
    state["extra.weight"] = torch.zeros(3)
    del state["conv_2.eval_conv.bias"]
    state["conv_cat.weight"] = torch.zeros(28, 100, 1, 1)
    torch.save(state, tmp_path / "odd.pth")
    with pytest.raises(SubmissionError) as refused:
        find(str(tmp_path / "odd.pth"))
    text = str(refused.value)
    assert "1 of its 44 tensors are missing (conv_2.eval_conv.bias ...)" in text
    assert "1 are none of its own (extra.weight ...)" in text
    assert "conv_cat.weight is 28x100x1x1, not 28x112x1x1" in text


OFFICIAL = [
    ("SPAN_ntire2026_x4.pth", "span/c28"),
    ("BSRN-S_x4.pth", "bsrn/s"),  # by convert_state_dict
    ("RLFN_x2.pth", "rlfn/rlfn"),
    ("FSRCNN_x4.pth", "fsrcnn"),  # three scales have its tensors; its hash tells
]


@pytest.mark.parametrize(("name", "label"), OFFICIAL)
def test_official_weights(weights_dir: Path, name: str, label: str) -> None:
    found = find(str(weights_dir / name))
    assert found.label == label
    assert (found.taken_for or "").endswith("the official weights")


@pytest.mark.slow
def test_spandrel_for_what_is_not_ours(tmp_path: Path) -> None:
    pytest.importorskip("spandrel")
    from spandrel.architectures.SwinIR import SwinIR

    model = SwinIR(
        embed_dim=24,
        depths=[2],
        num_heads=[2],
        window_size=8,
        upscale=2,
        upsampler="pixelshuffledirect",
        img_size=32,
    )
    torch.save({"params_ema": model.state_dict()}, tmp_path / "small.pth")
    found = find(str(tmp_path / "small.pth"))
    assert (found.form, found.scale) == ("spandrel", 2)
    assert output(found, found.checkpoint).shape == (2, 3, 26, 34)
