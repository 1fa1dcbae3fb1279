"""Fronts small enough to draw by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from esrbench.leaderboard.pareto import pareto_front


def test_front_by_hand() -> None:
    points = [(1, 28.0), (2, 31.0), (3, 30.0), (4, 32.0), (2, 31.0), (5, 32.0), (None, 40.0)]
    assert pareto_front(points) == [0, 1, 4, 3]


def test_lower_is_better_on_both() -> None:
    assert pareto_front([(1, 0.3), (2, 0.2), (3, 0.25)], lower_y=True) == [0, 1]


def test_nan_and_nothing() -> None:
    assert pareto_front([(float("nan"), 1.0), (1.0, None)]) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_front_is_what_the_definition_says(points: list[tuple[int, int]]) -> None:
    def beaten(p: tuple[int, int]) -> bool:
        return any(q[0] <= p[0] and q[1] >= p[1] and q != p for q in points)

    expected = {i for i, p in enumerate(points) if not beaten(p)}
    assert set(pareto_front(points)) == expected
