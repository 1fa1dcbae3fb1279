"""What it takes to add one: a metric is a file and a row, a cost a row beside what counts it."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from pydantic import ValidationError

from esrbench.leaderboard.formula import Formula, evaluate
from esrbench.leaderboard.table import build_tables
from esrbench.metrics.scorer import Scorer
from esrbench.metrics.setting import Batch, Measure, Setting
from esrbench.protocol.schema import Protocol
from esrbench.quantities.costs import COSTS, Cost
from esrbench.quantities.metrics import METRICS, Metric
from esrbench.quantities.quantity import number
from esrbench.report.export import export
from esrbench.report.plots.axes import cost_axis, quality_axis
from esrbench.report.rows import shown_columns
from esrbench.report.site import render_site
from esrbench.report.table_data import table_data
from esrbench.results.record import RunRecord
from esrbench.results.store import ResultsStore
from esrbench.runner.answers import Facts
from tests.report.records import complexity, record

WORST = Metric(
    key="worst_error", heading="Worst", label="Worst error", unit="levels", digits=0,
    direction="lower", description="Largest difference of any value.", nicknames={"worst": ""},
    module="worst_error", recipe="WORST|rgb|crop:{crop}|u8|v1",
)  # fmt: skip
"""The row."""

DEPTH = Cost(
    key="depth", heading="Depth", label="Depth", unit="", digits=0, direction="lower",
    description="Longest chain of layers.", nicknames={"layers": ""},
    value=lambda r: number(r.complexity.facts.get("depth")) if r.complexity else None,
)  # fmt: skip
"""The row; the record's fact and what counts it are the two other files."""


def open_metric(options: Mapping[str, str], setting: Setting) -> Measure:
    """The file."""

    def measure(batch: Batch) -> list[float]:
        pairs = zip(batch.sr, batch.hr, strict=True)
        return [float(np.abs(a.astype(int) - b.astype(int)).max()) for a, b in pairs]

    return measure


@pytest.fixture
def worst(monkeypatch: pytest.MonkeyPatch) -> Metric:
    module = ModuleType("worst_error")
    module.open_metric = open_metric  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "esrbench.metrics.worst_error", module)
    monkeypatch.setitem(METRICS, WORST.key, WORST)
    return WORST


@pytest.fixture
def depth(monkeypatch: pytest.MonkeyPatch) -> Cost:
    monkeypatch.setitem(COSTS, DEPTH.key, DEPTH)
    return DEPTH


def everywhere(records: list[RunRecord], key: str, heading: str, folder: Path) -> None:
    """That ``key`` stands in every export, on the page and in what its scripts read."""
    table = build_tables(records)[0]
    assert next(iter(csv.DictReader(io.StringIO(export(records, "csv")))))[key]
    for form in ("markdown", "latex"):
        assert heading in export(records, form)
    assert json.loads(export(records, "json"))["tables"][0]["rows"][0][key]
    read = json.loads(table_data(table, shown_columns(table)))
    assert heading in [c["heading"] for c in read["columns"]]
    store = ResultsStore(folder / "results")
    for each in records:
        store.add(each)
    page = render_site(store, folder / "site").read_text(encoding="utf-8")
    assert f">{heading}" in page


def test_a_new_metric_is_one_file_and_one_row(worst: Metric, tmp_path: Path) -> None:
    black, grey = np.zeros((16, 16, 3), np.uint8), np.full((16, 16, 3), 7, np.uint8)
    scorer = Scorer(["worst_error"], crop=4)
    assert scorer.score(black, grey) == {"worst_error": 7.0}
    assert scorer.signatures == {"worst_error": "WORST|rgb|crop:4|u8|v1"}
    rows = [
        record(n, quality={"skimage8": {"psnr_y": p, "worst_error": w}})
        for n, p, w in (("a", 30.0, 9.0), ("b", 31.0, 7.0))
    ]
    everywhere(rows, "skimage8.worst_error", "Worst", tmp_path)
    assert quality_axis("worst", None, rows).label == "Worst on skimage8 [levels]"
    assert r"\textbf{7}" in export(rows, "latex")
    named = {"rank_by": {"metric": "worst_error", "dataset": "skimage8"}}
    for row in rows:
        row.protocol_spec = {**row.protocol_spec, **named}
    assert [r.record.label for r in build_tables(rows)[0].rows] == ["b", "a"]
    Protocol(name="mine", title="Mine", datasets=("Set5",), metrics=("worst_error",))


def test_a_new_cost_is_one_row(depth: Cost, tmp_path: Path) -> None:
    rows = []
    for name, layers in (("a", 40), ("b", 22)):
        counted = complexity(10**9).model_copy(update={"facts": {"depth": layers}})
        rows.append(record(name, complexity=counted))
    everywhere(rows, "depth", "Depth", tmp_path)
    assert cost_axis("layers", rows).label == "Depth"
    assert r"\textbf{22}" in export(rows, "latex")
    formula = Formula.model_validate(
        {"name": "f", "title": "F", "main": {"title": "Depth", "order_by": "depth"}}
    )
    assert [s.value for s in evaluate(formula.main, formula, rows)] == [40.0, 22.0]


def test_a_plain_fact_passes_the_wall_by_its_row_alone(depth: Cost) -> None:
    """What counts it, a line in static_facts, the row: no model of the wire changes."""
    answer = Facts.model_validate({"numbers": {"depth": 22}, "weight_file_bytes": 5}, strict=False)
    assert answer.present() == {"depth": 22, "weight_file_bytes": 5}
    for odd in ({"receptive_field": 1.0}, {"depth": float("nan")}, {"no-row": 1.0}):
        with pytest.raises(ValidationError):
            Facts.model_validate({"numbers": odd}, strict=False)


@pytest.mark.parametrize("key", ["energy_j", "runtime_ratio", "convs"])
def test_a_formula_may_name_any_cost(key: str) -> None:
    Formula.model_validate({"name": "f", "title": "F", "main": {"title": "x", "order_by": key}})
