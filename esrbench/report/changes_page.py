"""The page "What changed": rows that are new, gone or moved, since a date or a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from esrbench.leaderboard.comparable import Heading
from esrbench.leaderboard.since import Changes
from esrbench.leaderboard.table import Table
from esrbench.number_of import number_of
from esrbench.report.atomic import write_text
from esrbench.report.index_page import section_id, title_of
from esrbench.report.templates import render

PAGE = "changes.html"


def write_changes_page(
    found: Sequence[Changes],
    vanished: Sequence[Heading],
    since: str,
    tables: Sequence[Table],
    links: Mapping[str, str],
    out: Path,
) -> None:
    """Write the page under ``out``; ``since`` is the date or folder that was asked for."""
    anchors = {(t.heading, t.differs): section_id(t, number) for number, t in enumerate(tables)}
    parts = [
        (anchors.get((c.table.heading, c.table.differs), ""), title_of(c.table), c) for c in found
    ]
    write_text(
        out / PAGE,
        render(PAGE, parts=parts, vanished=vanished, since=since, links=links, words=in_words),
    )


def in_words(found: Sequence[Changes], vanished: Sequence[Heading] = ()) -> str:
    """``2 new rows, 3 moved ranks, 1 measured again, 1 gone``."""
    moved = [one for change in found for one in change.moved]
    counts = [
        (sum(len(change.new) for change in found), "new row", "new rows"),
        (sum(one.before != one.row.rank for one in moved), "moved rank", "moved ranks"),
        (sum(one.measured_again for one in moved), "measured again", "measured again"),
        (sum(len(change.gone) for change in found), "gone", "gone"),
        (len(vanished), "table gone", "tables gone"),
    ]
    said = [number_of(n, one, many) for n, one, many in counts if n]
    return ", ".join(said) or "nothing changed"
