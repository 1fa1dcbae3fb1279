"""What `esrbench datasets prepare`, `verify` and `list` rest on."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from esrbench.data.catalogue import load_catalogue
from esrbench.data.dataset import open_dataset
from esrbench.data.entry import DatasetEntry
from esrbench.data.images import mod_crop, read_rgb, write_png
from esrbench.data.listing import list_datasets
from esrbench.data.matlab_resize import matlab_bicubic
from esrbench.data.prepare import prepare
from esrbench.data.verify import verify
from esrbench.errors import UsageError

Catalogue = dict[str, DatasetEntry]


def test_prepare_makes_and_reports(tiny: Catalogue, tiny_root: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    done = prepare(
        "Tiny",
        2,
        data_root=tiny_root,
        catalogue=tiny,
        cache_dir=tmp_path,
        progress=lambda *step: seen.append(step),
    )
    assert seen == [(1, 2, "one"), (2, 2, "two")]
    assert (done.images, done.lr_source) == (2, "matlab-bicubic")
    assert len(list(done.folder.glob("*.png"))) == 2


def test_prepare_into_a_folder(tiny: Catalogue, tiny_root: Path, tmp_path: Path) -> None:
    """Files carry the names the dataset's LR has, so the folder can go into the data root."""
    out = tiny_root / "Tiny" / "LRx2"
    prepare("Tiny", 2, data_root=tiny_root, catalogue=tiny, out=out)
    assert sorted(path.name for path in out.iterdir()) == ["onex2.png", "twox2.png"]
    hr = mod_crop(read_rgb(tiny_root / "Tiny" / "HR" / "two.png"), 2)
    assert np.array_equal(read_rgb(out / "twox2.png"), matlab_bicubic(hr, Fraction(1, 2)))
    opened = open_dataset("Tiny", 2, data_root=tiny_root, catalogue=tiny, cache_dir=tmp_path)
    assert opened.lr_source == "files"


def test_prepare_leaves_published_lr_alone(data_root: Path, tmp_path: Path) -> None:
    done = prepare("Set5", 4, data_root=data_root, catalogue=load_catalogue(), cache_dir=tmp_path)
    assert done.lr_source == "files"
    assert done.folder == data_root / "Set5" / "LRbicx4"
    assert not list(tmp_path.iterdir())


def test_prepare_refuses_an_incomplete_set(
    tiny: Catalogue, tiny_root: Path, tmp_path: Path
) -> None:
    (tiny_root / "Tiny" / "HR" / "one.png").unlink()
    with pytest.raises(UsageError, match="lacks 1 of the 2"):
        prepare("Tiny", 4, data_root=tiny_root, catalogue=tiny, cache_dir=tmp_path)


@pytest.mark.parametrize(
    ("name", "scale", "cropped", "same"),
    [  # cropped: how many HR sizes the scale does not divide; same: LR equal to MATLAB's bicubic
        ("Set5", 4, 0, 5),
        ("Set5", 8, 1, 5),
        ("Set5:oldmatlab", 3, 4, 5),
        ("Set14:oldmatlab", 4, 4, 14),
        ("Urban100_subset:oldmatlab", 4, 0, 5),
    ],
)
def test_verify_real_sets(
    name: str, scale: int, cropped: int, same: int, data_root: Path, tmp_path: Path
) -> None:
    catalogue = load_catalogue()
    found = verify(name, scale, data_root=data_root, catalogue=catalogue)
    assert found.ok, found.faults
    notes = " ".join(found.notes)
    assert f"{same} of {same} LR images are MATLAB's bicubic" in notes
    assert (f"{cropped} of" in notes) == (cropped > 0)
    opened = open_dataset(name, scale, data_root=data_root, catalogue=catalogue, cache_dir=tmp_path)
    assert found.sha256 == opened.sha256


def test_verify_built_in() -> None:
    catalogue = load_catalogue()
    found = verify("skimage8", 4, data_root=None, catalogue=catalogue)
    assert found.ok, found.faults
    assert found.sha256 == catalogue["skimage8"].pairs_sha256[4]


def test_verify_notices_another_pinned_hash() -> None:
    catalogue = load_catalogue()
    entry = catalogue["skimage8"].model_copy(update={"pairs_sha256": {4: "0" * 64}})
    found = verify("skimage8", 4, data_root=None, catalogue={"skimage8": entry})
    assert len(found.faults) == 1
    assert "not the pinned" in found.faults[0]


def test_verify_lists_every_fault(tiny: Catalogue, tiny_root: Path) -> None:
    """Four faults in one folder, four sentences."""
    folder = tiny_root / "Tiny"
    Image.new("RGBA", (8, 8)).save(folder / "HR" / "two.png")
    write_png(folder / "HR" / "three.png", np.zeros((8, 8, 3), np.uint8))
    write_png(folder / "LRx4" / "onex4.png", np.zeros((5, 5, 3), np.uint8))
    write_png(folder / "LRx4" / "threex4.png", np.zeros((2, 2, 3), np.uint8))
    faults = verify("Tiny", 4, data_root=tiny_root, catalogue=tiny).faults
    assert len(faults) == 4
    for says in ("does not have: three", "no LR image", "onex4.png is 5x5", "two.png has transp"):
        assert sum(says in fault for fault in faults) == 1, says


def test_verify_notes_lr_of_another_filter(tiny: Catalogue, tiny_root: Path) -> None:
    prepare("Tiny", 4, data_root=tiny_root, catalogue=tiny, out=tiny_root / "Tiny" / "LRx4")
    path = tiny_root / "Tiny" / "LRx4" / "onex4.png"
    write_png(path, read_rgb(path) ^ 1)
    found = verify("Tiny", 4, data_root=tiny_root, catalogue=tiny)
    assert found.ok
    assert "1 of 2 LR images are MATLAB's bicubic" in " ".join(found.notes)


def test_list(data_root: Path) -> None:
    rows = {row.name: row for row in list_datasets(load_catalogue(), data_root=data_root)}
    assert rows["skimage8"].present
    assert rows["Set5"].lr == {2: "files", 3: "files", 4: "files", 8: "files"}
    assert rows["Set14"].lr[4] == "made from HR"
    assert rows["Set14:oldmatlab"].lr[4] == "files"
    missing = rows["Manga109"]
    assert not missing.present
    assert missing.problem is not None
    assert str(data_root / "Manga109" / "HR") in missing.problem
    assert "manga109.org" in missing.problem


def test_list_without_a_root() -> None:
    rows = list_datasets(load_catalogue(), data_root=None)
    assert [row.name for row in rows if row.present] == ["skimage8"]
    assert all("ESRBENCH_DATA_ROOT" in (row.problem or "") for row in rows if not row.present)
