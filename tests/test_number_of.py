"""One thing and many, in words."""

from __future__ import annotations

import pytest

from esrbench.number_of import number_of


@pytest.mark.parametrize(
    ("count", "many", "text"),
    [
        (0, None, "0 rows"),
        (1, None, "1 row"),
        (2, None, "2 rows"),
        (1024, None, "1,024 rows"),
        (1, "rows of it", "1 row"),
        (2, "rows of it", "2 rows of it"),
    ],
)
def test_number_of(count: int, many: str | None, text: str) -> None:
    assert number_of(count, "row", many) == text
