"""Where a checkpoint is looked for, and what is said when it is not to be had."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from esrbench.errors import SubmissionError, UsageError
from esrbench.submission import weights
from esrbench.submission.find import Submission, find
from esrbench.submission.weights import WeightsUnavailable, locate_weights, sha256_of

from .conftest import WriteSubmission

CONTENT = b"a checkpoint"
SHA = hashlib.sha256(CONTENT).hexdigest()
NAMED = f"name: tiny\nweights: {{url: 'https://example.invalid/w.pth', sha256: {SHA}}}\n"


@pytest.fixture(autouse=True)
def _no_folder_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ESRBENCH_WEIGHTS_DIR", raising=False)
    monkeypatch.setenv("ESRBENCH_CACHE", str(tmp_path / "cache"))


def _locate(submission: Submission, folder: Path | None = None) -> Path | None:
    return locate_weights(submission, weights_dir=folder, offline=True)


def test_none_needed() -> None:
    assert _locate(find("nearest")) is None
    assert find("nearest").has_weights_declared is False


def test_found_by_hash_under_any_name(write_submission: WriteSubmission, tmp_path: Path) -> None:
    submission = find(str(write_submission(NAMED)))
    folder = tmp_path / "store"
    (folder / "deep").mkdir(parents=True)
    (folder / "other.pth").write_bytes(b"another one")
    (folder / "deep" / "renamed.ckpt").write_bytes(CONTENT)
    assert _locate(submission, folder) == folder / "deep" / "renamed.ckpt"


def test_found_in_the_cache(write_submission: WriteSubmission, tmp_path: Path) -> None:
    submission = find(str(write_submission(NAMED)))
    cached = tmp_path / "cache" / "weights" / f"{SHA[:12]}-w.pth"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"half of a downl")
    with pytest.raises(WeightsUnavailable):
        _locate(submission)
    cached.write_bytes(CONTENT)
    assert _locate(submission) == cached


def test_a_file_beside_the_model_comes_first(write_submission: WriteSubmission) -> None:
    path = write_submission(f"name: tiny\nweights: {{file: w.pth, sha256: {SHA}}}\n")
    (path / "w.pth").write_bytes(CONTENT)
    assert _locate(find(str(path))) == path / "w.pth"
    (path / "w.pth").write_bytes(b"trained further")
    with pytest.raises(SubmissionError, match="is not the checkpoint"):
        _locate(find(str(path)))


def test_what_is_said_when_there_are_none(
    write_submission: WriteSubmission, tmp_path: Path
) -> None:
    with pytest.raises(WeightsUnavailable, match="only on Google Drive"):
        _locate(find("span/c48"))
    with pytest.raises(
        WeightsUnavailable, match=r"offline; download https://example\.invalid/w\.pth"
    ):
        _locate(find(str(write_submission(NAMED))))
    gone = write_submission("name: gone\nweights: {file: w.pth}\n", folder="gone")
    with pytest.raises(SubmissionError, match=r"'w\.pth' are not in"):
        _locate(find(str(gone)))
    with pytest.raises(UsageError, match="There is no folder"):
        _locate(find("span/c28"), tmp_path / "nowhere")


def test_a_download_that_fails_says_so(
    write_submission: WriteSubmission, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pooch

    def refuse(**_: object) -> str:
        raise ConnectionError

    monkeypatch.setattr(pooch, "retrieve", refuse)
    with pytest.raises(WeightsUnavailable, match=r"could not be fetched \(ConnectionError\)"):
        locate_weights(find(str(write_submission(NAMED))))


def test_a_file_is_hashed_again_only_when_it_changed(tmp_path: Path) -> None:
    path = tmp_path / "w.pth"
    path.write_bytes(CONTENT)
    before = weights._sha256.cache_info().misses
    assert sha256_of(path) == sha256_of(path) == SHA
    assert weights._sha256.cache_info().misses == before + 1
    path.write_bytes(CONTENT + b"!")
    assert sha256_of(path) != SHA
