"""`torch.export` takes every reference submission at any image size, but for the reasons below."""

from __future__ import annotations

import pytest
import torch
from torch.export import Dim

from esrbench.submission.find import find

from .build import LABELS, forward, untrained

FIXED_SIZE = {
    "safmn": "adaptive pooling to fractions of the image fixes the size",
    "dlgsanet": "how many windows there are to average over depends on the size",
}
_ROUTED = "which width a patch goes to depends on the data"
NOT_EXPORTED = {
    "seemore": "which expert runs depends on the data",
    "smsr": "which channels and pixels are looked at depends on weights and data",
    **{f"arm/{net}-{budget}": _ROUTED for net in ("carn", "fsrcnn") for budget in "lms"},
}
"""By family, or by label."""


@pytest.mark.slow
@pytest.mark.parametrize("label", LABELS)
def test_export(label: str) -> None:
    family = label.split("/")[0]
    if why := NOT_EXPORTED.get(label, NOT_EXPORTED.get(family)):
        pytest.skip(why)
    data_range = find(label).data_range
    model = untrained(label)
    lr = torch.rand(1, 3, 32, 40) * data_range
    sizes = None if family in FIXED_SIZE else ({2: Dim.DYNAMIC, 3: Dim.DYNAMIC},)
    exported = torch.export.export(model, (lr,), dynamic_shapes=sizes).module()
    other = lr if family in FIXED_SIZE else torch.rand(1, 3, 48, 56) * data_range
    torch.testing.assert_close(
        forward(exported, other), forward(model, other), rtol=0, atol=1e-5 * data_range
    )
