"""What a submission's page gives to take away: its BibTeX, a badge for a README, its record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from markupsafe import escape

from esrbench.leaderboard.table import Table
from esrbench.report.atomic import write_text
from esrbench.report.numbers import alone
from esrbench.results.record import RunRecord

_LETTER = 6.6
"""Mean width of a letter of the badge, in pixels."""


@dataclass(frozen=True)
class TakenBadge:
    """A badge as the page shows it."""

    file: str
    """Seen from the page."""
    text: str
    markdown: str


def badge_path(page: str) -> str:
    """The badge of ``submissions/NAME.html``: ``badges/NAME.svg``."""
    return f"badges/{PurePosixPath(page).stem}.svg"


def badge_text(table: Table, record: RunRecord) -> str | None:
    """``PSNR Y on skimage8 32.11 dB``, the figure that ranks the table; None where it has none.

    The rank is not in it: a new row would move that.
    """
    column = next((c for c in table.columns if c.key == table.rule.key), None)
    value = column.value(record) if column else None
    if column is None or value is None:
        return None
    shown = alone(column, value)
    return f"{column.label} {shown} {column.unit}".strip()


def write_badge(table: Table, record: RunRecord, page: str, out: Path) -> None:
    """Write the badge of a page, if the row has the figure."""
    text = badge_text(table, record)
    if text is not None:
        write_text(out / badge_path(page), badge_svg(f"esrbench {record.protocol} ×{record.scale}",
                                                     text))  # fmt: skip


def taken_badge(table: Table, record: RunRecord, page: str) -> TakenBadge | None:
    """The badge with the Markdown that shows it."""
    text = badge_text(table, record)
    if text is None:
        return None
    file = badge_path(page)
    return TakenBadge(f"../{file}", text, f"![esrbench: {text}]({file})")


def badge_svg(left: str, right: str) -> str:
    """Two words side by side, 20 pixels high; text stays text."""
    a, b = (round(_LETTER * len(word) + 14) for word in (left, right))
    style = 'y="14" fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{a + b}" height="20" role="img" '
        f'aria-label="{escape(left)}: {escape(right)}"><rect width="{a}" height="20" '
        f'fill="#555"/><rect x="{a}" width="{b}" height="20" fill="#1a5fb4"/>'
        f'<text x="7" {style}>{escape(left)}</text>'
        f'<text x="{a + 7}" {style}>{escape(right)}</text></svg>\n'
    )
