"""What a person may type for a submission, and the sentence for what is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from esrbench import strict_yaml
from esrbench.engines.plan import plan
from esrbench.errors import EsrbenchError, SubmissionError, UsageError
from esrbench.submission import manifest
from esrbench.submission.find import bundled_names, find, find_all, list_variants

from .conftest import MODEL, WriteSubmission

TWO = "name: tiny\nscale: [2, 3]\nvariants: {a: {build: {width: 8}}, b: {scale: 4}}\n"


def test_bundled_names_and_variants() -> None:
    assert {"nearest", "bicubic", "lanczos", "span", "rlfn"} <= set(bundled_names())
    assert list_variants("nearest") == [None]
    assert list_variants("span")[:3] == ["c28", "c48", "c52"]
    assert list_variants("span/c48") == ["c48"]
    assert find("span").label == "span/c28"
    assert find("span/c52").build_arguments == {"channels": 52}
    assert find("span", variant="c48", scale=2).scale == 2
    assert find("rlfn").data_range == 255.0


def test_a_folder_with_variants(write_submission: WriteSubmission) -> None:
    path = write_submission(TWO)
    assert find(str(path)).label == "tiny/a"
    assert find(str(path)).scale == 2
    assert find(f"{path}/b").scale == 4
    assert find(str(path), variant="a", scale=3).build_arguments == {"width": 8}


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("spam", UsageError, ["There is no spam", "did you mean 'span'"]),
        ("span/c488", UsageError, ["no variant 'c488'", "did you mean 'c48'"]),
        ("nearest/x", UsageError, ["no variant 'x'", "has no variants"]),
    ],
)
def test_no_such_thing(text: str, error: type[EsrbenchError], words: list[str]) -> None:
    with pytest.raises(error) as failure:
        find(text)
    assert all(word in str(failure.value) for word in words)


def test_an_unknown_scale_names_the_ones_there_are() -> None:
    with pytest.raises(SubmissionError, match=r"rlfn/ntire cannot do x3.*x4"):
        find("rlfn/ntire", scale=3)


def test_what_a_folder_lacks(tmp_path: Path, write_submission: WriteSubmission) -> None:
    with pytest.raises(UsageError, match=r"no submission\.yaml"):
        find(str(tmp_path))
    (tmp_path / "net.py").touch()  # now it could be meant as one
    with pytest.raises(SubmissionError, match=r"no submission\.yaml"):
        find(str(tmp_path))
    path = write_submission(model="def bild(): ...\n")
    with pytest.raises(SubmissionError, match=r"defines no build\(\)"):
        find(str(path))
    (path / "model.py").write_text("def build(:\n")
    with pytest.raises(SubmissionError, match=r"model\.py, line 1: not valid Python"):
        find(str(path))
    (path / "model.py").unlink()
    with pytest.raises(SubmissionError, match=r"no model\.py"):
        find(str(path))


@pytest.mark.parametrize(
    "source",
    ["def build(): ...", "build = Network", "from .net import build", "import net as build",
     "try:\n    from net import build\nexcept ImportError:\n    raise\n", "class build: ..."],
)  # fmt: skip
def test_build_may_be_bound_in_any_way(source: str, write_submission: WriteSubmission) -> None:
    assert find(str(write_submission(model=source))).entry_function == "build"


def test_a_single_file_is_read_and_never_run(tmp_path: Path) -> None:
    path = tmp_path / "mynet.py"
    path.write_text(f"raise SystemExit\nSUBMISSION = {{'data_range': 255.0, 'scale': 2}}\n{MODEL}")
    (tmp_path / "mynet.pth").write_bytes(b"")
    found = find(str(path))
    assert (found.name, found.data_range, found.scale) == ("mynet", 255.0, 2)
    assert found.weights is not None
    assert found.weights.file == "mynet.pth"
    path.write_text(f"SUBMISSION = dict(scale=2)\n{MODEL}")
    with pytest.raises(SubmissionError, match="dict of literals"):
        find(str(path))
    path.write_text(f"SUBMISSION = {{'scal': 2}}\n{MODEL}")
    with pytest.raises(SubmissionError, match="did you mean 'scale'"):
        find(str(path))


def test_code_hash_follows_code_and_choice(write_submission: WriteSubmission) -> None:
    path = write_submission(TWO)
    first = find(str(path)).code_sha256()
    assert find(str(path)).code_sha256() == first
    assert find(str(path), scale=3).code_sha256() != first
    assert find(str(path), variant="b").code_sha256() != first
    (path / "weights.pth").write_bytes(b"not code")
    assert find(str(path)).code_sha256() == first
    (path / "blocks.py").write_text("")
    assert find(str(path)).code_sha256() != first


def test_finding_imports_no_torch() -> None:
    code = (
        "import sys; from esrbench.submission import weights, new; "
        "from esrbench.submission.find import find; find('span'); print('torch' in sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "False"


NOT_IT = [
    (b"", "is empty"),
    (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS pointer"),
    (b"\n<!DOCTYPE html><html>", "web page"),
]


@pytest.mark.parametrize(("content", "words"), NOT_IT)
@pytest.mark.parametrize("name", ["net.pth", "net_x4.onnx", "net.safetensors", "net.zip"])
def test_what_a_download_left_instead_is_said(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SubmissionError, match=words):
        find(str(tmp_path / name))


def test_a_manifest_is_parsed_once_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variants, each of them, and a plan of them all: four ways that lead to one file."""
    parsed: list[str] = []
    real = strict_yaml.parse_text

    def counting(text: str, where: str, **how: Any) -> dict[str, Any]:
        parsed.append(Path(where).parent.name)
        return real(text, where, **how)

    manifest._parsed.cache_clear()
    monkeypatch.setattr(strict_yaml, "parse_text", counting)
    variants = list_variants("span")
    assert len(variants) > 2
    find_all("span", variant="all", scale=4)
    assert len(plan(["span"], variant="all").jobs) == len(variants)
    assert parsed == ["span"]


def test_a_manifest_that_changed_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("def build(): ...")
    for title in ("One", "Two"):  # of equal length, within the clock's tick
        (tmp_path / "submission.yaml").write_text(f"name: net\ntitle: {title}\nscale: 4\n")
        assert find(str(tmp_path)).title == title
