"""LaTeX tables in the manner of booktabs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from esrbench.leaderboard.columns import Column
from esrbench.leaderboard.table import build_tables
from esrbench.report.formats.printed import headed, printed, title_of
from esrbench.report.rows import shown_columns
from esrbench.results.record import RunRecord

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "÷": r"$\div$",
    "×": r"$\times$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


def to_latex(records: Sequence[RunRecord]) -> str:
    r"""A booktabs table a group: best bold, second underlined. Needs ``\usepackage{booktabs}``."""
    parts = []
    for table in build_tables(records):
        columns = [s for s in shown_columns(table) if s.column.shown]
        lines = [
            f"% {title_of(table)}, ranked by {table.rule.title}".replace("\n", " "),
            r"\begin{tabular}{rl" + "r" * len(columns) + "}",
            r"\toprule",
            " & ".join(["", "", *_latex_groups([s.column for s in columns])]) + r" \\",
            " & ".join([r"\#", "Submission", *(_latex(headed(s.column, False)) for s in columns)])
            + r" \\",
            r"\midrule",
        ]
        for rank, name, cells in printed(table):
            texts = [_latex_cell(*cell) for cell in cells]
            lines.append(" & ".join([rank, _latex(name), *texts]) + r" \\")
        parts.append("\n".join([*lines, r"\bottomrule", r"\end{tabular}"]))
    return "\n\n".join(parts) + "\n"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, "\\" + c if c in "&%$#_{}" else c) for c in text)


def _latex_cell(text: str, best: bool, second: bool) -> str:
    number = text.replace("−", "$-$").replace("∞", r"$\infty$").replace(",", "{,}")
    if best:
        return rf"\textbf{{{number}}}"
    return rf"\underline{{{number}}}" if second else number


def _latex_groups(columns: Sequence[Column]) -> list[str]:
    groups = [(name, len(list(same))) for name, same in groupby(c.group for c in columns)]
    return [rf"\multicolumn{{{n}}}{{c}}{{{_latex(name)}}}" for name, n in groups]
