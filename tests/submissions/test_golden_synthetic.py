"""Without public weights: parameters filled by a rule, and the authors' own names and shapes."""

from __future__ import annotations

import sys

import pytest
import torch
from torch import nn

from .build import untrained
from .golden import GOLDEN, compare, fill, keys_sha256

TOLERANCE = 2e-5
"""The rounding noise of fp32 against fp64 is up to 5.6e-6 (``fp32_vs_fp64_maxdiff_mod37``)."""

# submission, scales
FILLED = [
    *((f"seemore/{size}", (2, 3, 4)) for size in "tbl"),
    ("safmn/safmn", (2, 3, 4)),
    ("safmn/l", (2, 3, 4)),
    ("shufflemixer/base", (2, 3, 4)),
    ("shufflemixer/tiny", (2, 3, 4)),
    *((f"quicksrnet/{size}", (2, 3, 4)) for size in ("small", "medium", "large")),
    ("ditn/u1", (2, 3, 4)),
    ("ditn/u3", (2, 3, 4)),
    ("elan/light", (2, 3, 4)),
    ("elan/elan", (4,)),
    ("esrt", (2, 3, 4)),
    ("dlgsanet/tiny", (2, 3, 4)),
    ("dlgsanet/light", (2, 3, 4)),
    ("swinfir", (2, 3, 4)),
]
_SPELT = {"small": "Small", "medium": "Medium", "large": "Large"}
"""How the rows of QuickSRNet are called."""
_TITLES = {
    "elan/light": "ELAN-light",
    "elan/elan": "ELAN",
    "esrt": "ESRT",
    "dlgsanet/tiny": "DLGSANet-tiny",
    "dlgsanet/light": "DLGSANet-light",
    "swinfir": "SwinFIR-T",
}
"""What the rows of the second half of the field are called by; these have no `keys_sha256`."""


def _name(label: str, scale: int) -> str:
    family, _, size = label.partition("/")
    stem = _TITLES.get(label, f"{family}/{_SPELT.get(size, size)}")
    padded = " (flip-padded to 60x72)" if label == "swinfir" else ""
    return f"{stem} x{scale} synthetic{padded}"


CASES = [(label, scale) for label, scales in FILLED for scale in scales]
LARGE = {"safmn/l", "seemore/l", "ditn/u3", *_TITLES}
"""These take seconds."""


@pytest.mark.parametrize(("label", "scale"), CASES)
def test_the_authors_names(label: str, scale: int) -> None:
    golden, model = GOLDEN[_name(label, scale)], untrained(label, scale)
    if "keys_sha256" in golden:
        assert keys_sha256(model) == golden["keys_sha256"]
    assert sum(p.numel() for p in model.parameters()) == golden["params"]


@pytest.mark.parametrize(
    ("label", "scale"),
    [
        pytest.param(*case, marks=pytest.mark.slow if case[1] != 4 or case[0] in LARGE else ())
        for case in CASES
    ],
)
def test_the_authors_outputs(label: str, scale: int) -> None:
    """The scales differ in the last layers alone; x4 is tried every time."""
    golden, model = GOLDEN[_name(label, scale)], untrained(label, scale)
    fill(model)
    if label.startswith("elan"):
        _calm(model)
    assert max(compare(model, golden).values()) <= TOLERANCE


@torch.no_grad()
def _calm(model: nn.Module) -> None:
    """As the row says: with gains of one, attention without a scale is chaotic at range 255."""
    for name, parameter in model.named_parameters():
        if name.endswith("project_inp.1.weight"):
            parameter *= 0.005


@pytest.mark.parametrize(
    ("label", "scale", "entries"),
    [
        # Of the authors' networks, buffers included.
        ("elan/light", 2, 625_260),
        ("elan/light", 3, 633_375),
        ("elan/light", 4, 644_736),
        ("elan/elan", 4, 8_513_388),
        # Without the masks for the training size: ten of 25 windows, 144 x 144 pixels.
        *(
            ("swinfir", scale, whole - 10 * 25 * 144**2)
            for scale, whole in ((2, 6_587_412), (3, 6_595_527), (4, 6_606_888))
        ),
    ],
)
def test_entries_of_the_state_dict(label: str, scale: int, entries: int) -> None:
    assert sum(v.numel() for v in untrained(label, scale).state_dict().values()) == entries


@pytest.mark.parametrize("size", [(7, 5), (12, 24), (13, 9)])
def test_swinfir_pads_as_its_evaluation_does(size: tuple[int, int]) -> None:
    """By the image turned over, cut at the next multiple of 12 above; more turns where needed."""
    model = untrained("swinfir")
    lr = torch.rand(1, 3, *size)
    seen: list[torch.Tensor] = []
    model.conv_first.register_forward_pre_hook(lambda _, args: seen.append(args[0] + model.mean))
    model(lr)
    height, width = ((side // 12 + 1) * 12 for side in size)
    whole = torch.cat([lr, lr.flip(2), lr], dim=2)[:, :, :height]
    whole = torch.cat([whole, whole.flip(3), whole], dim=3)[..., :width]
    torch.testing.assert_close(seen[0], whole)


def test_dlgsanet_averages_where_windows_meet() -> None:
    """Identity in, identity out: what is covered once and what is covered twice come out alike."""
    model = untrained("dlgsanet/tiny", 4)
    attention = model.deep_feature_extraction[0].body[1].restormer_attn
    attention.attended = lambda qkv: qkv[:, :48]
    x = torch.rand(1, 48, 50, 70)
    expected = attention.project_out(attention.qkv_dwconv(attention.qkv(x))[:, :48])
    torch.testing.assert_close(attention(x), expected)


@pytest.mark.parametrize(
    ("size", "starts"), [(48, [0]), (49, [0, 1]), (96, [0, 48]), (97, [0, 25, 49]), (256, [0, 42])]
)
def test_dlgsanet_windows(size: int, starts: list[int]) -> None:
    """As few windows of 48 as cover the axis, the last one at its end."""
    module = sys.modules[type(untrained("dlgsanet/tiny", 4)).__module__]
    found = module.starts(size, 48)
    assert found[: len(starts)] == starts
    assert found[-1] == size - 48
