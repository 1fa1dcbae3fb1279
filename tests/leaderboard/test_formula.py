"""Challenge scores: numbers from the challenges' own tables (NTIRE reports, 2022 to 2026)."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from esrbench.errors import UsageError
from esrbench.leaderboard.formula import Formula, evaluate, load_formula, names
from esrbench.leaderboard.table import build_tables
from esrbench.results.record import RunRecord
from tests.report.records import record, runtime


def row(name: str, variant: str | None, ms: float, macs: float, params: int) -> RunRecord:
    return record(name, variant, runtime_ms=runtime(ms), macs=int(macs), params=params)


def test_every_year_is_there() -> None:
    assert names() == [f"ntire{year}" for year in range(2022, 2027)]
    assert all(load_formula(name).name == name for name in names())


@pytest.mark.parametrize("year", ["2024", "2025", "2026"])
def test_the_baseline_scores_e_squared(year: str) -> None:
    formula = load_formula(f"ntire{year}")
    assert formula.baseline
    name, _, variant = formula.baseline.submission.partition("/")
    published = formula.baseline.published
    own = row(name, variant or None, 9.9, published["macs"], int(published["params"]))
    assert evaluate(formula.main, formula, [own])[0].value == pytest.approx(math.exp(2), abs=1e-12)


def test_ntire2026_by_hand() -> None:
    """0.8 exp(2*0.5) + 0.1 exp(2*2) + 0.1 exp(2*1)."""
    formula = load_formula("ntire2026")
    rows = [
        row("span", "c28", 8.0, 9833807872, 150_688),
        row("x", None, 4.0, 2 * 9833807872, 150_688),
    ]
    score = evaluate(formula.main, formula, rows)[1].value
    assert score == pytest.approx(0.8 * math.e + 0.1 * math.exp(4) + 0.1 * math.exp(2))


def test_the_paired_ratio_comes_before_the_times() -> None:
    formula = load_formula("ntire2026")
    rows = [
        row("span", "c28", 8.0, 9833807872, 150_688),
        record("x", runtime_ms=runtime(99.0, ratio=1.0), macs=9833807872, params=150_688),
    ]
    assert evaluate(formula.main, formula, rows)[1].value == pytest.approx(math.exp(2))


def test_runtime_is_never_held_against_the_challenges_machine() -> None:
    formula = load_formula("ntire2026")
    lonely = row("x", None, 4.0, 9833807872, 150_688)
    assert evaluate(formula.main, formula, [lonely])[0].missing == ("runtime_ms",)


def test_sum_of_ranks_2023() -> None:
    """Two rows that win one figure each and share the rest: ranks 1+2+1+1+1 and 2+1+1+1+1."""
    formula = load_formula("ntire2023")
    same = {"activations": 10, "peak_memory_bytes": 10}
    a = record("a", runtime_ms=runtime(1.0), params=20, macs=5, **same)
    b = record("b", runtime_ms=runtime(2.0), params=10, macs=5, **same)
    c = record("c", runtime_ms=None, params=1, macs=1, **same)
    scores = evaluate(formula.main, formula, [a, b, c])
    assert [s.value for s in scores] == [6.0, 6.0, None]
    assert scores[2].missing == ("runtime_ms",)


def test_an_absurd_ratio_is_infinite_not_an_error() -> None:
    formula = load_formula("ntire2026")
    far = record("x", runtime_ms=runtime(1.0, ratio=1e6), macs=1, params=1)
    assert evaluate(formula.main, formula, [far])[0].value == math.inf


def test_a_custom_formula_from_yaml(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ntitle: Mine\nmain: {title: Params first, order_by: params}\n")
    rows = []
    for params in (30, 10, 20):
        made = record(f"p{params}", params=params)
        made.protocol_spec["score"] = str(path)
        rows.append(made)
    table = build_tables(rows)[0]
    assert [r.record.label for r in table.rows] == ["p10", "p20", "p30"]
    assert table.rule.title == "Mine score (params first)"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: x\ntitle: X\nmain: {title: T}\n", "exactly one of"),
        ("name: x\ntitle: X\nmain: {title: T, order_by: speed}\n", "order_by"),
        ("name: x\ntitle: X\nmian: {}\n", "did you mean 'main'"),
        ("name: x\ntitle: X\nmain: {title: T, exponential: [{of: macs, weight: -1}]}\n", "weight"),
    ],
)
def test_a_wrong_formula_is_named(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=says):
        load_formula(str(path))


def test_unknown_names() -> None:
    with pytest.raises(UsageError, match="did you mean 'ntire2026'"):
        load_formula("ntire2062")
    formula: Formula = load_formula("ntire2026")
    with pytest.raises(UsageError, match="did you mean 'params'"):
        formula.track("param")
