"""With the official weights, the outputs of the authors' own code, within 1e-5."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .build import trained
from .golden import GOLDEN, compare
from .table import ROWS, Row


def _case(row: Row) -> Any:
    """FIWHN's attention over the whole image takes seconds at x2."""
    slow = [pytest.mark.slow] if row.golden and str(row) == "fiwhn-x2" else []
    return pytest.param(row, marks=slow, id=str(row))


@pytest.mark.parametrize("row", [_case(row) for row in ROWS if row.golden])
def test_golden_outputs(row: Row, weights_dir: Path) -> None:
    assert row.golden is not None
    golden = GOLDEN[row.golden]
    submission, model = trained(row.submission, row.scale, weights_dir)
    assert submission.data_range == golden["input_range"]
    assert max(compare(model, golden).values()) <= 1e-5
