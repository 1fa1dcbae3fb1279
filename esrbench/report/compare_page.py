"""The compare page: rows of one table side by side, and the images on which they differ most.

The page itself holds the tables' figures. Image by image figures stand in a small script a
submission, which the page loads only for the rows that are compared: a page opened as a file may
load scripts from beside it, but not fetch data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import isfinite
from pathlib import Path, PurePosixPath

from markupsafe import Markup

from esrbench.leaderboard.table import Table
from esrbench.quantities.metrics import METRICS
from esrbench.report.atomic import write_text
from esrbench.report.index_page import section_id, title_of
from esrbench.report.numbers import script_json
from esrbench.report.picture_sets import pictures_path
from esrbench.report.rows import shown_columns
from esrbench.report.table_data import table_data
from esrbench.report.templates import render
from esrbench.results.record import RunRecord


def data_path(page: str) -> str:
    """``data/NAME.js`` of ``submissions/NAME.html``."""
    return f"data/{PurePosixPath(page).stem}.js"


def image_data(record: RunRecord) -> str:
    """The script that hands over ``record``'s image by image figures, to five decimals."""
    sets: dict[str, dict[str, object]] = {}
    for dataset, scores in record.images.items():
        seen = {m for score in scores for m in score.values}
        sets[dataset] = {"names": [score.name for score in scores]}
        for metric in (m for m in METRICS if m in seen):
            values = [score.values.get(metric) for score in scores]
            sets[dataset][metric] = [
                round(v, 5) if v is not None and isfinite(v) else None for v in values
            ]
    return f"esrbench.given({script_json(record.id)},{script_json(sets)});\n"


def write_compare_page(tables: Sequence[Table], links: Mapping[str, str], pictured: Collection[str],
                       out: Path) -> None:  # fmt: skip
    """Write ``compare.html`` under ``out``; ``pictured`` are the records with crops."""
    shown = []
    for number, table in enumerate(tables):
        names = [
            {"name": r.label, "href": links[r.id], "data": data_path(links[r.id]), "id": r.id}
            for r in table.records
        ]
        h = table.heading
        shown.append({
            "id": section_id(table, number),
            "title": f"{title_of(table)}, {h.device}, {h.precision}"
            + (" (set apart)" if table.differs else ""),
            "names": Markup(script_json(names)),
            "pictures": pictures_path(section_id(table, number)) if any(
                r.id in pictured for r in table.records
            ) else "",
            "data": Markup(table_data(table, shown_columns(table))),
        })  # fmt: skip
    write_text(out / "compare.html", render("compare.html", tables=shown))
