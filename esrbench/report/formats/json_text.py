"""One JSON document with every table and its signatures."""

from __future__ import annotations

import json
from collections.abc import Sequence

from esrbench.leaderboard.table import build_tables
from esrbench.report.formats.plain import plain_rows
from esrbench.results.record import RunRecord


def to_json(records: Sequence[RunRecord]) -> str:
    """``{"tables": [{"protocol", ..., "signatures", "rows": [...]}]}``; missing is null."""
    tables = []
    for table in build_tables(records):
        own = {row.record.id for row in table.rows}
        rows = [row for row in plain_rows(table.records) if row["id"] in own]
        h = table.heading
        tables.append({
            "protocol": h.protocol, "scale": h.scale, "device": h.device,
            "precision": h.precision, "ranked_by": table.rule.title,
            "set_apart_because": list(table.differs), "signatures": table.signatures, "rows": rows,
        })  # fmt: skip
    return json.dumps({"tables": tables}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
