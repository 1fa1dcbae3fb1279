"""The page "Published against measured": every figure that a paper prints and that was measured.

Made of records alone, those shown and those that come with esrbench, sorted by how far the two are
apart. What a difference comes from stands beside it where the submission says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from esrbench.flags import OWN_WEIGHTS
from esrbench.leaderboard.literature import is_literature
from esrbench.leaderboard.table import Table
from esrbench.literature.entry import Entry
from esrbench.report.atomic import write_text
from esrbench.report.published import Against, against_published
from esrbench.report.templates import render
from esrbench.results.record import RunRecord
from esrbench.results.references import load_counts, load_references

PAGE = "published.html"


@dataclass(frozen=True)
class Line:
    """One figure of one system."""

    label: str
    scale: int
    against: Against
    source: str
    note: str
    """What the difference comes from, where that is known."""
    page: str


def write_published_page(
    tables: Sequence[Table], links: Mapping[str, str], entries: Sequence[Entry], out: Path
) -> None:
    """Write the page under ``out``; ``entries`` are the literature that is known of."""
    shown = [record for table in tables for record in table.records]
    measured = [record for record in shown if not (is_literature(record) or record.shipped)]
    found = lines([*load_references(), *measured], links, counted=load_counts())
    compared = [line for line in found if line.against.gap is not None]
    write_text(
        out / PAGE,
        render(
            PAGE,
            parts=[
                ("counts", "Counts, in percent", [x for x in compared if not x.against.is_quality]),
                ("quality", "Quality", [x for x in compared if x.against.is_quality]),
            ],
            apart=[x for x in found if x.against.gap is None and x.against.difference],
            compared=len(compared),
            off=sum(line.against.off for line in compared),
            read=[entry for entry in entries if entry.figures],
            not_found=[entry for entry in entries if entry.not_found],
        ),
    )


def lines(
    records: Iterable[RunRecord], links: Mapping[str, str], counted: Sequence[RunRecord] = ()
) -> list[Line]:
    """Every published figure beside the measured one, the furthest apart first.

    A figure that several records of one system have is shown once, from the newest; from
    ``counted`` where no other has it.
    """
    found: dict[tuple[str, int, str, str], Line] = {}
    for record in [*counted, *sorted(records, key=lambda record: record.created)]:
        published = record.about.published
        source = str(published.get("source") or record.about.paper or "")
        note = str(published.get("note") or "")
        for one in against_published(record):
            if one.is_quality and OWN_WEIGHTS in record.flags:
                one = replace(one, gap=None, off=False, difference="weights trained here")
            key = (record.own_label, record.scale, one.name, one.published)
            page = links.get(record.id, "")
            line = Line(record.own_label, record.scale, one, source, note, page)
            if one.gap is not None or key not in found:
                found[key] = line
    return sorted(found.values(), key=lambda line: (-abs(line.against.gap or 0), line.label))
