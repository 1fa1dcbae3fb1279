"""With the official weights, the outputs of the authors' own code, within 1e-5."""

from __future__ import annotations

from pathlib import Path

import pytest

from .build import trained
from .golden import GOLDEN, compare
from .table import ROWS, Row


@pytest.mark.parametrize("row", [row for row in ROWS if row.golden], ids=str)
def test_golden_outputs(row: Row, weights_dir: Path) -> None:
    assert row.golden is not None
    golden = GOLDEN[row.golden]
    submission, model = trained(row.submission, row.scale, weights_dir)
    assert submission.data_range == golden["input_range"]
    assert max(compare(model, golden).values()) <= 1e-5
