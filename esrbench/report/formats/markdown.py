"""GitHub's tables."""

from __future__ import annotations

from collections.abc import Sequence

from esrbench.leaderboard.table import Table
from esrbench.printable import printable
from esrbench.report.formats.printed import (
    apart_notes,
    heads,
    notes_of,
    printed,
    title_of,
    with_unit,
)


def to_markdown(tables: Sequence[Table]) -> str:
    """A GitHub table a group, best in bold."""
    parts = []
    for table in tables:
        columns = heads(table)
        head = ["#", "Submission", *(_markdown(with_unit(h.whole, h.unit)) for h in columns)]
        lines = [
            f"**{_markdown(title_of(table))}**, ranked by {_markdown(table.rule.title)}",
            "",
            "| " + " | ".join(head) + " |",
            "|" + "|".join(["--:", ":--", *["--:"] * len(columns)]) + "|",
        ]
        body = printed(table)
        for line in body:
            texts = [
                (f"**{cell.text}**" if cell.best else cell.text) + cell.mark for cell in line.cells
            ]
            name = _markdown(line.name) + line.mark
            lines.append("| " + " | ".join([line.rank, name, *texts]) + " |")
        lines += [f"\n{sign} {_markdown(meaning)}" for sign, meaning in notes_of(body)]
        apart = [f"- {_markdown(note)}" for note in apart_notes(body)]
        lines += ["", *apart] if apart else []
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _markdown(text: str) -> str:
    text = printable(text)
    for character in "\\`*_{}<>#|":
        text = text.replace(character, "\\" + character)
    return text
