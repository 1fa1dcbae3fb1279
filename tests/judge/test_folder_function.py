"""A sister challenge's function of folders: what it writes is scored, and what it should not told.

Numbers: nearest-neighbour upscaling by numpy, and the PSNR of the same images by ``psnr``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.data.images import write_png
from esrbench.errors import SubmissionError
from esrbench.judge.bench import Bench
from esrbench.judge.folder_function import _written, found_in
from esrbench.judge.machine import Machine
from esrbench.judge.options import Options
from esrbench.judge.score import score
from esrbench.metrics.psnr import psnr
from esrbench.submission.find import find, list_variants
from esrbench.submission.formats.linked_copy import linked_copy
from tests.judge.test_score import SMALL

SIZES = {"a": (8, 12), "b": (4, 4)}
Write = Callable[[str, tuple[int, int]], None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def one(name: str, size: tuple[int, int]) -> None:
        write_png(tmp_path / name, np.zeros((*size, 3), np.uint8))

    return one


def test_what_is_due(tmp_path: Path, write: Write) -> None:
    write("a.png", (8, 12))
    write("b.png", (4, 4))
    (tmp_path / "log.txt").write_text("what it prints\n")
    (tmp_path / "._a.png").write_text("what a Mac leaves\n")
    assert found_in(tmp_path, SIZES) == {"a": tmp_path / "a.png", "b": tmp_path / "b.png"}
    write("03_Name/test/a.png", (8, 12))
    (tmp_path / "a.png").unlink()
    assert found_in(tmp_path, SIZES)["a"] == tmp_path / "03_Name/test/a.png"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["a.png"], "It wrote 1 images for 2 LR images; none is called b. Each SR"),
        (["a.png", "b.png", "c.png"], "wrote 3 images for 2 LR images; c.png has none of their"),
        (["a_x4.png", "b.png"], "none is called a; a_x4.png has none of their names"),
        (["a.png", "a.jpg", "b.png"], "a.jpg and a.png are for the same LR image. Each"),
        ([], "It wrote 0 images for 2 LR images; none is called a, b."),
    ],
)
def test_a_wrong_count_or_name(tmp_path: Path, write: Write, names: list[str], said: str) -> None:
    for name in names:
        write(name, SIZES.get(name[0], (4, 4)))
    with pytest.raises(SubmissionError) as fault:
        found_in(tmp_path, SIZES)
    assert said in str(fault.value)


def test_a_wrong_size(tmp_path: Path, write: Write) -> None:
    write("a.png", (8, 8))
    write("b.png", (4, 4))
    with pytest.raises(SubmissionError, match=r"a\.png of 8x8 pixels .* where 12x8 are due"):
        found_in(tmp_path, SIZES)


def test_what_is_no_plain_image(tmp_path: Path, write: Write) -> None:
    write("hr/a.png", (8, 12))
    write("out/b.png", (4, 4))
    (tmp_path / "out/a.png").symlink_to(tmp_path / "hr/a.png")
    with pytest.raises(SubmissionError, match=r"a\.png in its output folder is no plain image"):
        found_in(tmp_path / "out", SIZES)
    (tmp_path / "sr").symlink_to(tmp_path / "hr")
    with pytest.raises(SubmissionError, match="something else in the place of its output folder"):
        found_in(tmp_path / "sr", SIZES)
    (tmp_path / "out/a.png").unlink()
    (tmp_path / "out/a.png").write_text("no image")
    with pytest.raises(SubmissionError, match=r"a\.png, which cannot be read as an RGB image"):
        found_in(tmp_path / "out", SIZES)


TEST = """\
import argparse, os, torch
from nobody_has_this import logger

def select_model(args, device):
    model_id = args.model_id
    if model_id == 0:
        from models.team00_nearest import main as nearest
        name = f"{model_id:02}_Nearest"
        model_path = os.path.join('model_zoo', 'team00.pth')
        model_func = nearest
    elif model_id == 3:
        from models.team00_nearest import skips
        name, model_func, model_path = f"{model_id:02}_Skips", skips, None
    else:
        raise NotImplementedError(f"Model {model_id} is not implemented.")
    return model_func, model_path, name
"""
NEAREST = """\
import os
import torch
from PIL import Image

def main(model_dir, input_path, output_path, device=None):
    with open("NTIRE2031-ImageSRx4.log", "w") as log:  # as the organisers' baseline does
        print(torch.cuda.current_device(), file=log)
    os.makedirs("model_zoo/cache")
    assert model_dir is None or os.path.exists(model_dir), model_dir
    for name in sorted(os.listdir(input_path)):
        image = Image.open(os.path.join(input_path, name)).convert("RGB")
        size = (4 * image.width, 4 * image.height)
        image.resize(size, Image.NEAREST).save(os.path.join(output_path, name))

def skips(model_dir, input_path, output_path, device=None):
    main(model_dir, input_path, output_path)
    os.remove(os.path.join(output_path, sorted(os.listdir(output_path))[0]))
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "NTIRE2031_ImageSR_x4"
    (root / "models").mkdir(parents=True)
    (root / "model_zoo").mkdir()
    (root / "model_zoo/team00.pth").write_bytes(b"what it likes")
    (root / "test.py").write_text(TEST)
    (root / "models/team00_nearest.py").write_text(NEAREST)
    return root


def test_it_is_told_what_it_is(repository: Path) -> None:
    assert list_variants(str(repository)) == ["0", "3"]
    found = find(str(repository), variant="0")
    assert (found.label, found.scale) == ("NTIRE2031_ImageSR_x4/00_Nearest", 4)
    assert found.taken_for == (
        "model 0 of a sister challenge's repository, 00_Nearest: a function from a folder of LR "
        "images to one of SR images x4; scored for quality, not for cost"
    )


def test_what_it_writes_is_scored(repository: Path, tmp_path: Path) -> None:
    options = Options(
        protocol=SMALL, catalogue=load_catalogue(), machine=Machine(threads=1),
        results=tmp_path / "results", offline=True, pictures=("none",),
    )  # fmt: skip
    with Bench(options) as bench:
        record = score(find(str(repository), variant="0"), bench)
        failed = score(find(str(repository), variant="3"), bench)
    dataset = open_dataset("skimage8", 4, data_root=None, catalogue=load_catalogue())
    pair = dataset.pairs[0]
    nearest = pair.read_lr().repeat(4, 0).repeat(4, 1)
    assert record.status == "ok", record.reason
    image = record.images["skimage8"][0]
    by_hand = psnr(nearest, pair.read_hr(), channel="y", crop=4)
    assert image.values["psnr_y"] == pytest.approx(by_hand)
    assert len(record.images["skimage8"]) == len(dataset.pairs)
    assert {path.name for path in repository.iterdir()} == {"test.py", "models", "model_zoo"}
    assert (record.params, record.macs, record.runtime_ms) == (None, None, None)
    assert "there is no network to be counted or timed" in record.missing["params"]
    assert "there is no network" in record.missing["runtime_ms"]
    assert failed.status == "failed"
    assert f"It wrote 7 images for 8 LR images; none is called {pair.name}." in str(failed.reason)


def test_one_that_ends_its_process_itself(repository: Path) -> None:
    def written(name: str) -> list[str]:
        team = repository / "models/team00_nearest.py"
        team.write_text(NEAREST.replace("def skips", f"def {name}_before"))
        with team.open("a") as file:
            file.write(ENDS)
        (repository / "test.py").write_text(TEST.replace("import skips", f"import {name} as skips"))
        found = find(str(repository), variant="3")
        pairs = open_dataset("skimage8", 4, data_root=None, catalogue=load_catalogue()).pairs[:1]
        return [pair.name for pair, _ in _written(found, None, pairs, Machine(threads=1))]

    assert written("done") == ["astronaut"]
    with pytest.raises(SubmissionError, match=r"3 of NTIRE2031_ImageSR_x4 ended itself: no GPU\.$"):
        written("gives_up")


ENDS = """
def done(model_dir, input_path, output_path, device=None):
    import argparse, sys
    argparse.ArgumentParser().parse_args()
    main(model_dir, input_path, output_path)
    sys.exit()

def gives_up(model_dir, input_path, output_path, device=None):
    raise SystemExit("no GPU")
"""


def test_a_copy_of_links(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for name in ("test.py", "models/a/net.py", ".git/config"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (root / "zoo").symlink_to(root / "models")
    copy = linked_copy(root, tmp_path / "copy")
    assert (copy / "models/a/net.py").read_text() == "models/a/net.py"
    assert (copy / "zoo").is_symlink()
    assert not (copy / ".git").exists()
    (copy / "models/a/log.txt").write_text("written")
    assert not (root / "models/a/log.txt").exists()
