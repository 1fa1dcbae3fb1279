"""Scratch folders go, whatever is in them and whoever made them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from esrbench.sandbox import scratch


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(scratch.tempfile, "tempdir", str(tmp_path))


def deep(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    for _ in range(2000):
        os.mkdir("n" * 200, dir_fd=here)
        below = os.open("n" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)


def locked(folder: Path) -> None:
    (folder / "a/b").mkdir(parents=True)
    (folder / "a").chmod(0)


def odd(folder: Path) -> None:
    (folder / "-rf").write_text("")
    (folder / "new\nline").mkdir()
    (folder / "to").symlink_to("/usr")
    os.mkfifo(folder / "fifo")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).write_text("")


@pytest.mark.parametrize("fill", [deep, locked, odd, lambda folder: None])
def test_nothing_stays(fill, tmp_path) -> None:
    folder = scratch.make()
    fill(folder)
    scratch.remove(folder)
    assert list(tmp_path.iterdir()) == []
    assert Path("/usr/bin").is_dir()


def test_folders_of_the_dead_are_swept_and_of_the_living_kept(tmp_path) -> None:
    made = "from esrbench.sandbox import scratch; print(scratch.make())"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", made], env=environment, check=True, capture_output=True)
    own = scratch.make()
    assert len(list(tmp_path.iterdir())) == 2
    assert scratch.sweep() == 1
    assert list(tmp_path.iterdir()) == [own]
