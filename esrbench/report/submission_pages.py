"""A page for each submission: everything its record says, so that a reader can judge it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path

from markupsafe import Markup

from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table
from esrbench.report.atomic import write_text
from esrbench.report.badges import badges_of
from esrbench.report.cite import taken_badge, write_badge
from esrbench.report.compare_page import data_path, image_data
from esrbench.report.drawings.histogram import histogram
from esrbench.report.drawings.roof import roof_drawing
from esrbench.report.drawings.steps import steps_drawing
from esrbench.report.drawings.timing import samples_drawing, sizes_drawing
from esrbench.report.effective_field import field_picture
from esrbench.report.formats.bibtex import entry_of, has_source
from esrbench.report.history_page import history_id
from esrbench.report.index_page import section_id, title_of
from esrbench.report.layers import layer_groups, layers_of
from esrbench.report.memory import Memory
from esrbench.report.memory_table import memory_table
from esrbench.report.numbers import alone, script_json
from esrbench.report.paths import table_script
from esrbench.report.per_image import per_image_tables
from esrbench.report.picture_sets import pictures_path
from esrbench.report.pictures import Shown
from esrbench.report.printed_value import printed_value
from esrbench.report.published import against_published
from esrbench.report.record_facts import (
    counted,
    facts,
    flat,
    modules,
    operators,
)
from esrbench.report.roofline import RoofPlot, roofline_of
from esrbench.report.spending import spending_table, times_by_image
from esrbench.report.templates import render
from esrbench.report.timing_facts import by_pixels, runtimes, time_blocks
from esrbench.results.record import RunRecord
from esrbench.results.swept import SweptPoint


def write_submission_pages(tables: Sequence[Table], links: Mapping[str, str],
                           pictures: Mapping[str, Sequence[Shown]], out: Path,
                           files: Mapping[str, str],
                           runs: Mapping[str, Sequence[SweptPoint]] = {}) -> None:  # fmt: skip
    """Write the page of every row under ``out``; a page whose inputs are as they were last time
    is not even rendered.

    A page shows nothing that another record could change, but for the links to the same
    submission's other pages: ranks stand in the table's script (``standings.py``). The page of a
    training run shows ``runs``, its checkpoints by its record's id.
    """
    by_label: dict[str, list[RunRecord]] = {}
    for table in tables:
        for record in table.records:
            by_label.setdefault(record.label, []).append(record)
    memory = Memory(out)
    for number, table in enumerate(tables):
        frame = Frame(table, section_id(table, number), files)
        shared = [frame.anchor, title_of(table), list(table.differs)]
        for row in table.rows:
            record = row.record
            also = [r for r in by_label[record.label] if r.id != record.id]
            shown = pictures.get(record.id, ())
            inputs = [
                shared,
                _of_row(row),
                [links[r.id] for r in also],
                [astuple(p) for p in shown],
                files.get(record.id),
                [point.model_dump() for point in runs.get(record.id, ())],
            ]
            if memory.is_new(links[record.id], inputs):
                page = submission_html(frame, row, also, links, shown, runs.get(record.id, ()))
                write_badge(table, record, links[record.id], out)
                write_text(out / links[record.id], page)
                write_text(out / data_path(links[record.id]), image_data(record))
    memory.keep()


@dataclass(frozen=True)
class Frame:
    """What the pages of one table share."""

    table: Table
    anchor: str
    files: Mapping[str, str] = field(default_factory=dict)
    """Records' files by their id, from the folder of the pages; those that lie below the site."""


@dataclass(frozen=True)
class Tile:
    """One headline figure, with as many decimals as the record itself gives reason for."""

    heading: str
    text: str
    unit: str
    signature: str
    other: str
    """By the other way of counting, where that comes out differently."""


def tiles_of(frame: Frame, record: RunRecord) -> list[Tile]:
    """What a table shows from the start, as far as ``record`` has it."""
    tiles = []
    for column in frame.table.columns:
        value = column.value(record)
        if value is None or not (column.shown or column.kind == "score"):
            continue
        text = printed_value(column, record, column.decimals([value]))
        heading = column.label if column.kind == "cost" else f"{column.heading} · {column.group}"
        beside = column.beside(record)
        signature = record.signatures.get(column.reason_key, "")
        tiles.append(
            Tile(heading, text + column.mark(record), column.unit, signature,
                 "" if beside is None else alone(column, beside))
        )  # fmt: skip
    return tiles


def _of_row(row: Row) -> list[object]:
    """Everything of a row that its page shows; a record never changes, so its id stands for it."""
    record = row.record
    return [record.id, record.created, record.label, record.told, row.rank is None, row.score,
            row.sub_scores, row.second_score, row.apart, row.allowed, len(row.missed)]  # fmt: skip


_EXTRA = (
    (10, Markup('<th scope="col" title="CPU time of one call, all threads added.">CPU <span '
                'class="unit">ms</span></th>')),
    (11, Markup('<th scope="col" title="Energy the device used for one call, mean.">Energy <span '
                'class="unit">J</span></th>')),
)  # fmt: skip
"""Columns of the runtime table that are there only where a line has the figure."""


def submission_html(frame: Frame, row: Row, also: Sequence[RunRecord], links: Mapping[str, str],
                    pictures: Sequence[Shown],
                    run: Sequence[SweptPoint] = ()) -> str:  # fmt: skip
    """One row's page."""
    record = row.record
    return render(
        "submission.html",
        table=frame.table, row=row, r=record, anchor=frame.anchor, title=title_of(frame.table),
        life=history_id(record), own_data=data_path(links[record.id]),
        tiles=tiles_of(frame, record),
        over_training=steps_drawing(run, record.swept.step) if record.swept and run else "",
        standings=table_script("standings", frame.anchor),
        badges=badges_of(row),
        facts=facts(record),
        published=against_published(record),
        published_source=record.about.published.get("source"),
        published_note=record.about.published.get("note"),
        spending=spending_table(record),
        times=times_by_image(record),
        images=per_image_tables(record),
        spreads={name: histogram(scores) for name, scores in record.images.items()},
        bibtex=entry_of(record) if has_source(record) else "",
        badge=taken_badge(frame.table, record, links[record.id]),
        json_file=frame.files.get(record.id),
        pictures=pictures,
        pictures_script=pictures_path(frame.anchor),
        roofline=(roofline := roofline_of(record)),
        groups=layer_groups(layers_of(record)),
        operators=operators(record),
        modules=modules(record),
        counted=counted(record),
        field=field_picture(record),
        runtimes=(lines := runtimes(record)),
        runtime_extra=[(at, heading) for at, heading in _EXTRA if any(x[at] for x in lines)],
        **plots(record, roofline.plot if roofline else None),
        memory=memory_table(record),
        findings=record.environment.get("findings") or [],
        environment=flat({k: v for k, v in record.environment.items() if k != "findings"}),
        missing=sorted(record.missing.items()),
        also=[(f"../{links[r.id]}", f"{r.protocol} ×{r.scale}, {r.device}, {r.precision}")
              for r in also],
    )  # fmt: skip


def plots(record: RunRecord, roof: RoofPlot | None) -> dict[str, object]:
    """The page's plots: each drawn, and as the JSON that its script draws it from."""
    blocks, sizes = time_blocks(record), by_pixels(record)
    return {
        "samples": samples_drawing(blocks),
        "blocks": script_json([asdict(block) for block in blocks]),
        "pixels": sizes_drawing(sizes) if len(sizes) > 1 else "",
        "sizes": script_json([asdict(size) for size in sizes]),
        "roof": roof_drawing(roof) if roof else "",
        "roofline_plot": script_json(roof.as_json()) if roof else "",
    }
