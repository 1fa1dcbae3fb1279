"""`esrbench compare` has two submissions: what is said once is the first's, twice each one's."""

from __future__ import annotations

import pytest

from esrbench.cli.compare import _each
from esrbench.errors import UsageError


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (None, (None, None)),
        (["smsr"], ("smsr", None)),
        (["smsr", "edsr"], ("smsr", "edsr")),
        (["-", "edsr"], (None, "edsr")),
    ],
)
def test_each_gets_its_own(
    texts: list[str] | None, expected: tuple[str | None, str | None]
) -> None:
    assert _each("--model", texts) == expected


def test_a_third_is_one_too_many() -> None:
    with pytest.raises(UsageError, match="--model is given 3 times, for two submissions"):
        _each("--model", ["a", "b", "c"])
