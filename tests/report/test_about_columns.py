"""What submissions say of themselves, in columns that a reader may ask for."""

from __future__ import annotations

import json

from esrbench.leaderboard.table import build_tables
from esrbench.report.rows import shown_columns
from esrbench.report.table_data import table_data
from tests.report.records import record


def test_each_value_is_written_once_and_nothing_is_made_up() -> None:
    rows = [record("a"), record("b"), record("c")]
    none = rows[2].about.model_copy(update={"licence": None, "year": None, "code": "</script>"})
    rows[2] = rows[2].model_copy(update={"about": none})
    (table,) = build_tables(rows)
    written = table_data(table, shown_columns(table), for_index=True)
    assert "</script>" not in written
    about = {one["key"]: one for one in json.loads(written)["about"]}
    keys = ("title", "authors", "year", "paper", "code", "licence")
    assert list(about) == [f"about.{key}" for key in keys]
    assert about["about.licence"]["values"] == ["MIT"]
    places = {r.label: i for i, r in enumerate(table.records)}
    assert about["about.licence"]["at"][places["c"]] is None
    title = about["about.title"]
    assert title["values"][title["at"][places["b"]]] == "b network"


def test_what_nobody_says_is_no_column() -> None:
    silent = record("a")
    about = silent.about.model_copy(update={"licence": None})
    (table,) = build_tables([silent.model_copy(update={"about": about})])
    keys = [
        c["key"]
        for c in json.loads(table_data(table, shown_columns(table), for_index=True))["about"]
    ]
    assert "about.licence" not in keys
