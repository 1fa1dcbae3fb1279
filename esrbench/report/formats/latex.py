"""LaTeX tables in the manner of booktabs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from esrbench.leaderboard.table import Table
from esrbench.report.formats import tex
from esrbench.report.formats.printed import (
    Head,
    apart_notes,
    heads,
    notes_of,
    printed,
    title_of,
    with_unit,
)


def to_latex(tables: Sequence[Table]) -> str:
    r"""A booktabs table a group of comparable rows: best bold, second underlined, the rows that are
    not ranked under a rule of their own. Needs ``\usepackage{booktabs}``."""
    parts = []
    for table in tables:
        columns = heads(table)
        units = [tex.words(with_unit(h.text, h.unit)) for h in columns]
        groups, rules = _groups(columns)
        lines = [
            tex.comment(f"{title_of(table)}, ranked by {table.rule.title}"),
            r"\begin{tabular}{rl" + "r" * len(columns) + "}",
            r"\toprule",
            " & ".join(["", "", *groups]) + r" \\",
            rules,
            " & ".join([r"\#", "Submission", *units]) + r" \\",
            r"\midrule",
        ]
        ranked = True
        body = printed(table)
        for line in body:
            if ranked and not line.rank and len(lines) > 7:
                lines.append(r"\midrule")
            ranked = bool(line.rank)
            texts = [
                tex.number(cell.text, best=cell.best, second=cell.second, mark=cell.mark)
                for cell in line.cells
            ]
            name = tex.words(line.name) + tex.raised(line.mark)
            lines.append(" & ".join([line.rank, name, *texts]) + r" \\")
        notes = [
            rf"\par\footnotesize {tex.words(sign)}\ {tex.words(meaning)}"
            for sign, meaning in notes_of(body)
        ]
        notes += [rf"\par\footnotesize {tex.words(note)}" for note in apart_notes(body)]
        parts.append("\n".join([*lines, r"\bottomrule", r"\end{tabular}", *notes]))
    return "\n\n".join(parts) + "\n"


def _groups(columns: Sequence[Head]) -> tuple[list[str], str]:
    """The upper header row, and the rules under it."""
    texts, rules, at = [], [], 3
    for name, same in groupby(h.group for h in columns):
        count = len(list(same))
        texts.append(rf"\multicolumn{{{count}}}{{c}}{{{tex.words(name)}}}")
        rules.append(rf"\cmidrule(lr){{{at}-{at + count - 1}}}")
        at += count
    return texts, " ".join(rules)
