"""Whose weights are used: the authors' where at hand, else the ones trained here, or as asked."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from esrbench.errors import SubmissionError
from esrbench.submission.find import Submission, find
from esrbench.submission.weights import WeightsUnavailable, choose_weights, locate_weights

MODEL = (
    "from torch import nn\n\ndef build(scale: int = 4) -> nn.Module:\n    return nn.Identity()\n"
)
OFFICIAL, OWN = b"the authors'", b"ours"
URL = "https://example.invalid/w.pth"
SHA = hashlib.sha256(OFFICIAL).hexdigest()
OWN_SHA = hashlib.sha256(OWN).hexdigest()
WITH_BOTH = f"""\
name: tiny
scale: [2, 4]
weights: {{url: "{URL}", sha256: {SHA}, key: params}}
own_weights: {{4: {{file: own.safetensors, sha256: {OWN_SHA}, note: ten images}}}}
"""


@pytest.fixture(autouse=True)
def _no_folder_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ESRBENCH_WEIGHTS_DIR", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "tiny"
    path.mkdir()
    (path / "model.py").write_text(MODEL)
    (path / "submission.yaml").write_text(WITH_BOTH)
    (path / "own.safetensors").write_bytes(OWN)
    (tmp_path / "store").mkdir()
    return path


def _used(submission: Submission, choice, store: Path) -> tuple[Path | None, Submission]:
    chosen = choose_weights(submission, choice, weights_dir=store, offline=True)
    return locate_weights(chosen, weights_dir=store, offline=True), chosen


@pytest.mark.parametrize(
    ("choice", "at_hand", "expected"),
    [
        (None, True, OFFICIAL),
        (None, False, OWN),
        ("own", True, OWN),
        ("own", False, OWN),
        ("official", True, OFFICIAL),
        ("official", False, None),
    ],
)
def test_which(folder: Path, tmp_path: Path, choice, at_hand, expected) -> None:
    store = tmp_path / "store"
    if at_hand:
        (store / "w.pth").write_bytes(OFFICIAL)
    if expected is None:
        with pytest.raises(WeightsUnavailable):
            _used(find(str(folder)), choice, store)
        return
    path, chosen = _used(find(str(folder)), choice, store)
    assert path is not None
    assert path.read_bytes() == expected
    assert chosen.trained_here == (expected == OWN)
    origin = "trained here (ten images)" if expected == OWN else URL
    assert chosen.weights_origin == origin
    assert chosen.weights_key == (None if expected == OWN else "params")


def test_a_scale_that_was_not_trained(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(
        WeightsUnavailable, match="tiny has no weights: none were trained here for x2"
    ):
        _used(find(str(folder), scale=2), "own", tmp_path / "store")


def test_what_needs_no_weights_needs_none_of_ours(tmp_path: Path) -> None:
    assert _used(find("bicubic"), "own", tmp_path)[0] is None


def test_another_file_in_its_place_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "own.safetensors").write_bytes(b"other")
    with pytest.raises(SubmissionError, match="is not the checkpoint"):
        _used(find(str(folder)), "own", tmp_path / "store")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"{{4: {{file: a, sha256: {OWN_SHA}}}}}", "note"),
        ("{4: {file: a, note: n}}", "sha256"),
        (f"{{4: {{file: ../a, sha256: {OWN_SHA}, note: n}}}}", "inside the submission's folder"),
    ],
)
def test_own_weights_say_what_they_are(folder: Path, line: str, sentence: str) -> None:
    (folder / "submission.yaml").write_text(f"name: tiny\nown_weights: {line}\n")
    with pytest.raises(SubmissionError, match=sentence):
        find(str(folder))
