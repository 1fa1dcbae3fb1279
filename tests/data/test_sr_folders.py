"""The names that the field's programs give their SR images, and what is ambiguous among them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esrbench.data.name_pairs import UnpairedError, pair_names, scale_in
from esrbench.data.patterns import hidden_note
from esrbench.data.sr_folders import pair_up
from esrbench.errors import UsageError

# whose way, SR, HR, the ending
NAMES = [
    ("the same", ["0801", "0802"], ["0801", "0802"], ""),
    ("DIV2K", ["0801x4", "0802x4"], ["0801", "0802"], "x4"),
    ("DIV2K, upper case", ["0801X4", "0802X4"], ["0801", "0802"], "X4"),
    ("BasicSR", ["baby_MyNet_x4", "bird_MyNet_x4"], ["baby", "bird"], "_MyNet_x4"),
    ("BasicSR's suffix", ["baby_out", "bird_out"], ["baby", "bird"], "_out"),
    ("SwinIR", ["baby_SwinIR", "bird_SwinIR"], ["baby", "bird"], "_SwinIR"),
    ("EDSR", ["baby_x4_SR", "bird_x4_SR"], ["baby", "bird"], "_x4_SR"),
    ("RCAN", ["baby_RCAN_x4", "bird_RCAN_x4"], ["baby_HR_x4", "bird_HR_x4"], "_RCAN_x4"),
    ("SelfExSR", ["img_001_SRF_4_SR"], ["img_001_SRF_4_HR"], "_SRF_4_SR"),
    ("HR is named by the scale", ["baby", "bird"], ["baby_x4", "bird_x4"], ""),
    ("one name begins another", ["matri", "matrix2"], ["matri", "matrix2"], ""),
    ("... with an ending", ["matri_x4", "matrix2_x4"], ["matri", "matrix2"], "_x4"),
    ("numbers that begin numbers", ["1_net", "11_net", "1_1_net"], ["1", "11", "1_1"], "_net"),
    ("HR looks like SR of HR", ["a_x2", "a_x2_x2"], ["a", "a_x2"], "_x2"),
]


@pytest.mark.parametrize(("whose", "sr", "hr", "ending"), NAMES, ids=[row[0] for row in NAMES])
def test_names_pair(whose: str, sr: list[str], hr: list[str], ending: str) -> None:
    assert pair_names(sr, hr) == (dict(zip(sr, hr, strict=True)), ending)


# SR, HR, what is said
UNCLEAR = [
    (
        ["baby_x2", "baby_x4", "bird_x2", "bird_x4"],
        ["baby", "bird"],
        "--suffix _x2 or --suffix _x4",
    ),
    (["baby", "babyx4", "bird"], ["baby", "bird"], "baby, babyx4 are all of one HR image"),
    (["baby_A", "bird_B"], ["baby", "bird"], "end in several ways"),
    (["baby"], ["baby", "bird"], "1 of 2 HR images have no SR image (bird)"),
    (["baby", "cat"], ["baby", "bird"], "cat has no HR image of its name"),
    (["babyish", "bird"], ["baby", "bird"], "babyish has no HR image"),
]


@pytest.mark.parametrize(("sr", "hr", "says"), UNCLEAR)
def test_names_that_do_not(sr: list[str], hr: list[str], says: str) -> None:
    with pytest.raises(UnpairedError) as why:
        pair_names(sr, hr)
    assert says in str(why.value)


@given(
    names=st.sets(st.text("ab1_x", min_size=1, max_size=4), min_size=1, max_size=5),
    ending=st.sampled_from(["", "_x4", "x4", "_SwinIR", "-out", "_SRF_4_SR"]),
)
def test_what_a_run_adds_is_found(names: set[str], ending: str) -> None:
    """Whatever the names: every HR is used once, and by an SR that begins with it or its base."""
    hr = sorted(names)
    pairs, found = pair_names([name + ending for name in hr], hr)
    assert sorted(pairs.values()) == hr
    assert all(sr.endswith(found) for sr in pairs)


@pytest.mark.parametrize(
    ("ending", "scale"),
    [("x4", 4), ("_MyNet_x3", 3), ("_SRF_2_SR", 2), ("", None), ("_x2_x4", None), ("_v16", None)],
)
def test_an_ending_may_name_the_scale(ending: str, scale: int | None) -> None:
    assert scale_in(ending) == scale


def _put(root: Path, *files: str) -> None:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()


def _found(root: Path, **options: str) -> dict[str, list[tuple[str, str]]]:
    return {
        one.name: [(p.sr.relative_to(root / "sr").as_posix(), p.hr.name) for p in one.pairs]
        for one in pair_up(root / "sr", root / "hr", **options)
    }


def test_two_files_need_no_names(tmp_path: Path) -> None:
    _put(tmp_path, "out.png", "truth.png")
    (one,) = pair_up(tmp_path / "out.png", tmp_path / "truth.png")
    assert [(p.name, p.sr.name) for p in one.pairs] == [("truth", "out.png")]
    with pytest.raises(UsageError, match="give two files or two folders"):
        pair_up(tmp_path / "out.png", tmp_path)


SCALES = ("x2", "x4")
PAIRED = {"": [("a.png", "a.png")]}
FOLDERS = {
    "other formats": (["sr/a.webp", "hr/a.BMP"], {"": [("a.webp", "a.BMP")]}),
    "hidden files": (["sr/a.png", "sr/._a.png", "hr/a.png", "hr/._a.png"], PAIRED),
    "one sub-folder": (["sr/Set5/a_x4.png", "hr/a.png"], {"": [("Set5/a_x4.png", "a.png")]}),
    "a sub-folder a dataset": (
        ["sr/Set5/a.png", "sr/Set14/b.png", "hr/Set5/a.png", "hr/Set14/b.png", "hr/B100/c.png"],
        {"Set14": [("Set14/b.png", "b.png")], "Set5": [("Set5/a.png", "a.png")]},
    ),
    "deeper on one side": (
        ["sr/Set5/a.png", "sr/Set14/b.png", "hr/Set5/HR/a.png", "hr/Set14/HR/b.png"],
        {"Set14": [("Set14/b.png", "b.png")], "Set5": [("Set5/a.png", "a.png")]},
    ),
    "RCAN's": (
        ["sr/A/x4/a_R_x4.png", "sr/B/x4/b_R_x4.png"]
        + [f"hr/{name}/{scale}/{name.lower()}_HR_{scale}.png" for name in "AB" for scale in SCALES],
        {"A": [("A/x4/a_R_x4.png", "a_HR_x4.png")], "B": [("B/x4/b_R_x4.png", "b_HR_x4.png")]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FOLDERS)
def test_folders(kind: str, tmp_path: Path) -> None:
    files, found = FOLDERS[kind]
    _put(tmp_path, *files)
    assert _found(tmp_path) == found


def test_what_is_asked_for_is_taken(tmp_path: Path) -> None:
    _put(tmp_path, "sr/a_x2.png", "sr/a_x4.png", "sr/out_a.png", "hr/a.png")
    assert _found(tmp_path, suffix="_x4") == {"": [("a_x4.png", "a.png")]}
    assert _found(tmp_path, pattern="out_{name}") == {"": [("out_a.png", "a.png")]}
    assert _found(tmp_path, pattern="{name}_x2.png") == {"": [("a_x2.png", "a.png")]}
    (one,) = pair_up(tmp_path / "sr", tmp_path / "hr", suffix="_x4")
    assert one.scale == 4


def test_one_name_in_two_spellings(tmp_path: Path) -> None:
    nfc, nfd = (unicodedata.normalize(form, "é") for form in ("NFC", "NFD"))
    _put(tmp_path, f"sr/{nfd}.png", f"hr/{nfc}.png")
    assert len(_found(tmp_path)[""]) == 1
    _put(tmp_path, f"sr/{nfc}.png")
    with pytest.raises(UsageError, match=r"'e\\u0301.png' and '\\xe9.png', all of the image é"):
        _found(tmp_path)


SAYS = [
    (["sr/a.png", "hr/a.png", "hr/a.bmp"], {}, "a.bmp and a.png, all of the image a; keep one"),
    (["sr/a.txt", "hr/a.png"], {}, "sr has no images (.png"),
    (["hr/a.png"], {}, "There is no folder"),
    (["hr"], {}, "sr does not exist"),
    (["sr"], {}, "hr does not exist"),
    (["hr", "sr/a.png"], {}, "is not: give two files or two folders"),
    (["sr/a.png", "hr/a.png"], {"suffix": "_x4"}, "no image that is named NAME_x4.*; it has a.png"),
    (["sr/a.png", "hr/a.png"], {"pattern": "x"}, "holds {name} once"),
    (["sr/a.png", "hr/a.png"], {"pattern": "x", "suffix": "y"}, "not both"),
    (["sr/A/a.png", "sr/B/a.png", "hr/a.png"], {}, "name the two folders that belong together"),
    (["sr/A/x2/a.png", "sr/A/x4/a.png", "hr/A/a.png", "hr/B/b.png"], {}, "are both of A"),
]


@pytest.mark.parametrize(("files", "options", "says"), SAYS)
def test_said_in_a_sentence(
    files: list[str], options: dict[str, str], says: str, tmp_path: Path
) -> None:
    _put(tmp_path, *files)
    with pytest.raises(UsageError) as refusal:
        _found(tmp_path, **options)
    assert says in str(refusal.value)


def test_hidden_files_that_are_left_out_are_said(tmp_path: Path) -> None:
    for name in ("a.png", "._a.png", ".b.PNG", ".DS_Store"):
        (tmp_path / name).touch()
    said = hidden_note([tmp_path])
    assert said is not None
    assert said.startswith("2 hidden files are left out, such as macOS leaves: ")
    (tmp_path / "clean").mkdir()
    assert hidden_note([tmp_path / "clean"]) is None
