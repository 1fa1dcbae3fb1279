"""What a page's scripts read of a table: columns, ranks, the ranking's rule, unrounded values.

The scripts rank nothing and know no quantity by name: everything they need of one is here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from esrbench.leaderboard.baseline import called
from esrbench.leaderboard.formula import Formula
from esrbench.leaderboard.literature import is_literature
from esrbench.leaderboard.ranking import OFFICIAL, STRICT, Row
from esrbench.leaderboard.table import Table
from esrbench.leaderboard.unranked import is_reference
from esrbench.quantities.costs import COSTS, MARKS, runtime_ms, runtime_ratio
from esrbench.report.numbers import script_json
from esrbench.report.roofline import newest_ceilings, point_of
from esrbench.report.rows import ShownColumn, placed_beside, threshold_of, values_json
from esrbench.results.store import slug

FIXED = 3
"""Values of a row that come before its columns: year, rank, score."""


ABOUT = {
    "title": "Title", "authors": "Authors", "year": "Year", "paper": "Paper", "code": "Code",
    "licence": "Licence",
}  # fmt: skip
"""What a submission says of itself, in columns that a reader may ask for."""


def table_data(table: Table, columns: Sequence[ShownColumn], *, for_index: bool = False) -> str:
    """The JSON the page's scripts read: columns, the ranking's rule, unrounded rows; for the index
    page also the roofline, and what submissions say of themselves."""
    roofline = _roofline(table) if for_index else "null"
    about = script_json(_about(table)) if for_index else "[]"
    return (
        f'{{"columns":{script_json(_columns(table, columns))},"rule":{script_json(_rule(table))},'
        f'"places":{script_json([_places(row) for row in table.rows])},'
        f'"signs":{script_json(MARKS)},"marks":{script_json(_marks(table, columns))},'
        f'"reference":{script_json(_reference(table))},'
        f'"published":{script_json(_published(table))},'
        f'"roofline":{roofline},"about":{about},"rows":{values_json(table, columns)}}}'
    )


def _columns(table: Table, columns: Sequence[ShownColumn]) -> list[dict[str, Any]]:
    with_ends, with_other = placed_beside(table, columns)
    first = FIXED + len(columns)
    ends = {s.column.key: [first + 2 * i, first + 2 * i + 1] for i, s in enumerate(with_ends)}
    first += 2 * len(with_ends)
    other = {s.column.key: first + i for i, s in enumerate(with_other)}
    return [
        {
            "key": s.column.key, "kind": s.column.kind, "heading": s.column.heading,
            "label": s.column.label, "group": s.column.group, "unit": s.column.unit,
            "decimals": s.decimals, "divisor": s.column.divisor,
            "direction": s.column.direction, "shown": s.column.shown,
            "signature": s.signature, "description": s.column.description,
            "threshold": json.loads(threshold_of(table, s.column.key)),
            "best": sorted(s.marked.best), "second": sorted(s.marked.second),
            "ends": ends.get(s.column.key), "other": other.get(s.column.key),
        }
        for s in columns
    ]  # fmt: skip


def _about(table: Table) -> list[dict[str, Any]]:
    """By column: its different values, and which of them each row has; None for none."""
    found = []
    for key, heading in ABOUT.items():
        said = [getattr(record.about, key) or None for record in table.records]
        values = list(dict.fromkeys(value for value in said if value is not None))
        if values:
            place = {value: i for i, value in enumerate(values)}
            at = [None if value is None else place[value] for value in said]
            found.append({"key": f"about.{key}", "heading": heading, "values": values, "at": at})
    return found


def _rule(table: Table) -> dict[str, Any]:
    formula = table.rule.formula
    timed = [r.runtime_ms for r in table.records if r.runtime_ms]
    return {
        "key": table.rule.key,
        "scored": formula is not None,
        "title": table.rule.title,
        "exponential": [term.model_dump() for term in formula.main.exponential] if formula else [],
        "views": views_of(table),
        "baseline": _baseline(table, formula) if formula else {},
        "file": slug(f"{table.heading.protocol}-x{table.heading.scale}-{table.heading.device}"),
        "mixed": bool(timed) and all(run.shape == "mixed" for run in timed),
    }


def views_of(table: Table) -> list[dict[str, str]]:
    """The ways to rank the table that a reader may choose from, the table's own first."""
    formula, official = table.rule.formula, table.rule.official
    main = formula.main.title if formula else "Thresholds on unrounded values"
    views = [{"key": "", "title": f"{main}, official" if official else main}]
    other = STRICT if official else OFFICIAL
    ranks = {row.record.id: row.rank for row in table.rows}
    if any(_rank_in(row, other) != ranks[row.record.id] for row in table.rows):
        how = "thresholds on unrounded values" if official else "thresholds after rounding"
        views.append({"key": other, "title": f"{main}, {how}" if formula else how.capitalize()})
    for name, criterion in (formula.sub_tracks if formula else {}).items():
        if any(name in row.places for row in table.rows):
            views.append({"key": name, "title": criterion.title})
    return views


def _rank_in(row: Row, view: str) -> int | None:
    return row.places[view].rank if view in row.places else None


def _places(row: Row) -> dict[str, list[int]]:
    """Rank, and 1 where it is shared, by view; a view the row has no place in is absent."""
    places = {name: [place.rank, int(place.tied)] for name, place in row.places.items()}
    return {"": [row.rank, int(row.tied)], **places} if row.rank is not None else places


def _marks(table: Table, columns: Sequence[ShownColumn]) -> dict[str, dict[int, str]]:
    """The signs that go with values: by column, by row."""
    found = {
        s.column.key: {i: mark for i, r in enumerate(table.records) if (mark := s.column.mark(r))}
        for s in columns
    }
    return {key: marks for key, marks in found.items() if marks}


def _reference(table: Table) -> list[int]:
    """The rows of plain interpolation, which stretch no axis."""
    return [i for i, record in enumerate(table.records) if is_reference(record)]


def _published(table: Table) -> list[int]:
    """The rows of figures that others printed."""
    return [i for i, record in enumerate(table.records) if is_literature(record)]


def _baseline(table: Table, formula: Formula) -> dict[str, float | None]:
    """The costs of what the score is held against: its own row's where they depend on the device
    (a runtime, where it has no row, from another's paired ratio), else as published."""
    baseline = formula.baseline
    if baseline is None:
        return {}
    beside = called(baseline.submission, table.records)
    found = {
        key: (cost.value(beside) if beside else None) if cost.of_device
        else baseline.published.get(key)
        for key, cost in COSTS.items()
    }  # fmt: skip
    if found["runtime_ms"] is None:
        paired = [
            (ms, by) for r in table.records if (ms := runtime_ms(r)) and (by := runtime_ratio(r))
        ]
        found["runtime_ms"] = paired[0][0] / paired[0][1] if paired else None
    return found


def _roofline(table: Table) -> str:
    """The device's ceilings, and each row's MACs per byte and per second; ``null`` without any."""
    ceilings = newest_ceilings(table.records)
    points = [point_of(record) for record in table.records]
    if ceilings is None or not any(points):
        return "null"
    shown = [[float(f"{x:.4g}") for x in point] if point else None for point in points]
    return script_json({"ceilings": ceilings.as_json(), "points": shown})
