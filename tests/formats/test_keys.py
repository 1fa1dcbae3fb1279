"""Names and shapes of a checkpoint without torch, and without running what a pickle says.

Numbers: the shapes are those of the tensors saved just before.
"""

from __future__ import annotations

import collections
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from esrbench.errors import SubmissionError
from esrbench.submission.formats.keys import is_pickled, is_safetensors, read_shapes

STATE = {
    "conv.weight": torch.zeros(48, 3, 3, 3),
    "conv.bias": torch.zeros(48),
    "count": torch.tensor(7),
}
SHAPES = {"conv.weight": (48, 3, 3, 3), "conv.bias": (48,), "count": ()}

CONTENTS = {
    "bare": STATE,
    "ordered": collections.OrderedDict(STATE),
    "params": {"params": STATE},
    "params_ema before params": {"params": {"x": torch.zeros(1)}, "params_ema": STATE},
    "state_dict beside other things": {"epoch": 3, "lr": [1e-3], "state_dict": STATE},
    "model": {"model": STATE},
    "module. prefixes": {f"module.{name}": value for name, value in STATE.items()},
    "_orig_mod. prefixes": {f"_orig_mod.{name}": value for name, value in STATE.items()},
    "both": {"model": {f"module._orig_mod.{name}": value for name, value in STATE.items()}},
    "the only entry with tensors": {"generator": STATE, "epoch": 3},
    "parameters": {name: torch.nn.Parameter(v.float(), False) for name, v in STATE.items()},
}


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_pickled(tmp_path: Path, content: object, legacy: bool) -> None:
    path = tmp_path / "a.pth"
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    assert is_pickled(path)
    assert read_shapes(path) == SHAPES


def test_safetensors_under_any_name(tmp_path: Path) -> None:
    path = tmp_path / "a.ckpt"
    save_file(STATE, path)
    assert is_safetensors(path)
    assert read_shapes(path) == SHAPES


class Hostile:
    """Writes a file when it is unpickled as pickles usually are."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.target),)


def test_a_pickle_with_code_runs_nothing(tmp_path: Path) -> None:
    target, path = tmp_path / "made", tmp_path / "a.pth"
    torch.save({"params": STATE, "extra": Hostile(target)}, path)
    assert read_shapes(path) == SHAPES
    assert not target.exists()
    pickle.loads(pickle.dumps(Hostile(target)))  # what it would have done
    assert target.exists()


BROKEN = [
    (b"\x80\x02}q\x00.", "no checkpoint torch can have written"),
    (b"\x80\x02garbage", "no checkpoint torch can have written"),
]


@pytest.mark.parametrize(("content", "words"), BROKEN)
def test_damaged(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.pth"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match=words):
        read_shapes(path)


def test_two_entries_with_tensors_are_not_guessed_between(tmp_path: Path) -> None:
    torch.save({"generator": STATE, "discriminator": STATE}, tmp_path / "a.pth")
    with pytest.raises(SubmissionError, match="holds no state dict"):
        read_shapes(tmp_path / "a.pth")


def test_no_state_dict(tmp_path: Path) -> None:
    torch.save({"epoch": 3, "losses": [1.0]}, tmp_path / "a.pth")
    with pytest.raises(SubmissionError, match="holds no state dict"):
        read_shapes(tmp_path / "a.pth")


def test_the_judge_needs_no_torch() -> None:
    code = "import sys, esrbench.submission.formats.registry; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
