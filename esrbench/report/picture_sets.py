"""What every row of a table made of the same crops, so that a page can lay any over its own.

It stands in a script a table, which a page loads when its viewer comes into sight: a page opened
as a file may load scripts from beside it, but not fetch data; and a new submission does not
change the others' pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from esrbench.leaderboard.table import Table
from esrbench.report.atomic import write_text
from esrbench.report.index_page import section_id
from esrbench.report.numbers import script_json
from esrbench.report.paths import TABLES, table_script
from esrbench.report.pictures import Shown


def pictures_path(anchor: str) -> str:
    """``data/tables/pictures-ANCHOR.js`` of the table with this fragment."""
    return table_script("pictures", anchor)


def write_picture_sets(
    tables: Sequence[Table], pictures: Mapping[str, Sequence[Shown]], out: Path
) -> None:
    """Write the script of each table that has pictures; those of tables that are gone go."""
    kept = set()
    for number, table in enumerate(tables):
        rows = [r for r in table.records if pictures.get(r.id)]
        if not rows:
            continue
        made: dict[str, list[list[object]]] = {}
        for i, record in enumerate(rows):
            for shown in pictures[record.id]:
                made.setdefault(shown.key, []).append([i, shown.sr])
        content = {"names": [r.label for r in rows], "ids": [r.id for r in rows], "made": made}
        path = out / pictures_path(section_id(table, number))
        write_text(path, f"esrbench.pictures({script_json(content)});\n")
        kept.add(path)
    for stale in set((out / TABLES).glob("pictures-*.js")) - kept:
        stale.unlink()
