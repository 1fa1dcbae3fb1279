"""An image that is replaced while a submission is scored: nothing made on both is kept."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.data.images import write_png
from esrbench.errors import UnavailableError
from esrbench.judge.bench import Bench
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.progress import Silent
from esrbench.judge.score import score
from esrbench.judge.unchanged import Unchanged
from esrbench.protocol.schema import Protocol, Timing
from esrbench.submission.find import find

CATALOGUE = """\
Two:
  title: Two images
  images: 2
  scales: [4]
  hr: {folders: [Two]}
  lr: {default: {folders: [none], make: {border: symmetric}}}
  licence: none
  source: noise
  how_to_get: made here
"""


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A data root with a set of two images, and its catalogue beside it."""
    (tmp_path / "two.yaml").write_text(CATALOGUE)
    for seed, name in enumerate("ab"):
        noise = np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8)
        write_png(tmp_path / "data" / "Two" / f"{name}.png", noise)
    return tmp_path / "data"


class Replaces(Silent):
    """Puts another picture in the place of ``path`` once the first image is scored."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def step(self, name: str = "") -> None:
        write_png(self.path, np.full((64, 64, 3), 7, np.uint8))


def test_nothing_is_kept_of_a_set_that_changed(write_submission, two: Path) -> None:
    options = Options(
        protocol=Protocol(
            name="two", title="Two", datasets=("Two",), metrics=("psnr_y",),
            reference_input="1x3x16x16", timing=Timing(shapes=("16x16",), baseline=None),
        ),
        catalogue=load_catalogue(two.parent / "two.yaml"), machine=Machine(threads=1),
        results=two.parent / "results", data_root=two, offline=True, timing=False,
    )  # fmt: skip
    submission = find(str(write_submission("plain")))
    with Bench(replace(options, progress=Replaces(two / "Two" / "a.png"))) as bench:
        with pytest.raises(UnavailableError, match=r"a of Two .* was changed or removed"):
            score(submission, bench)
        assert bench.store.records() == []
    with Bench(options) as bench:
        assert score(submission, bench).status == "ok"


@pytest.mark.parametrize("fault", ["written anew", "gone", "touched"])
def test_what_counts_as_a_change(two: Path, fault: str) -> None:
    dataset = open_dataset(
        "Two", 4, data_root=two, catalogue=load_catalogue(two.parent / "two.yaml")
    )
    unchanged = Unchanged()
    unchanged.hold(dataset)  # never noted: nothing to hold it against
    unchanged.note(dataset)
    unchanged.hold(dataset)
    path = two / "Two" / "b.png"
    if fault == "gone":
        path.unlink()
    elif fault == "touched":
        os.utime(path, ns=(1, 1))
    else:
        path.write_bytes(path.read_bytes())
    unchanged.note(dataset)  # the first look stands
    with pytest.raises(UnavailableError, match="b of Two"):
        unchanged.hold(dataset)
