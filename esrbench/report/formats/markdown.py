"""GitHub's tables."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.leaderboard.table import build_tables
from esrbench.report.formats.printed import headed, printed, title_of
from esrbench.report.rows import shown_columns
from esrbench.results.record import RunRecord


def to_markdown(records: Sequence[RunRecord]) -> str:
    """A GitHub table a group, best in bold."""
    parts = []
    for table in build_tables(records):
        columns = [s for s in shown_columns(table) if s.column.shown]
        head = ["#", "Submission", *(headed(s.column) for s in columns)]
        lines = [
            f"**{_markdown(title_of(table))}**, ranked by {table.rule.title}",
            "",
            "| " + " | ".join(head) + " |",
            "|" + "|".join(["--:", ":--", *["--:"] * len(columns)]) + "|",
        ]
        for rank, name, cells in printed(table):
            texts = [f"**{text}**" if best else text for text, best, _ in cells]
            lines.append("| " + " | ".join([rank, _markdown(name), *texts]) + " |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _markdown(text: str) -> str:
    for character in "\\`*_{}[]<>#|":
        text = text.replace(character, "\\" + character)
    return text
