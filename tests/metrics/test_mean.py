"""A set's figures; the expected ones are worked out by hand."""

from __future__ import annotations

import math

import pytest

from esrbench.metrics.mean import mean_over_images
from esrbench.metrics.psnr import from_mse


def test_mean_of_images() -> None:
    means, infinite = mean_over_images(
        [{"psnr_y": 30.0, "ssim_y": 0.5}, {"psnr_y": 34.0, "ssim_y": 0.9}]
    )
    assert means == pytest.approx({"psnr_y": 32.0, "ssim_y": 0.7})
    assert infinite == {}


def test_infinite_values_are_counted_and_left_out() -> None:
    means, infinite = mean_over_images([{"psnr_y": 30.0}, {"psnr_y": math.inf}, {"psnr_y": 32.0}])
    assert means == {"psnr_y": 31.0}
    assert infinite == {"psnr_y": 1}


def test_all_infinite_is_infinite() -> None:
    assert mean_over_images([{"psnr_y": math.inf}] * 2) == ({"psnr_y": math.inf}, {"psnr_y": 2})


@pytest.mark.parametrize("second", [{"lpips_alex": None}, {}])
def test_a_part_of_a_set_has_no_mean(second: dict[str, float | None]) -> None:
    assert mean_over_images([{"lpips_alex": 0.2}, second]) == ({"lpips_alex": None}, {})


def test_no_images() -> None:
    assert mean_over_images([]) == ({}, {})


def test_pooled_rows_are_over_pixels() -> None:
    scores = [{"psnr_y_pooled": from_mse(1.0)}, {"psnr_y_pooled": from_mse(25.0)}]
    means, _ = mean_over_images(scores, [300, 100])
    assert means["psnr_y_pooled"] == pytest.approx(from_mse(7.0))
    assert mean_over_images(scores)[0] == {"psnr_y_pooled": None}
