"""A photograph is recognised whole, cut, resized, turned, mirrored and recompressed, and no other.

The photographs are those that come with scikit-image, and Set5 where it is at hand.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data as skimage_data

from esrbench.data.catalogue import load_catalogue
from esrbench.data.images import read_rgb, write_png
from esrbench.image import Image
from training.held_out import held_out
from training.overlap import Overlap, overlaps
from training.squares import grey
from training.train import main

from .conftest import texture

Change = Callable[[Image], Image]


@cache
def photograph(name: str) -> Image:
    """One of the smaller ones among skimage8."""
    return np.asarray(getattr(skimage_data, name)())


def cut(top: float, left: float, height: float, width: float) -> Change:
    """The part of an image that begins at ``top``, ``left``, all in parts of its sides."""

    def change(image: Image) -> Image:
        h, w = image.shape[:2]
        rows = slice(round(top * h), round((top + height) * h))
        return image[rows, round(left * w) : round((left + width) * w)]

    return change


def resized(by: float) -> Change:
    return lambda image: np.asarray(
        Pillow.fromarray(image).resize(
            (round(image.shape[1] * by), round(image.shape[0] * by)), Pillow.Resampling.LANCZOS
        )
    )


def jpeg(quality: int) -> Change:
    def change(image: Image) -> Image:
        file = io.BytesIO()
        Pillow.fromarray(image).save(file, "JPEG", quality=quality)
        return np.asarray(Pillow.open(file))

    return change


def all_of(*changes: Change) -> Change:
    def change(image: Image) -> Image:
        for one in changes:
            image = one(image)
        return np.ascontiguousarray(image)

    return change


def as_it_is(image: Image) -> Image:
    return image


def darker(image: Image) -> Image:
    return (image * 0.6 + 10).astype(np.uint8)


@pytest.mark.parametrize("name", ["astronaut", "chelsea", "coffee"])
@pytest.mark.parametrize(
    ("of_training", "of_test"),
    [
        pytest.param(as_it_is, as_it_is, id="whole"),
        pytest.param(resized(0.3), as_it_is, id="resized to 0.3"),
        pytest.param(np.fliplr, as_it_is, id="mirrored"),
        pytest.param(np.flipud, as_it_is, id="upside down, mirrored"),
        pytest.param(np.rot90, resized(0.5), id="turned by a quarter"),
        pytest.param(jpeg(30), as_it_is, id="JPEG 30"),
        pytest.param(darker, as_it_is, id="darker"),
        pytest.param(cut(0.05, 0.1, 0.8, 0.8), as_it_is, id="the training image is a crop"),
        pytest.param(as_it_is, cut(0.13, 0.2, 0.8, 0.55), id="the test image is a crop"),
        pytest.param(cut(0, 0, 0.9, 0.9), cut(0.1, 0.1, 0.9, 0.9), id="both are crops"),
        pytest.param(
            all_of(cut(0.1, 0, 0.8, 0.9), np.fliplr, resized(0.45), jpeg(60)), as_it_is,
            id="all at once",
        ),
    ],
)  # fmt: skip
def test_found(name: str, of_training: Change, of_test: Change) -> None:
    image = photograph(name)
    training = [grey(texture(60, 90, 1)), grey(np.ascontiguousarray(of_training(image)))]
    test = [grey(np.ascontiguousarray(of_test(image))), grey(texture(80, 60, 2))]
    found = list(overlaps(training, test))
    assert [(one.training, one.test) for one in found] == [(1, 0)]
    assert found[0].similarity > 0.85


def test_others_are_not_found() -> None:
    names = ["astronaut", "chelsea", "coffee", "rocket", "cat", "immunohistochemistry"]
    flat = np.full((64, 64, 3), 130, np.uint8)
    sky = np.linspace(60, 220, 64, dtype=np.uint8)[:, None, None].repeat(80, 1).repeat(3, 2)
    images = [*(photograph(name) for name in names if name != "cat"), flat, sky]
    seen = [grey(image) for image in images]
    for place in range(len(seen)):
        assert list(overlaps([seen[place]], [*seen[:place], *seen[place + 1 :]])) == []


def test_two_that_show_nothing_are_not_the_same() -> None:
    flat = grey(np.full((64, 64, 3), 130, np.uint8))
    assert list(overlaps([flat], [flat])) == []


def test_the_order_of_names() -> None:
    cat, cup = grey(photograph("chelsea")), grey(photograph("coffee"))
    assert [(o.training, o.test) for o in overlaps([cup], [cat, cup])] == [(0, 1)]
    assert isinstance(next(overlaps([cat, cup], [cup])), Overlap)


def test_training_on_a_test_image_is_refused(
    recipe_file: Path, train_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("ESRBENCH_DATA_ROOT", raising=False)
    options = ["--device", "cpu", "--train-dir", str(train_dir), "--out", str(tmp_path / "run")]
    astronaut = train_dir / "somebody.png"
    write_png(astronaut, all_of(np.fliplr, resized(0.5))(photograph("astronaut")))
    assert main([str(recipe_file), *options]) == 2
    told = capsys.readouterr().err
    assert f"{astronaut} shows what skimage8/astronaut shows" in told
    assert not (tmp_path / "run" / "checkpoint.pt").exists()
    astronaut.unlink()
    assert main([str(recipe_file), *options]) == 0
    assert "None shows what an image of these test sets shows: skimage8." in capsys.readouterr().out


def test_set5_woman_in_a_berkeley_image(data_root: Path) -> None:
    """BSDS's 302003 holds Set5's `woman`: here as a part of a wider picture, smaller, as JPEG."""
    tests = [t for t in held_out(load_catalogue(), data_root) if t.name.startswith("Set5/")]
    images = {test.name: read_rgb(test.path) for test in tests}
    woman = images["Set5/woman"]
    wider = np.pad(woman, ((60, 60), (40, 90), (0, 0)), mode="reflect")
    found = overlaps([grey(jpeg(75)(resized(0.8)(wider)))], [grey(i) for i in images.values()])
    assert [list(images)[one.test] for one in found] == ["Set5/woman"]
