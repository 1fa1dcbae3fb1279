"""LaTeX tables in the manner of booktabs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from esrbench.leaderboard.table import Table
from esrbench.printable import printable
from esrbench.report.formats.printed import (
    Cell,
    Head,
    heads,
    notes_of,
    printed,
    title_of,
    with_unit,
)

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "÷": r"$\div$",
    "×": r"$\times$",
    "≠": r"$\neq$",
    "≥": r"$\geq$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}

_SIGNS = {"≠": r"\neq", "≥": r"\geq"}

_POWER = re.compile(r"([\d.]+)·10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def to_latex(tables: Sequence[Table]) -> str:
    r"""A booktabs table a group of comparable rows: best bold, second underlined, the rows that are
    not ranked under a rule of their own. Needs ``\usepackage{booktabs}``."""
    parts = []
    for table in tables:
        columns = heads(table)
        units = [_latex(with_unit(h.text, h.unit)) for h in columns]
        groups, rules = _groups(columns)
        lines = [
            f"% {title_of(table)}, ranked by {table.rule.title}".replace("\n", " "),
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
            texts = [_latex_cell(cell) for cell in line.cells]
            lines.append(" & ".join([line.rank, _latex(line.name), *texts]) + r" \\")
        notes = [
            rf"\par\footnotesize {_latex(sign)}\ {_latex(meaning)}"
            for sign, meaning in notes_of(body)
        ]
        parts.append("\n".join([*lines, r"\bottomrule", r"\end{tabular}", *notes]))
    return "\n\n".join(parts) + "\n"


def _latex(text: str) -> str:
    return "".join(_LATEX.get(c, "\\" + c if c in "&%$#_{}" else c) for c in printable(text))


def _latex_cell(cell: Cell) -> str:
    number = cell.text.replace("−", "$-$").replace("∞", r"$\infty$").replace(",", "{,}")
    number = _POWER.sub(lambda m: rf"${m[1]} \cdot 10^{{{m[2].translate(_DIGITS)}}}$", number)
    if cell.best:
        number = rf"\textbf{{{number}}}"
    elif cell.second:
        number = rf"\underline{{{number}}}"
    return number + (f"$^{{{''.join(_SIGNS[sign] for sign in cell.mark)}}}$" if cell.mark else "")


def _groups(columns: Sequence[Head]) -> tuple[list[str], str]:
    """The upper header row, and the rules under it."""
    texts, rules, at = [], [], 3
    for name, same in groupby(h.group for h in columns):
        count = len(list(same))
        texts.append(rf"\multicolumn{{{count}}}{{c}}{{{_latex(name)}}}")
        rules.append(rf"\cmidrule(lr){{{at}-{at + count - 1}}}")
        at += count
    return texts, " ".join(rules)
