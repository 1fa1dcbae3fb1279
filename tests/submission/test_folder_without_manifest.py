"""A folder with a network and no ``submission.yaml``: what most people have."""

from __future__ import annotations

from pathlib import Path

import pytest

from esrbench.errors import SubmissionError
from esrbench.judge.launch import files_of
from esrbench.submission.find import find, find_all

NETWORK = "def build():\n    return None\n"


def made(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("folder", "name"),
    [("mynet", "mynet"), ("my net (v2)", "my-net-v2"), ("모델", "model"), ("net.v1", "net.v1")],
)
def test_it_is_called_as_its_folder(tmp_path: Path, folder: str, name: str) -> None:
    found = find(str(made(tmp_path / folder, model__py=NETWORK)))
    assert (found.name, found.entry_file.name, found.weights) == (name, "model.py", None)
    assert files_of(found) is None, "all that the folder holds is its own"
    assert [each.label for each in find_all(str(found.folder), variant="all", scale=None)] == [name]


def test_the_only_file_that_builds_is_the_network(tmp_path: Path) -> None:
    folder = made(tmp_path / "net", arch__py=NETWORK, train__py="import torch\n")
    assert find(str(folder)).entry_file.name == "arch.py"
    (folder / "other.py").write_text(NETWORK)
    with pytest.raises(SubmissionError, match=r"has no submission\.yaml"):
        find(str(folder))
    (folder / "model.py").write_text(NETWORK)
    assert find(str(folder)).entry_file.name == "model.py"


def test_its_weights_are_the_only_checkpoint(tmp_path: Path) -> None:
    folder = made(tmp_path / "net", model__py=NETWORK, best__pth="w")
    weights = find(str(folder)).weights
    assert weights is not None
    assert weights.file == "best.pth"
    (folder / "last.pth").write_text("v")
    with pytest.raises(SubmissionError, match=r"2 checkpoints \(best\.pth, last\.pth\)"):
        find(str(folder))
    (folder / "model.pth").write_text("u")  # of the network's own name
    weights = find(str(folder)).weights
    assert weights is not None
    assert weights.file == "model.pth"


def test_another_file_of_it_is_another_submission(tmp_path: Path) -> None:
    folder = made(tmp_path / "net", model__py=NETWORK, parts__py="A = 1\n")
    before = find(str(folder)).code_sha256()
    (folder / "parts.py").write_text("A = 2\n")
    assert find(str(folder)).code_sha256() != before


def test_a_network_without_build_is_told_where_to_add_it(tmp_path: Path) -> None:
    text = "from torch import nn\nclass Net(nn.Module):\n    pass\n"
    with pytest.raises(SubmissionError, match=r"give model\.py a `def build\(\)`"):
        find(str(made(tmp_path / "net", model__py=text)))
