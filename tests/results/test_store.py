"""Records are only added, whole or not at all, and read back as they were."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from esrbench.errors import UnavailableError, UsageError
from esrbench.results.record import ImageScore
from esrbench.results.store import ResultsStore, read_record
from tests.results.records import record


def test_what_is_added_is_read_back(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path / "new" / "results")
    given = record(
        quality={"Set5": {"psnr_y": math.inf, "lpips_alex": None}},
        images={"Set5": [ImageScore(name="baby", values={"psnr_y": 33.25}, lr_size=(4, 5))]},
    )
    path = store.add(given)
    assert path.name == "net_x4_quick_cpu-some-cpu-2-threads_20261121t000000z-000001.json"
    assert store.records() == [given]
    assert "NaN" not in path.read_text()
    assert json.loads(path.read_text())["quality"]["Set5"]["psnr_y"] == "Infinity"


def test_the_newest_of_each_run_counts_and_none_is_lost(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    store.add(record(id="a", created="2026-01-01T00:00:00", params=1))
    store.add(record(id="b", created="2026-01-02T00:00:00", params=2))
    store.add(record(id="c", created="2026-01-01T00:00:00", variant="s", params=3))
    assert [r.params for r in store.latest()] == [3, 2]
    assert len(store.records()) == 3


def test_in_brief_is_all_but_the_figures_of_each_image(tmp_path: Path) -> None:
    scores = [ImageScore(name="baby", values={"psnr_y": 33.25}, lr_size=(4, 5))]
    given = record(quality={"Set5": {"psnr_y": 33.25}}, images={"Set5": scores})
    store = ResultsStore(tmp_path)
    store.add(given)
    (brief,) = store.latest(in_brief=True)
    assert brief == given.model_copy(update={"images": {}})
    assert store.latest() == [given]


def test_a_half_written_file_is_not_a_record(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    store.add(record())
    (tmp_path / ".record-abc").write_text('{"schema_version": 1, "id"')
    assert len(store.records()) == 1


BROKEN = [
    ('{"schema_version": 99}', "schema version 99, this esrbench reads 1"),
    ("{", "not a readable record"),
    ("[]", "names no schema version"),
    ('{"schema_version": 1}', "not a valid record"),
]


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_what_is_no_record_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=words) as caught:
        read_record(path)
    assert str(path) in str(caught.value)


def test_a_very_long_name_is_a_file_name_all_the_same(tmp_path: Path) -> None:
    path = ResultsStore(tmp_path).add(record(submission="n" * 300, variant="v" * 300))
    assert len(path.name) < 255


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = ResultsStore(tmp_path / "file" / "results")
    with pytest.raises(UnavailableError, match="cannot be written"):
        store.ensure_writable()
