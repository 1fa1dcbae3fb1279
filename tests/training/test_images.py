"""Any folder of images, LR by the project's bicubic, made once."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from esrbench.data.images import read_rgb
from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.errors import UsageError
from training import images
from training.images import TrainingImages

from .conftest import texture


def test_lr_is_matlabs_bicubic_of_the_cropped_image(train_dir: Path) -> None:
    found = TrainingImages(train_dir, 2)
    lr, hr = found.read(1)  # 33 x 37
    whole = read_rgb(train_dir / "1.png")
    assert hr.shape == (32, 36, 3)
    np.testing.assert_array_equal(hr, whole[:32, :36])
    np.testing.assert_array_equal(lr, matlab_bicubic(whole[:32, :36], Fraction(1, 2)))


def test_lr_is_made_once(train_dir: Path, tmp_path: Path, monkeypatch) -> None:
    TrainingImages(train_dir, 2, cache_dir=tmp_path / "cache")

    def again(*arguments: object, **options: object) -> None:
        raise AssertionError("LR was made again")

    monkeypatch.setattr("esrbench.data.lr_cache.make_lr", again)
    TrainingImages(train_dir, 2, cache_dir=tmp_path / "cache")
    with pytest.raises(AssertionError):
        TrainingImages(train_dir, 4, cache_dir=tmp_path / "cache")


def test_a_folder_too_large_for_memory_gives_the_same(train_dir: Path, monkeypatch) -> None:
    small = TrainingImages(train_dir, 2)
    monkeypatch.setattr(images, "IN_MEMORY", 100)
    large = TrainingImages(train_dir, 2)
    assert (small.in_memory, large.in_memory) == (True, False)
    for i in range(3):
        for a, b in zip(small.read(i), large.read(i), strict=True):
            np.testing.assert_array_equal(a, b)


def test_folders_within_other_formats_and_grey_ones(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    (folder / "deep").mkdir(parents=True)
    Picture.fromarray(texture(24, 24, 1)).save(folder / "deep" / "a.jpg")
    Picture.fromarray(texture(24, 24, 2)).save(folder / "b.bmp")
    Picture.fromarray(texture(24, 24, 3)[..., 0]).save(folder / "grey.png")
    (folder / "notes.txt").write_text("not an image")
    found = TrainingImages(folder, 4)
    assert [pair.hr_path.name for pair in found.pairs] == ["b.bmp", "a.jpg", "grey.png"]
    lr, hr = found.read(2)
    assert (lr.shape, hr.shape) == ((6, 6, 3), (24, 24, 3))


def test_every_unfit_image_is_named_at_once(train_dir: Path) -> None:
    Picture.fromarray(texture(24, 24, 1)).convert("RGBA").save(train_dir / "alpha.png")
    Picture.fromarray(texture(1, 24, 1)).save(train_dir / "thin.png")
    (train_dir / "text.jpg").write_text("not an image")
    with pytest.raises(UsageError) as refused:
        TrainingImages(train_dir, 2)
    sentences = str(refused.value)
    assert "3 of the 6 images" in sentences
    assert re.search(r"alpha.png has transparency", sentences)
    assert re.search(r"text.jpg is not an image", sentences)
    assert re.search(r"thin.png is smaller than the scale x2", sentences)


def test_no_images_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no images"):
        TrainingImages(tmp_path, 2)
    with pytest.raises(UsageError, match="no folder"):
        TrainingImages(tmp_path / "missing", 2)
