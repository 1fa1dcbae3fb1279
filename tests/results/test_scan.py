"""A results folder as it is in life: sub-folders, foreign files, damaged records, an index."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from esrbench.results.index import INDEX, read_index
from esrbench.results.record import Picture
from esrbench.results.scan import scan
from esrbench.results.store import ResultsStore
from tests.results.records import edit, record


def test_folders_below_are_part_of_it_with_their_pictures(tmp_path: Path) -> None:
    box = (0, 0, 4, 4)
    kept = Picture(dataset="Set5", name="baby", lr="pictures/l.png", sr="pictures/s.png",
                   hr="pictures/h.png", box=box)  # fmt: skip
    ResultsStore(tmp_path / "gpu1").add(record(id="a", pictures=[kept]))
    ResultsStore(tmp_path / "lab" / "gpu2").add(record(id="b", submission="other"))
    (tmp_path / "gpu1" / "pictures").mkdir()
    (tmp_path / "gpu1" / "pictures" / "no.json").write_text("{}")
    store = ResultsStore(tmp_path)
    records = store.records()
    assert [r.id for r in records] == ["a", "b"]
    assert [store.file_of(r).parent.name for r in records] == ["gpu1", "gpu2"]
    assert all(store.file_of(r).is_file() for r in records)
    assert records[0].pictures[0].sr == "gpu1/pictures/s.png"


def test_a_copy_is_one_record_and_another_content_under_its_id_is_told(tmp_path: Path) -> None:
    path = ResultsStore(tmp_path / "one").add(record(params=1))
    (tmp_path / "two").mkdir()
    copy = Path(shutil.copy(path, tmp_path / "two"))
    assert [r.params for r in ResultsStore(tmp_path).records()] == [1]
    edit(copy, params=2)
    store = ResultsStore(tmp_path)
    assert [r.params for r in store.records()] == [1]
    assert "has the id of" in store.left_out()[0].why


STRANGERS = [
    ("notes.json", '{"a": 1}', "foreign", "names no schema version"),
    ("list.json", "[1, 2]", "foreign", "names no schema version"),
    ("deep.json", "[" * 100_000, "foreign", "nested too deep"),
    ("cut.json", '{"schema_version": 1, "id": "x', "damaged", "not a readable record"),
    ("future.json", '{"schema_version": 9}', "damaged", "schema version 9"),
    ("wrong.json", '{"schema_version": 1}', "damaged", "not a valid record"),
    ("huge.json", '{"schema_version": ' + "9" * 5000 + "}", "damaged", "not a readable record"),
    ("empty.json", "", "foreign", "not a readable record"),
    ("bytes.json", "\x00\x01", "foreign", "not a readable record"),
]


@pytest.mark.parametrize(("name", "text", "kind", "words"), STRANGERS)
def test_what_is_no_record_is_left_out_by_name(tmp_path, name, text, kind, words) -> None:
    store = ResultsStore(tmp_path)
    store.add(record())
    (tmp_path / name).write_text(text)
    for _ in range(2):  # as read, and from the index
        assert len(store.latest()) == 1
        (left,) = store.left_out()
        assert (left.path.name, left.kind) == (name, kind)
        assert words in left.why


def test_the_index_follows_the_files(tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    first = store.add(record(id="a", submission="one"))
    store.add(record(id="b", submission="two"))
    assert len(store.latest()) == 2
    assert set(read_index(tmp_path).files) == {path.name for path in tmp_path.glob("[!.]*.json")}
    assert scan(tmp_path).read == {}  # nothing has to be read again
    first.unlink()
    assert [r.submission for r in store.latest()] == ["two"]


LIES = ["", "{", "[]", "null", '{"version": 99, "files": {}}', '{"version": 2, "files": {"x": 1}}']


@pytest.mark.parametrize("text", LIES)
def test_a_broken_index_is_made_again(tmp_path: Path, text: str) -> None:
    store = ResultsStore(tmp_path)
    store.add(record())
    (tmp_path / INDEX).write_text(text)
    assert len(store.latest()) == 1
    assert len(read_index(tmp_path).files) == 1
