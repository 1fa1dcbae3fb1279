"""Building and filling a network: every way a submission can be wrong is one sentence."""

from __future__ import annotations

import argparse
import pickle
import sys
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from esrbench.errors import SubmissionError
from esrbench.submission.checkpoint import read_state_dict
from esrbench.submission.formats.repository.pip_names import pip_line
from esrbench.submission.load import build_model

from .conftest import WriteSubmission


def _state() -> dict[str, torch.Tensor]:
    """What fits the model of conftest.py with width 4, at x2."""
    return {
        "0.weight": torch.rand(4, 3, 3, 3),
        "0.bias": torch.rand(4),
        "1.weight": torch.rand(12, 4, 1, 1),
        "1.bias": torch.rand(12),
    }


def _build(folder: Path, weights: Path | None = None, **arguments: Any) -> nn.Module:
    return build_model(folder / "model.py", "build", arguments, 2, weights)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda s: s,
        lambda s: OrderedDict(s),
        lambda s: {"params": {k: v * 0 for k, v in s.items()}, "params_ema": s},
        lambda s: {"params": s},
        lambda s: {"epoch": 7, "state_dict": {f"module.{k}": v for k, v in s.items()}},
        lambda s: {"model": {"state_dict": s}},
        lambda s: defaultdict(list, s),
        lambda s: {"model": s, "args": argparse.Namespace(scale=4, best={"psnr": None})},
        lambda s: {"model": s, "history": defaultdict(dict), "root": Path("data")},
    ],
)
def test_checkpoints_are_unwrapped(wrap: Any, write_submission: WriteSubmission) -> None:
    folder, state = write_submission(), _state()
    torch.save(wrap(state), folder / "w.pth")
    model = _build(folder, folder / "w.pth")
    assert not model.training
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())


def test_safetensors_are_known_by_content(write_submission: WriteSubmission) -> None:
    folder, state = write_submission(), _state()
    save_file(state, folder / "w.pth")
    assert torch.equal(_build(folder, folder / "w.pth").state_dict()["0.bias"], state["0.bias"])
    (folder / "cut.safetensors").write_bytes((folder / "w.pth").read_bytes()[:300])
    with pytest.raises(SubmissionError, match="damaged safetensors"):
        read_state_dict(folder / "cut.safetensors")


def test_a_named_key_is_taken(tmp_path: Path) -> None:
    torch.save({"generator": _state(), "params": {}}, tmp_path / "w.pth")
    assert set(read_state_dict(tmp_path / "w.pth", "generator")) == set(_state())
    with pytest.raises(SubmissionError, match=r"no entry 'g'; it holds generator, params"):
        read_state_dict(tmp_path / "w.pth", "g")
    with pytest.raises(SubmissionError, match="holds no state dict"):
        read_state_dict(tmp_path / "w.pth")


def test_weights_that_do_not_fit_are_named(write_submission: WriteSubmission) -> None:
    folder, state = write_submission(), _state()
    state["head.weight"] = state.pop("0.weight")
    state["1.bias"] = torch.rand(48)
    torch.save(state, folder / "w.pth")
    with pytest.raises(SubmissionError) as failure:
        _build(folder, folder / "w.pth")
    for words in ["1 missing (0.weight)", "1 unexpected (head.weight)", "1.bias 48 for 12"]:
        assert words in str(failure.value)


class _Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (sys.exit, ("the pickle ran",))


def test_a_pickle_that_needs_code_is_refused(tmp_path: Path) -> None:
    torch.save({"params": _Evil()}, tmp_path / "evil.pth")
    with pytest.raises(SubmissionError, match=r"needs code \(sys.exit\)"):
        read_state_dict(tmp_path / "evil.pth")
    (tmp_path / "plain.pth").write_bytes(pickle.dumps(_Evil(), protocol=2))
    with pytest.raises(SubmissionError, match="code"):
        read_state_dict(tmp_path / "plain.pth")
    torch.save(nn.Conv2d(3, 3, 3), tmp_path / "module.pth")
    with pytest.raises(SubmissionError, match="needs code"):
        read_state_dict(tmp_path / "module.pth")


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(SubmissionError, match=r"w\.pth"):
        read_state_dict(tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("raise ValueError('no')\ndef build(): ...", ["importing", "ValueError: no", "line 1"]),
        ("import no_such_thing\ndef build(): ...", ["needs no_such_thing", "pip install"]),
        ("def build():\n    1 / 0", ["build()", "ZeroDivisionError", "model.py line 2"]),
        ("def build(): return 3", ["returns int", "torch.nn.Module"]),
        ("def build(width): ...", ["build()", "['scal']", "agree"]),
    ],
)
def test_what_build_does_wrong(
    model: str, words: list[str], write_submission: WriteSubmission
) -> None:
    arguments = {"scal": 2} if "width" in model else {}
    with pytest.raises(SubmissionError) as failure:
        _build(write_submission(model=model), **arguments)
    assert all(word in str(failure.value) for word in words)


def test_scale_is_given_only_to_a_build_that_takes_it(write_submission: WriteSubmission) -> None:
    model = "from torch import nn\ndef build(): return nn.PixelShuffle(3)\n"
    assert isinstance(_build(write_submission(model=model)), nn.PixelShuffle)
    model = "from torch import nn\ndef build(**kw): return nn.PixelShuffle(kw['scale'])\n"
    built = _build(write_submission(model=model, folder="b"))
    assert isinstance(built, nn.PixelShuffle)
    assert built.upscale_factor == 2


@pytest.mark.parametrize("statement", ["from blocks import FACTOR", "from .blocks import FACTOR"])
def test_two_submissions_each_have_their_own_blocks(
    statement: str, write_submission: WriteSubmission
) -> None:
    model = f"from torch import nn\n{statement}\ndef build(): return nn.PixelShuffle(FACTOR)\n"
    path = list(sys.path)
    for factor in (2, 3):
        folder = write_submission(model=model, folder=f"s{factor}")
        (folder / "blocks.py").write_text(f"FACTOR = {factor}\n")
        built = _build(folder)
        assert isinstance(built, nn.PixelShuffle)
        assert built.upscale_factor == factor
    assert sys.path == path
    assert "blocks" not in sys.modules


def test_convert_state_dict_is_applied(write_submission: WriteSubmission) -> None:
    model = (
        "from torch import nn\ndef build(): return nn.Conv2d(3, 3, 1)\n"
        "def convert_state_dict(s): return {k: v.reshape(3, 3, 1, 1) if v.dim() == 2 else v\n"
        "                                  for k, v in s.items()}\n"
    )
    folder = write_submission(model=model)
    torch.save({"weight": torch.rand(3, 3), "bias": torch.rand(3)}, folder / "w.pth")
    assert _build(folder, folder / "w.pth").state_dict()["weight"].shape == (3, 3, 1, 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("import timm_of_nobody", "needs timm_of_nobody, which is not installed: pip install"),
        (
            "open('lut.npy')",
            r"where the code is: Path\(__file__\)\.parent / 'lut.npy'",
        ),
        ("open('/nowhere/lut.npy')", "put the file there"),
    ],
)
def test_what_is_not_there_is_said_with_what_to_do(
    line: str, words: str, write_submission: WriteSubmission
) -> None:
    folder = write_submission(model=f"{line}\n")
    with pytest.raises(SubmissionError, match=words):
        _build(folder)


def test_a_package_of_an_extra_is_asked_for_by_the_extra() -> None:
    assert pip_line(["cv2"]) == "pip install 'esrbench[ntire]'"
    assert pip_line(["timm", "mamba_ssm"]) == "pip install 'esrbench[ntire]' mamba-ssm"
    assert pip_line(["PIL"]) == "pip install pillow"


def test_weights_that_are_a_pointer_are_said_to_be_one(write_submission: WriteSubmission) -> None:
    folder = write_submission()
    (folder / "w.pth").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    with pytest.raises(SubmissionError, match="git lfs pull"):
        _build(folder, folder / "w.pth")
