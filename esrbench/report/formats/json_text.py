"""One JSON document with every table and its signatures."""

from __future__ import annotations

import json
from collections.abc import Sequence

from esrbench.leaderboard.table import Table
from esrbench.report.formats.plain import plain_rows


def to_json(tables: Sequence[Table]) -> str:
    """``{"tables": [{"protocol", ..., "signatures", "rows": [...]}]}``; missing is null."""
    found = []
    for table in tables:
        h = table.heading
        found.append({
            "protocol": h.protocol, "scale": h.scale, "device": h.device,
            "precision": h.precision, "ranked_by": table.rule.title,
            "set_apart_because": list(table.differs), "signatures": table.signatures,
            "rows": plain_rows([table]),
        })  # fmt: skip
    return json.dumps({"tables": found}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
