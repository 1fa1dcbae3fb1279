"""The manifest's contract: what is read, and the sentence for each thing that is wrong."""

from __future__ import annotations

import pytest

from esrbench.errors import SubmissionError
from esrbench.submission.manifest import parse_manifest

SHA = "0" * 64


def test_neutral_values() -> None:
    manifest = parse_manifest({"name": "tiny"}, "submission.yaml")
    assert manifest.scale == (4,)
    assert (manifest.data_range, manifest.multiple, manifest.precision) == (1.0, 1, "fp32")
    assert manifest.entry_point == "model:build"
    assert manifest.weights_at(4) is None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "a", "data_rang": 255}, ["data_rang", "did you mean 'data_range'"]),
        ({"name": "a", "weights": {"fil": "w.pth"}}, ["weights.fil", "did you mean 'file'"]),
        ({"name": "a", "weights": {4: {"shar256": SHA}}}, ["shar256", "did you mean 'sha256'"]),
        ({"name": "a", "variants": {"x": {"buidl": {}}}}, ["buidl", "did you mean 'build'"]),
        ({"name": "a", "published": {4: {"param": 1}}}, ["param", "did you mean 'params'"]),
        ({"title": "no name"}, ["'name' is missing"]),
        ({"name": "a b"}, ["'a b' is no name"]),
        ({"name": "a", "data_range": 2.0}, ["2 is no range", "1.0 or 255.0"]),
        ({"name": "a", "scale": 0}, ["from 1 to 16"]),
        ({"name": "a", "scael": 4}, ["unknown key 'scael'; did you mean 'scale'?"]),
        ({"name": "a", "scale": 1.5}, ["write 4, or [2, 3, 4] for several, not 1.5"]),
        ({"name": "a", "scale": "x4"}, ["a scale is a whole number: write 4", "not x4"]),
        ({"name": "a", "scale": True}, ["a scale is a whole number", "not True"]),
        ({"name": "a", "scale": [2.5]}, ["'scale.0' takes a whole number such as 4, not 2.5"]),
        ({"name": "a", "weights": "w.pth"}, ["write `weights: {file: w.pth}`"]),
        ({"name": "a", "variants": {"x": {"weights": "w.pth"}}}, ["weights: {file: w.pth}"]),
        ({"name": "a", "scale": [2, 2]}, ["different whole numbers"]),
        ({"name": "a", "weights": {"file": "../w.pth"}}, ["inside the submission's folder"]),
        ({"name": "a", "weights": {"url": "https://x/y"}}, ["needs the sha256"]),
        ({"name": "a", "weights": {"licence": "MIT"}}, ["the reason why there are none"]),
        ({"name": "a", "variants": {"x": {}}, "default_variant": "y"}, ["'y' is no variant"]),
    ],
)
def test_faults_are_named(data: dict[str, object], words: list[str]) -> None:
    with pytest.raises(SubmissionError) as failure:
        parse_manifest(data, "submission.yaml")
    assert all(word in str(failure.value) for word in ["submission.yaml", *words])
    assert not str(failure.value).endswith("?.")


def test_a_variant_changes_only_what_it_says() -> None:
    manifest = parse_manifest(
        {
            "name": "a",
            "data_range": 255.0,
            "build": {"blocks": 6, "channels": 48},
            "weights": {2: {"file": "x2.pth"}, 4: {"file": "x4.pth"}},
            "scale": [2, 4],
            "variants": {"small": {"build": {"channels": 16}}, "own": {"weights": {"file": "o"}}},
        },
        "submission.yaml",
    )
    small = manifest.resolved("small")
    assert small.build == {"blocks": 6, "channels": 16}
    assert small.data_range == 255.0
    assert small.weights_at(2).file == "x2.pth"  # type: ignore[union-attr]
    assert manifest.resolved("own").weights_at(2).file == "o"  # type: ignore[union-attr]


def test_a_scale_without_weights_says_so() -> None:
    data = {"name": "a", "scale": [2, 4], "weights": {4: {"file": "x4.pth"}}}
    weights = parse_manifest(data, "submission.yaml").weights_at(2)
    assert weights is not None
    assert weights.reason == "submission.yaml lists no weights for x2"


def test_authors_as_a_list_and_either_spelling_of_a_licence() -> None:
    said = parse_manifest(
        {"name": "net", "authors": ["A. One", "B. Two"], "license": "MIT"}, "submission.yaml"
    )
    assert (said.authors, said.licence) == ("A. One, B. Two", "MIT")
    with pytest.raises(SubmissionError, match="license"):
        parse_manifest({"name": "net", "licence": "MIT", "license": "GPL"}, "submission.yaml")
    with pytest.raises(SubmissionError, match="authors"):
        parse_manifest({"name": "net", "authors": ["A. One", 2]}, "submission.yaml")
