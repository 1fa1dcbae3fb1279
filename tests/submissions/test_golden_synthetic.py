"""Without public weights: parameters filled by a rule, and the authors' own names and shapes."""

from __future__ import annotations

import pytest

from .build import untrained
from .golden import GOLDEN, compare, fill, keys_sha256

TOLERANCE = 2e-5
"""The rounding noise of fp32 against fp64 is up to 5.6e-6 (``fp32_vs_fp64_maxdiff_mod37``)."""
QUICK_PARAMS = 1_000_000

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
]
_SPELT = {"small": "Small", "medium": "Medium", "large": "Large"}
"""How the rows of QuickSRNet are called."""


def _cases() -> list[object]:
    cases = []
    for label, scales in FILLED:
        for scale in scales:
            family, _, size = label.partition("/")
            name = f"{family}/{_SPELT.get(size, size)} x{scale} synthetic"
            slow = GOLDEN[name]["params"] > QUICK_PARAMS
            marks = pytest.mark.slow if slow else ()
            cases.append(pytest.param(label, scale, name, id=f"{label}-x{scale}", marks=marks))
    return cases


@pytest.mark.parametrize(("label", "scale", "name"), _cases())
def test_the_authors_outputs_and_names(label: str, scale: int, name: str) -> None:
    golden, model = GOLDEN[name], untrained(label, scale)
    assert keys_sha256(model) == golden["keys_sha256"]
    assert sum(p.numel() for p in model.parameters()) == golden["params"]
    fill(model)
    assert max(compare(model, golden).values()) <= TOLERANCE
