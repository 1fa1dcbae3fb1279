"""CPU time against wall time times threads."""

from __future__ import annotations

import pytest

from esrbench.timing.cores_used import CoresUsed

# CPU seconds and wall seconds of each block, threads, whether that is more than they can use
CASES = [
    ([(1.0, 1.0), (1.0, 1.0)], 1, False),
    ([(1.99, 1.0), (1.98, 1.0)], 2, False),
    ([(1.9, 1.0), (1.9, 1.0)], 1, True),
    ([(3.0, 1.0)], 2, True),
    ([(0.06, 0.02)], 1, False),  # a tick or two
    ([(0.0, 1.0)], 1, False),
    ([], 1, False),
]


@pytest.mark.parametrize(("blocks", "threads", "more"), CASES)
def test_more_cores(blocks: list[tuple[float, float]], threads: int, more: bool) -> None:
    used = CoresUsed()
    for cpu, wall in blocks:
        used.add(cpu, wall)
    assert used.more_than(threads) is more
