"""Every row's rank, in one script a table that its pages load.

A new record moves the ranks of others. Were they written into the pages, one record more would
write every page again; so a page asks this script, and without JavaScript points to the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from esrbench.leaderboard.baseline import called
from esrbench.leaderboard.table import Table
from esrbench.report.atomic import write_text
from esrbench.report.compare_page import data_path
from esrbench.report.index_page import section_id
from esrbench.report.numbers import script_json
from esrbench.report.paths import TABLES, table_script


def write_standings(tables: Sequence[Table], links: Mapping[str, str], out: Path) -> None:
    """Write the script of each table, ``links`` being pages by record id; those of tables that are
    gone go."""
    kept = set()
    for number, table in enumerate(tables):
        ranked = [row for row in table.rows if row.rank is not None]
        content = {
            "of": len(ranked),
            "yours": sum(not row.record.shipped for row in ranked),
            "by": table.rule.title,
            "ranks": {r.record.id: f"{'=' if r.tied else ''}{r.rank}" for r in ranked},
            "baseline": _baseline(table, links),
            "official": {r.record.id: r.official_rank for r in table.rows if r.official_rank},
        }
        path = out / table_script("standings", section_id(table, number))
        write_text(path, f"esrbench.standings({script_json(content)});\n")
        kept.add(path)
    for stale in set((out / TABLES).glob("standings-*.js")) - kept:
        stale.unlink()


def _baseline(table: Table, links: Mapping[str, str]) -> dict[str, str] | None:
    """The row that runtimes are held against, with the script of its image by image figures; None
    where it has none."""
    record = called(table.protocol.baseline, table.records)
    if record is None or not any(record.images.values()):
        return None
    return {"id": record.id, "label": record.label, "data": data_path(links[record.id])}
