"""What a submission is shown: its own files, and no way out of its folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

import esrbench
from esrbench.errors import SubmissionError
from esrbench.sandbox.sight import _importable, around, hidden_in_libraries, of_python, own_files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "own"
    (own / "inner").mkdir(parents=True)
    (own / "model.py").write_text("")
    (own / "inner" / "w.safetensors").write_text("")
    (tmp_path / "secret").write_text("")
    return own


def test_its_folder_and_weights_from_elsewhere(folder, tmp_path) -> None:
    assert own_files(folder, None, None, of="x") == (folder,)
    elsewhere = tmp_path / "secret"
    assert own_files(folder, None, elsewhere, of="x") == (folder, elsewhere)
    assert own_files(folder, [folder / "model.py"], None, of="x") == (folder / "model.py",)


def test_links_within_its_folder_are_its_own(folder) -> None:
    (folder / "again.py").symlink_to("model.py")
    (folder / "w.pth").symlink_to("inner/w.safetensors")
    own_files(folder, None, folder / "w.pth", of="x")


def out_by_a_link(folder: Path) -> None:
    (folder / "data.py").symlink_to("../secret")


def out_by_a_folder(folder: Path) -> None:
    (folder / "inner" / "up").symlink_to("../..")


def out_to_the_root(folder: Path) -> None:
    (folder / "root").symlink_to("/")


def out_through_another_link(folder: Path) -> None:
    (folder / "a").symlink_to("b")
    (folder / "b").symlink_to("/etc/hostname")


def dangling(folder: Path) -> None:
    (folder / "later").symlink_to("/not/there/yet")


def a_fifo(folder: Path) -> None:
    os.mkfifo(folder / "fifo")


def a_nest(folder: Path) -> None:
    (folder / "/".join("n" * 30)).mkdir(parents=True)


WAYS_OUT = [
    (out_by_a_link, "data.py of x is a link that leads out"),
    (out_by_a_folder, "up of x is a link that leads out"),
    (out_to_the_root, "root of x is a link that leads out"),
    (out_through_another_link, "of x is a link that leads out"),
    (dangling, "later of x is a link that leads out"),
    (a_fifo, "fifo, which is neither a file nor a folder"),
    (a_nest, "nested deeper than 24"),
]


@pytest.mark.parametrize(("make", "words"), WAYS_OUT, ids=[m.__name__ for m, _ in WAYS_OUT])
def test_ways_out_are_refused(folder, make, words) -> None:
    make(folder)
    with pytest.raises(SubmissionError, match=words):
        own_files(folder, None, None, of="x")


def test_weights_that_a_submission_links_to_are_refused(folder) -> None:
    (folder / "w.pth").symlink_to("../secret")
    with pytest.raises(SubmissionError, match=r"w.pth of x is a link"):
        own_files(folder, [folder / "model.py"], folder / "w.pth", of="x")


def test_the_interpreter_is_seen_and_the_checkout_is_not() -> None:
    seen = of_python()
    assert Path(sys.executable).parent in seen
    assert Path(esrbench.__file__).parent in seen
    root = Path(esrbench.__file__).resolve().parent.parent
    if (root / "pyproject.toml").is_file():
        assert not any(root.is_relative_to(path) and path != Path("/") for path in seen)


def test_of_a_source_folder_only_what_can_be_imported(tmp_path) -> None:
    for name in ("package/__init__.py", "module.py", "native.so", "data/HR.png", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert {path.name for path in _importable(str(tmp_path))} == {
        "package",
        "module.py",
        "native.so",
    }
    assert list(_importable("")) == []
    assert list(_importable("relative")) == []


def test_ground_truth_in_libraries_is_hidden() -> None:
    assert any(path.parts[-2:] == ("skimage", "data") for path in hidden_in_libraries())


def test_around_what_is_hidden_the_rest_is_allowed(tmp_path) -> None:
    for name in ("lib/skimage/data/hr.png", "lib/skimage/io.py", "lib/torch/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    lib = tmp_path / "lib"
    allowed, listed = around([lib], [lib / "skimage/data"])
    assert set(allowed) == {lib / "torch", lib / "skimage/io.py"}
    assert set(listed) == {lib, lib / "skimage"}
