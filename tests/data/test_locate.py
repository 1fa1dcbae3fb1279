"""How a dataset's files are named, and what is said of those that are named otherwise."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esrbench.data.catalogue import find_entry, load_catalogue
from esrbench.data.entry import DatasetEntry
from esrbench.data.locate import Located, locate
from esrbench.data.patterns import Pattern


def _locate(root: Path, files: list[str], hr: dict[str, Any], **more: Any) -> Located:
    """What is found of two images where ``files`` (empty: only names are looked at) are there."""
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    about = {"title": "t", "licence": "l", "source": "s", "how_to_get": "ask"}
    entry = DatasetEntry.model_validate({**about, "images": 2, "scales": [2, 4], "hr": hr, **more})
    return locate("Mine", entry, entry.lr["default"], 4, root)


SELFEXSR = [f"u/image_SRF_4/img_00{i}_SRF_4_{kind}.png" for i in (1, 2) for kind in ("HR", "LR")]
LR_BESIDE_HR = {"default": {"folders": ["u"], "pattern": "{name}x{scale}.png"}}

# files, hr, more, names found, LR file of the first
FOUND: dict[str, tuple[list[str], dict[str, Any], dict[str, Any], list[str], str | None]] = {
    "jpg": (
        ["j/a.jpg", "j/b.JPG"],
        {"folders": ["j"], "pattern": "{name}.jpg"},
        {},
        ["a", "b"],
        None,
    ),
    "webp": (
        ["j/a.webp", "j/b.webp"],
        {"folders": ["j"], "pattern": "{name}.webp"},
        {},
        ["a", "b"],
        None,
    ),
    "any extension": (
        ["m/a.png", "m/b.tif"],
        {"folders": ["m"], "pattern": "{name}.*"},
        {},
        ["a", "b"],
        None,
    ),
    "upper case": (["p/A.PNG", "p/B.png"], {"folders": ["p"]}, {}, ["A", "B"], None),
    "hidden files": (["p/a.png", "p/b.png", "p/._a.png"], {"folders": ["p"]}, {}, ["a", "b"], None),
    "copies of another kind": (
        ["p/a.png", "p/b.png", "p/a.bmp"],
        {"folders": ["p"]},
        {},
        ["a", "b"],
        None,
    ),
    "SelfExSR": (
        SELFEXSR,
        {"folders": ["u/image_SRF_{scale}"], "pattern": "{name}_SRF_{scale}_HR.png"},
        {"lr": {"default": {"folders": ["u/image_SRF_{scale}/{name}_SRF_{scale}_LR.png"]}}},
        ["img_001", "img_002"],
        "img_001_SRF_4_LR.png",
    ),
    "SelfExSR, LR made": (
        SELFEXSR,
        {"folders": ["u/image_SRF_4/{name}_SRF_4_HR.png"]},
        {"lr": {"default": {}, "old": {"folders": ["u/image_SRF_4/{name}_SRF_4_LR.png"]}}},
        ["img_001", "img_002"],
        None,
    ),
    "LR beside HR": (
        ["u/a.png", "u/b.png", "u/ax4.png", "u/bx4.png"],
        {"folders": ["u"]},
        {"lr": LR_BESIDE_HR},
        ["a", "b"],
        "ax4.png",
    ),
}


@pytest.mark.parametrize("kind", FOUND)
def test_found(kind: str, tmp_path: Path) -> None:
    files, hr, more, names, lr = FOUND[kind]
    located = _locate(tmp_path, files, hr, **more)
    assert located.faults == ()
    assert list(located.hr) == names
    assert (None if located.lr is None else located.lr[names[0]].name) == lr


# files, hr, what is said
FAULTS = {
    "mixed": (["m/a.png", "m/b.jpg"], {"folders": ["m"]}, "not named NAME.png: b.jpg"),
    "in both cases": (["m/a.png", "m/a.PNG", "m/b.png"], {"folders": ["m"]}, "both the image a"),
    "two kinds": (
        ["m/a.png", "m/a.jpg", "m/b.png"],
        {"folders": ["m"], "pattern": "{name}.*"},
        "both the image a",
    ),
    "one spelled twice": (
        ["m/" + unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD")],
        {"folders": ["m"]},
        "both the image é",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FAULTS)
def test_named(kind: str, tmp_path: Path) -> None:
    files, hr, says = FAULTS[kind]
    assert any(says in fault for fault in _locate(tmp_path, files, hr).faults)


def test_names_are_equal_however_they_are_spelled(tmp_path: Path) -> None:
    """A Mac writes é in two code points (NFD), a catalogue in one."""
    files = [f"m/{unicodedata.normalize('NFD', 'é')}.png", "m/b.png"]
    located = _locate(tmp_path, files, {"folders": ["m"]}, names=["b", "é"])
    assert located.faults == ()


def test_urban100_as_selfexsr_has_it(tmp_path: Path) -> None:
    """The layout of the repository that ``how_to_get`` points to."""
    folder = tmp_path / "Urban100" / "image_SRF_4"
    folder.mkdir(parents=True)
    for number in range(1, 101):
        for kind in ("HR", "LR"):
            (folder / f"img_{number:03}_SRF_4_{kind}.png").touch()
    for name, lr in (("Urban100", None), ("Urban100:oldmatlab", "img_001_SRF_4_LR.png")):
        entry, _, kind = find_entry(name, load_catalogue())
        located = locate(name, entry, kind, 4, tmp_path)
        assert located.faults == ()
        assert len(located.hr) == 100
        assert (located.lr and located.lr["img_001"].name) == lr


@given(name=st.text(st.characters(blacklist_characters="\0/"), min_size=1, max_size=12))
def test_a_pattern_gives_back_the_name_it_was_filled_with(name: str) -> None:
    wanted = unicodedata.normalize("NFC", name)
    assert Pattern("{name}x{scale}.png", 4).name_of(f"{name}x4.PNG") == wanted
