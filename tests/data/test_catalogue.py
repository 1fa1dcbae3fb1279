"""The catalogue that comes with esrbench, and a person's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from esrbench.data.catalogue import data_root_from, find_entry, load_catalogue, read_catalogue
from esrbench.data.entry import NOT_STATED, DatasetEntry
from esrbench.errors import EsrbenchError, UsageError

OWN = """
Mine:
  title: My images
  images: 3
  scales: [4]
  hr: {folders: [mine]}
  licence: mine
  source: me
  how_to_get: ask me
"""


@pytest.mark.parametrize(
    ("name", "images", "first", "last"),
    [
        ("skimage8", 8, None, None),
        ("Set5", 5, "baby", "woman"),
        ("Set14", 14, "baboon", "zebra"),
        ("B100", 100, None, None),
        ("Urban100", 100, "img_001", "img_100"),
        ("Manga109", 109, None, None),
        ("DIV2K_valid", 100, "0801", "0900"),
        ("DIV2K_LSDIR_valid", 200, "000001", "0900"),  # NTIRE.md
        ("LSDIR_valid", 250, None, None),
    ],
)
def test_entries(name: str, images: int, first: str | None, last: str | None) -> None:
    entry = load_catalogue()[name]
    assert entry.images == images
    assert entry.names[:1] == (() if first is None else (first,))
    assert entry.names[-1:] == (() if last is None else (last,))


def test_ntire_file_names() -> None:
    """LR of 0801.png is 0801x4.png (NTIRE.md)."""
    entry, _, kind = find_entry("DIV2K_LSDIR_valid", load_catalogue())
    assert entry.hr is not None
    assert entry.hr.pattern == "{name}.png"
    assert kind.pattern == "{name}x{scale}.png"


def test_a_persons_own_is_added(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(OWN)
    catalogue = load_catalogue(path)
    assert catalogue["Mine"].images == 3
    assert "Set5" in catalogue


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("licence:", "license:", "did you mean 'licence'"),
        ("{folders:", "{folder:", "did you mean 'folders'"),
        ("images: 3", "images: 0", "greater than or equal to 1"),
        ("  scales: [4]\n", "", "'scales' is missing"),
        ("hr: {folders: [mine]}", "names: [a, b, c]", "`hr` or `built_in`"),
        ("images: 3", "images: 3\n  names: [a, b]", "2 names"),
        ("[mine]}", "[mine], pattern: x.png}", "{name} once"),
        ("Mine:", "Set5:", "give yours another name"),
        ("Mine:", "My:kind:", "not a dataset name"),
        ("source: me", "lr: {other: {}}\n  source: me", "called default"),
        (
            "source: me",
            "downloads: [{url: 'file:///etc/passwd', to: a}]\n  source: me",
            "http",
        ),
        (
            "source: me",
            "downloads: [{url: 'http://a.b/c', to: ../a}]\n  source: me",
            "below the data root",
        ),
    ],
)
def test_a_wrong_catalogue_is_refused(was: str, becomes: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    assert was in OWN
    path.write_text(OWN.replace(was, becomes))
    with pytest.raises(UsageError) as refusal:
        load_catalogue(path)
    assert says in str(refusal.value)
    assert str(path) in str(refusal.value)


MANY = [
    ("images: 3", "images: 99999999999", "less than or equal to 100000"),
    ("images: 3", "images: 3\n  names: ['{0..99999999}']", "more than 100000 names"),
    ("images: 3", "images: 3\n  names: ['{0..50000}', '{0..50000}']", "more than 100000 names"),
    ("images: 3", "images: 3\n  names: ['{9..1}']", "counts from 9 down to 1"),
    ("images: 3", "images: 1\n  names: [0100]", "write the name 64 in quotes"),
    ("images: 3", "images: 1\n  names: [no]", "write the name False in quotes"),
    ("scales: [4]", "scales: 4", "takes a list: write [4]"),
    ("scales: [4]", "scales: [0]", "greater than or equal to 1"),
    ("scales: [4]", "scales: [1.5]", "takes a whole number such as 4, not 1.5"),
    ("[mine]", "['{name}/HR']", "in the last part of a folder"),
    ("images: 3", "images: " + "3" * 5000, "a number of 5000 digits"),
]


@pytest.mark.parametrize(("was", "becomes", "says"), MANY)
def test_a_catalogue_takes_bounded_time_and_memory(
    was: str, becomes: str, says: str, tmp_path: Path
) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(OWN.replace(was, becomes))
    with pytest.raises(UsageError) as refusal:
        load_catalogue(path)
    assert says in str(refusal.value)


KEYS = st.sampled_from([*DatasetEntry.model_fields, "folders", "pattern", "make", "default", "url"])
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["{name}", "{0..99999999}", "{scale}", "../x", "/", "replicate", "a" * 64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=150, derandomize=True, deadline=None, database=None)
@given(changes=st.dictionaries(st.sampled_from([*DatasetEntry.model_fields]), ANY, max_size=3))
def test_any_entry_is_read_or_refused(
    changes: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    entry = yaml.safe_load(OWN)["Mine"] | changes
    path.write_text(yaml.safe_dump({"Mine": entry}), encoding="utf-8")
    try:
        said = read_catalogue(path)["Mine"].title
    except EsrbenchError as refusal:
        said = str(refusal)
    assert said == entry["title"] or said.startswith(str(path))


@pytest.mark.parametrize(
    ("name", "says"),
    [("Set51", "did you mean 'Set5'"), ("Set5:oldmatlap", "did you mean 'oldmatlab'")],
)
def test_an_unknown_name(name: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        find_entry(name, load_catalogue())


def test_data_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESRBENCH_DATA_ROOT", "/from/environment")
    assert data_root_from(Path("/option")) == Path("/option")
    assert data_root_from(None) == Path("/from/environment")
    monkeypatch.delenv("ESRBENCH_DATA_ROOT")
    assert data_root_from(None) is None


@pytest.mark.parametrize(("name", "files"), [("Set5", 5), ("B100", 100), ("DIV2K_valid", 4)])
def test_downloads_are_pinned(name: str, files: int) -> None:
    items = [one for item in load_catalogue()[name].downloads for one in item.files()]
    assert len({one.url for one in items}) == len({one.to for one in items}) == files
    assert all(one.sha256 is not None for one in items)
    assert not any("{" in one.url + one.to for one in items)


@pytest.mark.parametrize("name", ["Set5", "B100"])
def test_pinned_files_are_the_real_ones(name: str, data_root: Path) -> None:
    """The data root holds untouched files of the repositories the catalogue points to."""
    for item in load_catalogue()[name].downloads:
        for one in item.files():
            found = hashlib.sha256((data_root / one.to).read_bytes()).hexdigest()
            assert found == one.sha256, one.to


def test_a_persons_own_needs_no_words_for_others(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(OWN.split("  licence:")[0])
    entry = read_catalogue(path)["Mine"]
    assert (entry.licence, entry.source) == (NOT_STATED, NOT_STATED)


def test_what_comes_with_esrbench_says_whose_it_is() -> None:
    for name, entry in load_catalogue().items():
        assert NOT_STATED not in (entry.licence, entry.source), name
