"""Every reference submission keeps the interface: any size and batch, nothing random."""

from __future__ import annotations

import pytest
import torch

from esrbench.submission.find import find

from .build import LABELS, extra_of, forward, untrained

AMPLIFIES = {"fiwhn", "elan"}
"""Untrained, rounding alone is up to 2 of 255: FIWHN's outputs reach 20 times the range, ELAN's
attention is not scaled. In double 1e-10 is left."""


TAKE_SECONDS = {"dlgsanet", "elan", "esrt", "lamnet", "swinfir"}
"""Attention, in many small steps."""


def _one_of_each_family() -> list[object]:
    """All labels; the first variant of each every time, the others where time is no matter."""
    seen: set[str] = set()
    cases = []
    for label in LABELS:
        family = label.split("/")[0]
        slow = family in seen or family in TAKE_SECONDS or extra_of(label)
        cases.append(pytest.param(label, marks=pytest.mark.slow if slow else ()))
        seen.add(family)
    return cases


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("label", _one_of_each_family())
def test_odd_sizes_and_batches(label: str) -> None:
    submission = find(label)
    scale, smallest = submission.scale, submission.min_size
    model = untrained(label)
    lr = torch.rand(2, 3, max(17, smallest), max(22, smallest)) * submission.data_range
    before = lr.clone()
    with torch.inference_mode():
        both = model(lr)
    assert torch.equal(lr, before), "it changes its input"
    assert both.shape == (2, 3, lr.shape[2] * scale, lr.shape[3] * scale)
    assert both.dtype == torch.float32
    assert both.isfinite().all()
    assert torch.equal(forward(model, lr), both), "it is not deterministic"
    if label.split("/")[0] in AMPLIFIES:
        model, lr = model.double(), lr.double()
        both = forward(model, lr)
    singles = torch.cat([forward(model, image[None]) for image in lr])
    torch.testing.assert_close(both, singles, rtol=1e-4, atol=1e-5 * submission.data_range)


@pytest.mark.parametrize("label", _one_of_each_family())
def test_the_smallest_size_it_says_it_takes(label: str) -> None:
    submission = find(label)
    size = submission.min_size
    lr = torch.rand(1, 3, size, size) * submission.data_range
    assert forward(untrained(label), lr).shape[2:] == (size * submission.scale,) * 2


@pytest.mark.quick_cases(12)
@pytest.mark.parametrize("label", _one_of_each_family())
def test_every_scale_it_says_it_can(label: str) -> None:
    submission = find(label)
    lr = torch.rand(1, 3, 16, 18) * submission.data_range
    for scale in submission.scales:
        sr = forward(untrained(label, scale), lr)
        assert sr.shape == (1, 3, 16 * scale, 18 * scale)
