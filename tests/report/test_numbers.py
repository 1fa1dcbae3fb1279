"""Figures as text."""

from __future__ import annotations

import json
import math

import pytest

from esrbench.leaderboard.columns import cost_column, quality_column
from esrbench.quantities.costs import COSTS
from esrbench.report.numbers import (
    alone,
    fixed,
    in_unit,
    js_list,
    score_text,
    script_json,
    significant,
    with_prefix,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (31.735, 2, "31.73"), (None, 2, ""), (math.inf, 2, "∞"), (-math.inf, 2, "−∞"),
        (1234567.8, 0, "1,234,568"), (-0.5, 1, "−0.5"), (0.0, 1, "0.0"),
        (-0.001, 2, "0.00"), (-0.006, 2, "−0.01"),
    ],
)  # fmt: skip
def test_fixed(value: float | None, decimals: int, text: str) -> None:
    assert fixed(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.736598, "7.737"),
        (0.0123456, "0.01235"),
        (1033.8, "1,034"),
        (0.0, "0"),
        (9.9996, "10.00"),
        (999.96, "1,000"),
        (0.00099996, "0.001000"),
    ],
)
def test_significant(value: float, text: str) -> None:
    assert significant(value, 4) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(9833807872, "9.834 G"), (150688, "150.7 K"), (22, "22"), (None, ""), (2.5e12, "2.500 T")],
)
def test_prefix(value: float | None, text: str) -> None:
    assert with_prefix(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.38905, "7.389"),
        (1.7e33, "1.700·10³³"),
        (12345.6, "1.235·10⁴"),
        (21.46339, "21.46"),
        (None, ""),
        (math.inf, "∞"),
        (4785.669, "4,786"),
    ],
)
def test_score(value: float | None, text: str) -> None:
    assert score_text(value) == text


def test_json_for_a_script() -> None:
    assert js_list([1.0, None, 0.1, math.nan, 2.5e20]) == "[1,null,0.1,null,2.5e+20]"
    assert json.loads(js_list([math.inf, -math.inf])) == [math.inf, -math.inf]
    assert "</script>" not in script_json({"name": "</script><b>&"})
    assert json.loads(script_json({"name": "</script>"})) == {"name": "</script>"}


# key, value in the record's unit, decimals of its column, text
SMALL = [
    ("params", 1, 1, "0.0010"), ("params", 84, 1, "0.084"), ("params", 999, 1, "1.0"),
    ("params", 996, 1, "1.0"), ("params", 0, 1, "0"), ("params", 1000, 1, "1.0"),
    ("params", 99, 2, "0.099"), ("params", 100, 2, "0.10"), ("params", 99.6, 2, "0.10"),
    ("macs", 1200, 3, "0.0000012"), ("runtime_ms", 0.00031, 3, "0.00031"),
    ("runtime_ms", 812345.6, 3, "812,345.600"), ("runtime_ratio", 0.00004, 3, "0.000040"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "decimals", "text"), SMALL)
def test_a_cost_that_is_not_0_is_never_printed_as_0(
    key: str, value: float, decimals: int, text: str
) -> None:
    assert in_unit(cost_column(COSTS[key]), value, decimals) == text


def test_a_figure_that_stands_alone_has_its_significant_digits() -> None:
    assert alone(cost_column(COSTS["macs"]), 9.833807872e9) == "9.834"
    assert alone(cost_column(COSTS["macs"]), 0) == "0"
    assert alone(quality_column("Set5", "psnr_y"), -0.001) == "0.00"
