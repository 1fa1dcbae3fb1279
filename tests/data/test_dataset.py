"""Opening datasets: real ones, the built-in one, and ones that are wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from esrbench.data import built_in, dataset, locate
from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import Dataset, open_dataset
from esrbench.data.entry import DatasetEntry
from esrbench.data.images import read_rgb, write_png
from esrbench.errors import UnavailableError, UsageError

Catalogue = dict[str, DatasetEntry]


def _open(name: str, scale: int, root: Path | None, catalogue: Catalogue, cache: Path) -> Dataset:
    return open_dataset(name, scale, data_root=root, catalogue=catalogue, cache_dir=cache)


@pytest.mark.parametrize(
    ("name", "scale", "images", "source"),
    [
        ("Set5", 4, 5, "files"),
        ("Set5", 8, 5, "files"),
        ("Set5:oldmatlab", 3, 5, "files"),
        ("Set14", 4, 14, "matlab-bicubic"),
        ("Set14:oldmatlab", 4, 14, "files"),
        ("Set14:oldmatlab", 8, 14, "matlab-bicubic-replicate"),
        ("Urban100_subset", 4, 5, "matlab-bicubic"),
    ],
)
def test_real_sets(
    name: str, scale: int, images: int, source: str, data_root: Path, tmp_path: Path
) -> None:
    opened = _open(name, scale, data_root, load_catalogue(), tmp_path)
    assert opened.name == name
    assert opened.lr_source == source
    assert len(opened.pairs) == images
    assert [pair.name for pair in opened.pairs] == sorted(pair.name for pair in opened.pairs)
    for pair in opened.pairs:
        lr, hr = pair.read_lr(), pair.read_hr()
        assert hr.shape == (lr.shape[0] * scale, lr.shape[1] * scale, 3)
        assert lr.shape[2] == 3


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_made_lr_equals_published_lr(scale: int, data_root: Path, tmp_path: Path) -> None:
    """Set5 without its LR folder is the same dataset, to the hash."""
    shutil.copytree(data_root / "Set5" / "HR", tmp_path / "Set5" / "HR")
    made = _open("Set5", scale, tmp_path, load_catalogue(), tmp_path / "cache")
    there = _open("Set5", scale, data_root, load_catalogue(), tmp_path / "cache")
    assert (made.lr_source, there.lr_source) == ("matlab-bicubic", "files")
    assert made.sha256 == there.sha256


def test_old_border_is_another_dataset(data_root: Path, tmp_path: Path) -> None:
    new = _open("Set5", 4, data_root, load_catalogue(), tmp_path)
    old = _open("Set5:oldmatlab", 4, data_root, load_catalogue(), tmp_path)
    assert new.sha256 != old.sha256


def test_five_images_are_not_urban100(data_root: Path, tmp_path: Path) -> None:
    shutil.copytree(data_root / "Urban100_subset", tmp_path / "Urban100")
    with pytest.raises(UsageError, match="lacks 95 of the 100 images of Urban100"):
        _open("Urban100", 4, tmp_path, load_catalogue(), tmp_path / "cache")


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_built_in_images_need_nothing(scale: int, tmp_path: Path) -> None:
    """Their pixels are pinned in datasets.yaml, LR too: `sha256` raises if one differs."""
    opened = _open("skimage8", scale, None, load_catalogue(), tmp_path)
    assert len(opened.pairs) == 8
    assert opened.sha256 == load_catalogue()["skimage8"].pairs_sha256[scale]
    sizes = {pair.name: pair.read_hr().shape[:2] for pair in opened.pairs}
    assert sizes["retina"] == (1411 - 1411 % scale, 1411 - 1411 % scale)
    assert sizes["hubble_deep_field"] == (872 - 872 % scale, 1000 - 1000 % scale)


def test_a_changed_built_in_pixel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    shutil.copytree(built_in.scikit_image_folder(), folder)
    coffee = read_rgb(folder / "coffee.png").copy()
    coffee[3, 5, 1] ^= 1
    write_png(folder / "coffee.png", coffee)
    monkeypatch.setattr(locate, "scikit_image_folder", lambda: folder)
    with pytest.raises(UnavailableError, match=r"built-in image coffee .* not the pinned ones"):
        _open("skimage8", 4, None, load_catalogue(), tmp_path)
    (folder / "coffee.png").unlink()
    with pytest.raises(UnavailableError, match=r"built-in image coffee .* is not there"):
        _open("skimage8", 4, None, load_catalogue(), tmp_path)


def test_missing_says_where_and_how(tiny: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as refusal:
        _open("Tiny", 4, tmp_path, tiny, tmp_path)
    assert str(tmp_path / "Tiny" / "HR") in str(refusal.value)
    assert "draw it" in str(refusal.value)
    with pytest.raises(UnavailableError, match="ESRBENCH_DATA_ROOT"):
        _open("Tiny", 4, None, tiny, tmp_path)


def _without(tiny_root: Path) -> None:
    (tiny_root / "Tiny" / "HR" / "two.png").unlink()


def _one_more(tiny_root: Path) -> None:
    write_png(tiny_root / "Tiny" / "HR" / "three.png", np.zeros((8, 8, 3), np.uint8))


def _lr(tiny_root: Path, **sizes: tuple[int, int]) -> None:
    for name, size in sizes.items():
        path = tiny_root / "Tiny" / "LRx4" / f"{name}x4.png"
        write_png(path, np.zeros((*size, 3), np.uint8))


WRONG = {
    "an HR image missing": (_without, "lacks 1 of the 2 images of Tiny: two"),
    "an HR image too many": (_one_more, "does not have: three"),
    "an LR image missing": (lambda root: _lr(root, one=(10, 7)), "no LR image .* for HR two"),
    "an LR image too many": (
        lambda root: _lr(root, one=(10, 7), two=(4, 4), six=(4, 4)),
        "no HR image for LR six",
    ),
    "an LR image of another size": (
        lambda root: _lr(root, one=(7, 10), two=(4, 4)),
        r"onex4.png is 10x7 pixels .*one.png \(30x42\) needs 7x10",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_files_are_named(
    fault: str, tiny: Catalogue, tiny_root: Path, tmp_path: Path
) -> None:
    spoil, says = WRONG[fault]
    spoil(tiny_root)
    with pytest.raises(UsageError, match=says):
        _open("Tiny", 4, tiny_root, tiny, tmp_path)


def test_several_faults_point_to_verify(tiny: Catalogue, tiny_root: Path, tmp_path: Path) -> None:
    _without(tiny_root)
    _one_more(tiny_root)
    with pytest.raises(UsageError, match="1 more fault: run `esrbench datasets verify Tiny`"):
        _open("Tiny", 4, tiny_root, tiny, tmp_path)


def test_lr_that_cannot_be_made(tiny: Catalogue, tiny_root: Path, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="cannot be made from HR"):
        _open("Tiny:real", 4, tiny_root, tiny, tmp_path)


def test_a_scale_it_does_not_have(tiny: Catalogue, tiny_root: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no scale x3; it has x2, x4"):
        _open("Tiny", 3, tiny_root, tiny, tmp_path)


def test_grey_is_refused_or_repeated(tiny: Catalogue, tiny_root: Path, tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
    write_png(tiny_root / "Tiny" / "HR" / "two.png", grey)
    with pytest.raises(UsageError, match=r"two.png is greyscale"):
        _open("Tiny", 4, tiny_root, tiny, tmp_path)
    allowed = {"Tiny": tiny["Tiny"].model_copy(update={"grey_images": "replicate"})}
    pair = _open("Tiny", 4, tiny_root, allowed, tmp_path).pairs[1]
    assert np.array_equal(pair.read_hr(), np.repeat(grey[:, :, None], 3, axis=2))
    assert pair.read_lr().shape == (4, 4, 3)


class TestCache:
    """LR that is made is kept, and never stale."""

    def test_second_time_nothing_is_made(
        self, tiny: Catalogue, tiny_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = _open("Tiny", 4, tiny_root, tiny, tmp_path)
        monkeypatch.setattr("esrbench.data.lr_cache.matlab_bicubic", None)
        assert _open("Tiny", 4, tiny_root, tiny, tmp_path).sha256 == first.sha256

    def test_a_changed_hr_image_gets_another_lr(
        self, tiny: Catalogue, tiny_root: Path, tmp_path: Path
    ) -> None:
        before = _open("Tiny", 4, tiny_root, tiny, tmp_path).pairs[0]
        changed = 255 - before.read_hr()
        write_png(before.hr_path, changed)
        after = _open("Tiny", 4, tiny_root, tiny, tmp_path).pairs[0]
        assert after.lr_path != before.lr_path
        assert not np.array_equal(after.read_lr(), before.read_lr())

    def test_a_broken_lr_is_made_again(
        self, tiny: Catalogue, tiny_root: Path, tmp_path: Path
    ) -> None:
        opened = _open("Tiny", 4, tiny_root, tiny, tmp_path)
        path = opened.pairs[0].lr_path
        path.write_bytes(path.read_bytes()[:60])
        assert _open("Tiny", 4, tiny_root, tiny, tmp_path).sha256 == opened.sha256

    def test_a_cache_that_cannot_be_written(
        self, tiny: Catalogue, tiny_root: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UnavailableError, match="ESRBENCH_CACHE"):
            _open("Tiny", 4, tiny_root, tiny, tmp_path / "file")


def test_hash_depends_on_every_pixel(tiny: Catalogue, tiny_root: Path, tmp_path: Path) -> None:
    _lr(tiny_root, one=(10, 7), two=(4, 4))
    before = _open("Tiny", 4, tiny_root, tiny, tmp_path).sha256
    changed = np.zeros((4, 4, 3), np.uint8)
    changed[3, 3, 2] = 1
    write_png(tiny_root / "Tiny" / "LRx4" / "twox4.png", changed)
    assert _open("Tiny", 4, tiny_root, tiny, tmp_path).sha256 != before


def test_a_bar_needs_a_terminal(
    tiny: Catalogue, tiny_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_dataset("Tiny", 4, data_root=tiny_root, catalogue=tiny, cache_dir=tmp_path, progress=True)
    assert capsys.readouterr() == ("", "")


def test_torch_is_not_imported() -> None:
    import subprocess
    import sys

    code = f"import sys, {dataset.__name__}, esrbench.data.download; print('torch' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"
