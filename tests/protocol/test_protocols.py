"""The protocols that ship, and what is said of a wrong one."""

from __future__ import annotations

import pytest

from esrbench.data.catalogue import load_catalogue
from esrbench.errors import UsageError
from esrbench.protocol.load import load_protocol, names
from esrbench.protocol.schema import parse_shape


def test_all_of_them_load_and_name_datasets_of_the_catalogue() -> None:
    assert names() == [
        "classic", "ntire2022", "ntire2023", "ntire2024", "ntire2025", "ntire2026", "quick",
    ]  # fmt: skip
    catalogue = load_catalogue()
    for name in names():
        protocol = load_protocol(name)
        assert protocol.name == name
        assert set(protocol.datasets) <= set(catalogue)
        assert set(protocol.thresholds) <= set(protocol.datasets)


# protocol, scale, LR shape that MACs are counted at: NTIRE.md, and 1280x720 output for papers
COUNTING = [
    ("ntire2024", 4, (1, 3, 256, 256)),
    ("quick", 2, (1, 3, 256, 256)),
    ("classic", 4, (1, 3, 180, 320)),
    ("classic", 3, (1, 3, 240, 426)),
    ("classic", 2, (1, 3, 360, 640)),
]


@pytest.mark.parametrize(("name", "scale", "shape"), COUNTING)
def test_counting_input(name, scale, shape) -> None:
    assert load_protocol(name).counting_input(scale) == shape


def test_the_crop_border_is_the_scale_or_a_number() -> None:
    assert load_protocol("classic").crop(3) == 3
    assert load_protocol("ntire2026").crop(4) == 4


WRONG = [
    ("name: a\ntitle: b\ndatasets: [Set5]\nmetrisc: []", "unknown key 'metrisc'; did you mean 'm"),
    ("name: a\ntitle: b\ndatasets: [x]\ntiming: {shape: []}", "unknown key 'timing.shape'; did yo"),
    ("name: a\ndatasets: [x]", "the key 'title' is missing"),
    ("name: a\ntitle: b\ndatasets: [x]\ntiming: {shapes: [12]}", "timing.shapes"),
    ("- a", "expected `key: value` lines, found a list"),
    ("a: [", "not valid YAML"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_wrong_file_is_told_in_a_sentence(tmp_path, text, words) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_protocol(str(path))
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'ntire2026'"):
        load_protocol("ntire26")


@pytest.mark.parametrize("text", ["", "256", "axb", "0x5", "1x3x5", "1x3x-2x2"])
def test_what_is_no_shape(text) -> None:
    with pytest.raises(ValueError, match="is not a shape"):
        parse_shape(text)
