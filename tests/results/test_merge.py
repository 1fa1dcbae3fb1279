"""Several results folders in one: what is copied, refused, and told."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from esrbench.errors import UsageError
from esrbench.results.merge import contradictions, merge
from esrbench.results.record import DatasetFacts, Picture
from esrbench.results.store import ResultsStore
from tests.results.records import edit, record

SET5 = {"Set5": DatasetFacts(images=5, sha256="1" * 64, lr_source="files")}


def kept(store: Path, identity: str, name: str = "net", **changes: object) -> Path:
    """A record with one picture in ``store``."""
    (store / "pictures").mkdir(parents=True, exist_ok=True)
    for kind in "lsh":
        (store / "pictures" / f"{kind}.png").write_bytes(kind.encode())
    shown = Picture(dataset="Set5", name="baby", lr="pictures/l.png", sr="pictures/s.png",
                    hr="pictures/h.png", box=(0, 0, 4, 4))  # fmt: skip
    return ResultsStore(store).add(
        record(id=identity, submission=name, pictures=[shown], **changes)
    )


def test_records_and_pictures_are_copied_once(tmp_path: Path) -> None:
    one = kept(tmp_path / "gpu1", "a", device="cuda:H100")
    kept(tmp_path / "gpu2", "b", "other", device="cuda:H200")
    stores, into = [tmp_path / "gpu1", tmp_path / "gpu2"], tmp_path / "all"
    assert merge(stores, into, dry_run=True).copied == ["a", "b"]
    assert not into.exists()
    merged = merge(stores, into)
    assert (merged.copied, merged.pictures) == (["a", "b"], 3)
    assert dict(merged.by_device) == {"cuda:H100": 1, "cuda:H200": 1}
    assert (into / one.name).read_bytes() == one.read_bytes()
    assert (into / "pictures" / "s.png").read_bytes() == b"s"
    assert merge(stores, into).there == ["a", "b"]
    assert {r.id for r in ResultsStore(into).latest()} == {"a", "b"}


def test_an_id_of_two_contents_and_an_edit_are_refused(tmp_path: Path) -> None:
    kept(tmp_path / "one", "a", params=1)
    kept(tmp_path / "two", "a", params=2)
    edit(kept(tmp_path / "two", "b", "other"), params=3)
    merged = merge([tmp_path / "one", tmp_path / "two"], tmp_path / "all")
    assert merged.copied == ["a"]
    assert len(merged.refused) == 2
    assert not merged.ok
    assert [r.params for r in ResultsStore(tmp_path / "all").records()] == [1]


def test_a_picture_outside_its_folder_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(b"secret")
    out = Picture(dataset="s", name="n", lr="../secret.png", sr="../secret.png",
                  hr="../secret.png", box=(0, 0, 1, 1))  # fmt: skip
    ResultsStore(tmp_path / "one").add(record(pictures=[out]))
    assert merge([tmp_path / "one"], tmp_path / "deep" / "all").pictures == 0
    assert not list((tmp_path / "deep").rglob("*.png"))


def test_no_folder_and_the_same_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no results folder"):
        merge([tmp_path / "none"], tmp_path / "all")
    kept(tmp_path / "one", "a")
    with pytest.raises(UsageError, match="merge into"):
        merge([tmp_path / "one"], tmp_path / "one")


# two values of one submission, what differs besides, whether they contradict
PAIRS = [
    (30.0, 30.00009, {}, False),
    (30.0, 30.00011, {}, True),
    (math.inf, math.inf, {}, False),
    (30.0, math.inf, {}, True),
    (30.0, 31.0, {"submission_sha256": "b" * 64}, False),
    (30.0, 31.0, {"signatures": {"psnr_y": "PSNR|y|crop:2"}}, False),
    (30.0, 31.0, {"protocol": "classic"}, False),
    (30.0, 31.0, {"device": "cuda:other"}, True),
]


@pytest.mark.parametrize(("one", "other", "changes", "contradicts"), PAIRS)
def test_contradictions(one, other, changes, contradicts) -> None:
    common = {"submission_sha256": "a" * 64, "datasets": SET5}
    records = [
        record(id="a", quality={"Set5": {"psnr_y": one}}, **common),
        record(id="b", quality={"Set5": {"psnr_y": other}}, **{**common, **changes}),
    ]
    assert bool(list(contradictions(records))) == contradicts
