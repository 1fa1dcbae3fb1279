"""What a page's scripts read of a table: columns, the ranking's rule, unrounded figures."""

from __future__ import annotations

import json
from collections.abc import Sequence

from esrbench.leaderboard.baseline import called
from esrbench.leaderboard.table import Table
from esrbench.report.numbers import script_json
from esrbench.report.roofline import newest_ceilings, point_of
from esrbench.report.rows import ShownColumn, threshold_of, values_json
from esrbench.results.store import slug


def table_data(table: Table, columns: Sequence[ShownColumn], *, with_roofline: bool = False) -> str:
    """The JSON the page's scripts read: columns, the ranking's rule, unrounded rows."""
    described = [
        {
            "key": s.column.key, "heading": s.column.heading, "group": s.column.group,
            "unit": s.column.unit, "decimals": s.decimals, "divisor": s.column.divisor,
            "direction": s.column.direction, "shown": s.column.shown,
            "signature": s.signature, "description": s.column.description,
            "threshold": json.loads(threshold_of(table, s.column.key)),
        }
        for s in columns
    ]  # fmt: skip
    formula = table.rule.formula
    baseline = formula.baseline if formula else None
    beside = called(baseline.submission if baseline else None, table.records)
    rule = {
        "key": table.rule.key,
        "lower": table.rule.lower,
        "scored": formula is not None,
        "track": formula.main.model_dump() if formula else None,
        "sub_tracks": {
            name: formula.sub_tracks[name].model_dump()
            for s in columns
            if formula and (name := s.column.key.removeprefix("score_")) in formula.sub_tracks
        },
        "baseline": {
            "runtime_ms": beside.runtime_ms.median if beside and beside.runtime_ms else None,
            "macs": baseline.macs if baseline else None,
            "params": baseline.params if baseline else None,
        },
        "file": slug(f"{table.heading.protocol}-x{table.heading.scale}-{table.heading.device}"),
    }
    timed = [r.runtime_ms for r in table.records if r.runtime_ms]
    rule["mixed"] = bool(timed) and all(run.shape == "mixed" for run in timed)
    roofline = _roofline(table) if with_roofline else "null"
    return (
        f'{{"columns":{script_json(described)},"rule":{script_json(rule)},'
        f'"roofline":{roofline},"rows":{values_json(table, columns)}}}'
    )


def _roofline(table: Table) -> str:
    """The device's ceilings, and each row's MACs per byte and per second; ``null`` without any."""
    ceilings = newest_ceilings(table.records)
    points = [point_of(record) for record in table.records]
    if ceilings is None or not any(points):
        return "null"
    shown = [[float(f"{x:.4g}") for x in point] if point else None for point in points]
    return script_json({"ceilings": ceilings.as_json(), "points": shown})
