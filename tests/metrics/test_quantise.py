"""Quantisation: clamp, scale to 255, round half up. Expected values are worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from esrbench.errors import SubmissionError
from esrbench.metrics.quantise import to_uint8

TABLE = [
    # value, data_range, uint8
    (0.0, 1.0, 0),
    (1.0, 1.0, 255),
    (-0.3, 1.0, 0),
    (1.7, 1.0, 255),
    (float("inf"), 1.0, 255),
    (float("-inf"), 1.0, 0),
    (0.5, 1.0, 128),  # 127.5 goes up
    (0.5, 255.0, 1),  # a half goes up, where numpy's and torch's round go to even
    (2.5, 255.0, 3),
    (2.4999998, 255.0, 2),
    (254.5, 255.0, 255),
    (254.49998, 255.0, 254),
    (300.0, 255.0, 255),
    (7.0, 255.0, 7),
]


@pytest.mark.parametrize(("value", "data_range", "expected"), TABLE)
def test_values(value: float, data_range: float, expected: int) -> None:
    array = np.full((2, 3, 3), value, dtype=np.float32)
    assert np.all(to_uint8(array, data_range) == expected)
    assert torch.all(to_uint8(torch.from_numpy(array), data_range) == expected)


@pytest.mark.parametrize("data_range", [1.0, 255.0])
def test_every_uint8_survives_the_round_trip(data_range: float) -> None:
    levels = np.arange(256, dtype=np.float32) / np.float32(255.0) * np.float32(data_range)
    assert np.array_equal(to_uint8(levels, data_range), np.arange(256))


def test_array_and_tensor_agree_and_keep_their_shape() -> None:
    # 300 x 301 values are more than one chunk; the transposed view is not contiguous
    values = np.random.default_rng(0).normal(0.5, 0.4, (300, 301, 3)).astype(np.float32)
    for view in (values, values.transpose(2, 0, 1)):
        array, tensor = to_uint8(view, 1.0), to_uint8(torch.from_numpy(view.copy()), 1.0)
        assert array.shape == view.shape
        assert array.dtype == np.uint8
        assert np.array_equal(array, tensor.numpy())


def test_half_precision_is_taken_as_it_is() -> None:
    assert to_uint8(np.array([0.5], dtype=np.float16), 1.0)[0] == 128
    assert to_uint8(torch.tensor([0.5], dtype=torch.bfloat16), 1.0)[0] == 128


def test_nan_is_refused() -> None:
    array = np.zeros((4, 4, 3), dtype=np.float32)
    array[2, 1, 0] = np.nan
    for image in (array, torch.from_numpy(array)):
        with pytest.raises(SubmissionError, match="NaN"):
            to_uint8(image, 1.0)


def test_uint8_comes_back_as_it_is() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    assert to_uint8(image, 1.0) is image


def test_range_must_be_positive() -> None:
    with pytest.raises(ValueError, match="data_range"):
        to_uint8(np.zeros(3, dtype=np.float32), 0.0)
