"""No golden row is left out: each is what some test compares with."""

from __future__ import annotations

from .golden import GOLDEN
from .table import ROWS
from .test_golden_networks import RAMIT
from .test_golden_synthetic import CASES, _name

ELSEWHERE = {
    *(f"SMSR x{scale} synthetic" for scale in (3, 4)),
    *(f"PCSR {backbone} phase1 x4 k=0 without refinement" for backbone in ("carn", "fsrcnn")),
}
"""Rows that a test in test_golden_networks.py names."""


def test_every_row_is_compared_with() -> None:
    used = {row.golden for row in ROWS} | {name for *_, name in RAMIT} | ELSEWHERE
    used |= {_name(label, scale) for label, scale in CASES}
    assert set(GOLDEN) - used == set()
