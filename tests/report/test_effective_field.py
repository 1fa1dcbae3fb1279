"""The effective receptive field's picture, from maps written by hand."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from esrbench.report.effective_field import field_picture
from esrbench.report.record_facts import flat
from tests.report.records import complexity, record


def with_map(values: Any) -> Any:
    counted = complexity(1000)
    counted.facts = {"effective_field": {"map": values, "side_95": 3}}
    return record("a", complexity=counted)


def test_greys_are_logarithms() -> None:
    """1 is white, a thousandth half way to a millionth, and nothing black."""
    picture = field_picture(with_map([[1.0, 1e-3], [0.0, 1e-6]]))
    assert picture is not None
    assert (picture.side, picture.side_95, picture.side_99) == (2, 3, None)
    data = base64.b64decode(picture.address.removeprefix("data:image/png;base64,"))
    assert np.asarray(Image.open(io.BytesIO(data))).tolist() == [[255, 128], [0, 0]]


@pytest.mark.parametrize("values", [None, [], [[0.0]], [[float("nan")]], [[1.0], [1.0, 2.0]], "x"])
def test_what_is_no_map_is_left_out(values: Any) -> None:
    assert field_picture(with_map(values)) is None


def test_facts_as_lines() -> None:
    facts = {
        "a_b": {"tf32": False},
        "none": None,
        "failing": [],
        "mean": 4.1055558,
        "n": 618658,
    }
    assert flat(facts) == [("a b: tf32", "no"), ("mean", "4.10556"), ("n", "618,658")]


def test_an_array_is_cut_short() -> None:
    ((_, text),) = flat({"map": list(range(5000))})
    assert len(text) < 700
