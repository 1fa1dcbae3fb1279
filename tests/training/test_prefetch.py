"""Prepared ahead, handed out in order."""

from __future__ import annotations

import threading
import time

import pytest

from training.prefetch import ahead


def test_in_order_whoever_is_ready_first() -> None:
    def slower_first(i: int) -> int:
        time.sleep(0.02 if i % 3 == 0 else 0)
        return i

    assert list(ahead(slower_first, 5, 25, depth=4, threads=3)) == list(range(5, 25))


def test_made_elsewhere_and_no_further_ahead_than_said() -> None:
    made: list[int] = []
    here = threading.get_ident()

    def note(i: int) -> int:
        assert threading.get_ident() != here
        made.append(i)
        return i

    items = ahead(note, 0, 100, depth=3)
    assert next(items) == 0
    by = time.monotonic() + 60
    while len(made) < 4 and time.monotonic() < by:  # however busy the machine is
        time.sleep(0.005)
    time.sleep(0.05)  # a fifth would be made at once
    assert made == [0, 1, 2, 3]
    items.close()


def test_a_fault_is_raised_at_its_turn() -> None:
    def broken_at_two(i: int) -> int:
        if i == 2:
            raise ValueError("two")
        return i

    items = ahead(broken_at_two, 0, 5)
    assert [next(items), next(items)] == [0, 1]
    with pytest.raises(ValueError, match="two"):
        next(items)
