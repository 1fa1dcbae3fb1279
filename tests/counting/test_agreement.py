"""When the two counters agree, and what is named when they do not."""

from __future__ import annotations

import pytest

from esrbench.counting.agreement import differences


@pytest.mark.parametrize(
    ("fvcore", "dispatch", "parted"),
    [
        ({"conv": 1000}, {"aten::convolution": 1000}, []),
        ({"conv": 1000}, {"aten::convolution": 1010}, []),  # within 1% of the larger
        ({"conv": 1000}, {"aten::convolution": 1011}, ["convolution"]),
        # fvcore's estimates for norms and pooling are no MACs at the dispatcher.
        (
            {"conv": 100, "layer_norm": 90, "adaptive_avg_pool2d": 90},
            {"aten::convolution": 100},
            [],
        ),
        # Under other names, the same products.
        ({"linear": 50, "matmul": 50}, {"aten::addmm": 50, "aten::bmm": 50}, []),
        ({"conv": 100}, {"aten::convolution": 100, "my::op (inside, at least)": 50}, ["opaque"]),
        ({}, {}, []),
    ],
)
def test_differences(fvcore, dispatch, parted):
    found = differences(fvcore, dispatch)
    assert len(found) == len(parted)
    assert all(part in sentence for part, sentence in zip(parted, found, strict=True))


def test_the_operators_are_named():
    (sentence,) = differences({"conv": 10}, {"aten::convolution": 10, "aten::_fft_r2c": 90})
    assert sentence == "fft: 90 MACs at the dispatcher (aten::_fft_r2c), 0 in fvcore"
