r"""The table a paper prints, for the page's Copy button: in a script of its own that is loaded when
it is asked for.

It is made by what ``esrbench export --format latex --columns ...`` is made by, a cell for each row
and column; the page's script picks those that are shown and ranks nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from esrbench.leaderboard.table import Table
from esrbench.report.atomic import write_text
from esrbench.report.formats import tex
from esrbench.report.formats.paper import heading_comment, lines_of
from esrbench.report.formats.paper_columns import columns_of
from esrbench.report.index_page import section_id
from esrbench.report.numbers import score_text, script_json
from esrbench.report.paths import TABLES, table_script


def write_papers(tables: Sequence[Table], out: Path) -> None:
    """Write the script of each table; those of tables that are gone go."""
    kept = set()
    for number, table in enumerate(tables):
        path = out / table_script("paper", section_id(table, number))
        write_text(path, f"esrbench.paper({script_json(paper_parts(table))});\n")
        kept.add(path)
    for stale in set((out / TABLES).glob("paper-*.js")) - kept:
        stale.unlink()


def paper_parts(table: Table) -> dict[str, Any]:
    """Heading, columns with the page's keys they hold, and each row's name and cells (None for a
    row that failed), as LaTeX."""
    columns = columns_of([table], _words(table), "psnr/ssim")
    usable = [i for i, row in enumerate(table.rows) if row.record.status == "ok"]
    notes: dict[str, str] = {}
    lines = lines_of(table, [table.rows[i] for i in usable], columns, None, notes)
    rows: list[list[str] | None] = [None] * len(table.rows)
    for i, line in zip(usable, lines, strict=True):
        score = [tex.number(score_text(table.rows[i].score))] if table.rule.formula else []
        rows[i] = [line[0], *score, *line[1:]]
    return {
        "comment": tex.comment(heading_comment(table)),
        "columns": [
            *([{"keys": ["score"], "heading": "Score"}] if table.rule.formula else []),
            *(
                {"keys": [part.key for part in c.parts], "heading": tex.words(c.heading)}
                for c in columns
            ),
        ],
        "rows": rows,
        "notes": [
            [tex.raised(sign)[3:-2], rf"\par\footnotesize {tex.words(sign)}\ {note}"]
            for sign, note in notes.items()
        ],
    }


def _words(table: Table) -> list[str]:
    """Every column of the table, costs first, by the words of ``--columns``; a data set once for
    its PSNR and SSIM in the table's main colour."""
    colour = table.protocol.colour
    pair = {f"psnr_{colour}", f"ssim_{colour}"}
    costs = [column.key for column in table.columns if column.kind == "cost"]
    scored = [
        column.group if column.quantity.key in pair else column.key
        for column in table.columns
        if column.kind == "quality"
    ]
    return list(dict.fromkeys([*costs, *scored]))
