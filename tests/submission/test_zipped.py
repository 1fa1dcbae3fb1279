"""Zipped submissions: found as what is in them, and refused where they would do harm."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest
import torch

from esrbench.errors import EsrbenchError, SubmissionError
from esrbench.submission.find import _unzipped, find, list_variants

from .conftest import MODEL

MANIFEST = "name: tiny\nvariants: {a: {build: {width: 3}}, b: {}}\n"


@pytest.fixture(autouse=True)
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ESRBENCH_CACHE", str(tmp_path / "cache"))


def _zip(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("top", ["", "tiny/", "my net-main/", "a/b/"])
@pytest.mark.parametrize("noise", [{}, {"__MACOSX/._x": "", ".DS_Store": ""}])
def test_a_folder_none_one_or_two_deep(tmp_path: Path, top: str, noise: dict[str, str]) -> None:
    files = {
        f"{top}submission.yaml": MANIFEST,
        f"{top}model.py": MODEL,
        f"{top}w.bin": "x",
        **noise,
    }
    path = _zip(tmp_path / "tiny.zip", files)
    assert list_variants(str(path)) == ["a", "b"]
    found = find(str(path), variant="b")
    assert (found.label, found.build_arguments) == ("tiny/b", {})
    assert (found.folder / "w.bin").read_text() == "x"
    assert find(str(path), variant="b").folder == found.folder  # unpacked once


@pytest.mark.parametrize(
    ("inside", "name"),
    [("model.py", "team7"), ("mynet/model.py", "mynet"), ("a/b/model.py", "b"), ("x/n.py", "n")],
)
def test_a_model_alone_is_called_as_its_folder_or_its_zip(
    tmp_path: Path, inside: str, name: str
) -> None:
    """Twenty teams' zips of one model.py are not twenty rows called `model`."""
    found = find(str(_zip(tmp_path / "team7.zip", {inside: MODEL, "__MACOSX/._x": ""})))
    assert found.name == name


def test_one_file(tmp_path: Path) -> None:
    path = _zip(tmp_path / "single.zip", {"net.py": MODEL})
    assert find(str(path)).entry_file.name == "net.py"


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("model.py")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")


def _lying(archive: zipfile.ZipFile) -> None:
    archive.writestr("zeros", b"\0" * 30_000_000)


HARMFUL = {
    "climbs": (lambda z: z.writestr("../../evil.py", "x"), "leads out of it"),
    "absolute": (lambda z: z.writestr("/tmp/evil.py", "x"), "leads out of it"),
    "backslashes": (lambda z: z.writestr("a\\..\\evil.py", "x"), "leads out of it"),
    "link": (_link, "a link or a device"),
    "bomb": (_lying, "would unpack to 30,000,0"),
}


@pytest.mark.parametrize(("write", "words"), HARMFUL.values(), ids=HARMFUL.keys())
def test_refused(tmp_path: Path, write, words: str) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("submission.yaml", MANIFEST)
        write(archive)
    with pytest.raises(SubmissionError, match=words):
        find(str(path))
    left = [p for p in (tmp_path / "cache").rglob("*") if p.is_file()]
    assert left == []
    assert not (tmp_path.parent / "evil.py").exists()


def test_the_same_name_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.py", MODEL)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("model.py", "other")
    with pytest.raises(SubmissionError, match=r"'model\.py' twice"):
        find(str(path))


def test_a_zip_of_a_zip_says_which_to_hand_in(tmp_path: Path) -> None:
    inner = _zip(tmp_path / "net.zip", {"submission.yaml": MANIFEST, "model.py": MODEL})
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "net.zip")
        archive.writestr("__MACOSX/._net.zip", "x")
    with pytest.raises(SubmissionError, match=r"outer\.zip holds only another zip, net\.zip"):
        find(str(outer))


def test_a_zip_of_a_checkpoint_is_no_zip_of_a_zip(tmp_path: Path) -> None:
    torch.save({"c.weight": torch.zeros(3)}, tmp_path / "a.pth")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(tmp_path / "a.pth", "a.pth")
    assert _unzipped(str(tmp_path / "a.zip")).endswith("/a.pth")  # which is a zip file, too


FAULTS = {
    "no manifest": ({"a/x.txt": "x", "a/y.txt": "y"}, r"^[^ ]*a\.zip has no submission\.yaml"),
    "a wrong key": ({"a/submission.yaml": "nam: x\n"}, r"^[^ ]*a\.zip/submission\.yaml: .*'nam'"),
    "no model.py": ({"submission.yaml": "name: x\n"}, r"^[^ ]*a\.zip has no model\.py"),
}


@pytest.mark.parametrize(("files", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_faults_are_told_of_the_zip_and_not_of_where_it_was_unpacked(
    tmp_path: Path, files: dict[str, str], words: str
) -> None:
    path = _zip(tmp_path / "a.zip", files)
    for look in (find, list_variants) if "a/" in next(iter(files)) else (find,):
        with pytest.raises(EsrbenchError, match=words) as failure:
            look(str(path))
        assert "cache" not in str(failure.value)


def test_an_encrypted_zip_is_called_so(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"submission.yaml": MANIFEST, "model.py": MODEL})
    data = path.read_bytes()
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):  # both headers of each file
        at = data.find(mark)
        while at >= 0:
            data = data[: at + flags] + bytes([data[at + flags] | 1]) + data[at + flags + 1 :]
            at = data.find(mark, at + 4)
    path.write_bytes(data)
    with pytest.raises(SubmissionError, match="is encrypted; pack it without a password"):
        find(str(path))


def test_a_cut_zip_is_told_in_a_sentence(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"submission.yaml": MANIFEST, "model.py": MODEL})
    data = bytearray(path.read_bytes())
    data[40] ^= 255  # inside the first file's content
    path.write_bytes(data)
    with pytest.raises(SubmissionError, match="damaged zip file"):
        find(str(path))
