"""The table a paper prints: chosen rows and columns, scales as groups, cite keys, notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from esrbench.flags import taking_out
from esrbench.leaderboard.imported import is_imported
from esrbench.leaderboard.literature import is_literature
from esrbench.leaderboard.ranking import Row
from esrbench.leaderboard.table import Table, only_rows
from esrbench.leaderboard.unranked import is_reference
from esrbench.quantities.costs import MARKS
from esrbench.report.formats import tex
from esrbench.report.formats.bibtex import cite_key, has_source
from esrbench.report.formats.paper_columns import PaperColumn, columns_of
from esrbench.report.formats.printed import title_of

Style = Literal["psnr/ssim", "psnr", "plain"]
APART = "†"
_AS_PUBLISHED = "as published, not measured here"


@dataclass(frozen=True)
class Paper:
    """What a person wants in the table."""

    columns: tuple[str, ...] = ()
    """Words for costs, datasets, ``Set5.lpips_alex``; () takes the usual ones."""
    rows: tuple[str, ...] = ()
    """Names, in the order they are to stand; () takes every row that did not fail."""
    ours: str | None = None
    """The row that stands last in its group, named as ours."""
    style: Style = "psnr/ssim"
    """A dataset's cell: ``31.74/0.8897``, PSNR alone, or a column each."""


def to_paper(tables: Sequence[Table], paper: Paper) -> str:
    """A tabular for each device, precision and protocol: its tables, which differ by scale, are
    its groups.

    The best of a group are bold and the second underlined, among the networks that may be compared
    there: interpolation, imported and set-apart rows take no part, and a dagger with a note tells
    the latter. Raises UsageError for a row or a column that is not there.
    """
    only_rows(tables, [*paper.rows, *([paper.ours] if paper.ours else [])])
    parts = []
    by_heading = sorted(tables, key=_setting)
    for _, same in groupby(by_heading, key=_setting):
        part = _tabular(sorted(same, key=lambda t: (t.heading.scale, bool(t.differs))), paper)
        parts += [part] if part else []
    return "\n\n".join(parts) + "\n"


def _setting(table: Table) -> tuple[str, str, str]:
    return (table.heading.protocol, table.heading.device, table.heading.precision)


def _tabular(tables: Sequence[Table], paper: Paper) -> str:
    chosen = [(table, _chosen(table, paper)) for table in tables]
    chosen = [(table, rows) for table, rows in chosen if rows]
    if not chosen:
        return ""
    columns = columns_of([table for table, _ in chosen], paper.columns, paper.style)
    many = len({table.heading.scale for table, _ in chosen}) > 1
    head = ["Scale", "Method"] if many else ["Method"]
    lines = [
        tex.comment(heading_comment(chosen[0][0])),
        rf"\begin{{tabular}}{{{'cl' if many else 'l'}{'c' * len(columns)}}}",
        r"\toprule",
        " & ".join([*head, *(tex.words(column.heading) for column in columns)]) + r" \\",
    ]
    notes: dict[str, str] = {}
    for table, rows in chosen:
        lines += [r"\midrule", *_group(table, rows, columns, paper, notes, many=many)]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\footnotesize {tex.words(sign)}\ {note}" for sign, note in notes.items()]
    return "\n".join(lines)


def heading_comment(table: Table) -> str:
    """What the rows have in common, and the package the tabular needs."""
    return rf"{title_of(table)}; needs \usepackage{{booktabs}}"


def _chosen(table: Table, paper: Paper) -> list[Row]:
    """The rows of ``table`` that are wanted: interpolation first, ours last."""
    usable = [row for row in table.rows if row.record.status == "ok"]
    if paper.rows:
        usable = [row for name in paper.rows for row in usable if _is_called(row, name)]
    else:
        usable.sort(key=lambda row: not is_reference(row.record))
    ours = [row for row in usable if paper.ours and _is_called(row, paper.ours)]
    return [row for row in usable if row not in ours] + ours


def _is_called(row: Row, name: str) -> bool:
    return name in (row.record.label, row.record.submission)


def _group(
    table: Table, rows: Sequence[Row], columns: Sequence[PaperColumn], paper: Paper,
    notes: dict[str, str], *, many: bool,
) -> list[str]:  # fmt: skip
    """The lines of one scale; what their signs mean is added to ``notes``."""
    lines = lines_of(table, rows, columns, paper.ours, notes)
    if many:
        scale = rf"$\times${rows[0].record.scale}"
        lines = [[scale if i == 0 else "", *line] for i, line in enumerate(lines)]
    return [" & ".join(line) + r" \\" for line in lines]


def lines_of(
    table: Table, rows: Sequence[Row], columns: Sequence[PaperColumn], ours: str | None,
    notes: dict[str, str],
) -> list[list[str]]:  # fmt: skip
    """The name and the cells of each of ``rows``; what their signs mean is added to ``notes``."""
    competes = [_competes(row) and not table.differs for row in rows]
    cells = [column.cells([row.record for row in rows], competes) for column in columns]
    lines = []
    for i, row in enumerate(rows):
        mark = "" if competes[i] or is_reference(row.record) else APART
        mine = bool(ours and _is_called(row, ours))
        name = _name(row, shared=_shares_its_title(row, rows), ours=mine) + tex.raised(mark)
        lines.append([name, *(cell[i] for cell in cells)])
        for sign in {s for column in columns for s in column.mark(row.record)}:
            notes.setdefault(sign, tex.words(MARKS[sign]))
    why = _why_apart(rows, competes, table)
    if why and why not in notes.get(APART, ""):
        notes[APART] = f"{notes[APART]} {why}" if APART in notes else why
    return lines


def _competes(row: Row) -> bool:
    """Whether a row may be best: a network, measured here, with no flag against it."""
    if is_reference(row.record) or is_imported(row.record):
        return False
    return all(flag.key in row.allowed for flag in taking_out(row.record.flags))


def _why_apart(rows: Sequence[Row], competes: Sequence[bool], table: Table) -> str:
    """Why some of ``rows`` have a dagger; "" where none has."""
    apart = [
        row
        for row, takes_part in zip(rows, competes, strict=True)
        if not takes_part and not is_reference(row.record)
    ]
    if not apart:
        return ""
    if table.differs:
        return "Measured in another way: " + tex.words("; ".join(table.differs)) + "."
    said: dict[str, list[str]] = {}
    for row in apart:
        flags = [flag.badge for flag in taking_out(row.record.flags)]
        read = is_literature(row.record) or not flags
        why = _AS_PUBLISHED if read else ", ".join(flags)
        said.setdefault(why, []).append(row.record.label)
    if set(said) == {_AS_PUBLISHED}:  # however many: their names have the dagger
        return f"Not compared with the others: {_AS_PUBLISHED}."
    told = "; ".join(
        f"the rest: {why}" if why == _AS_PUBLISHED else f"{', '.join(names)}: {why}"
        for why, names in sorted(said.items(), key=lambda item: item[0] == _AS_PUBLISHED)
    )
    return "Not compared with the others (" + tex.words(told) + ")."


def _shares_its_title(row: Row, rows: Sequence[Row]) -> bool:
    """With another row of its kind: a dagger tells what was published from what was measured."""
    read = is_literature(row.record)
    others = [other.record for other in rows if is_literature(other.record) == read]
    return [other.about.title for other in others].count(row.record.about.title) > 1


def _name(row: Row, *, shared: bool, ours: bool) -> str:
    """The title with its cite key; the label where two rows have one title."""
    record = row.record
    label = record.own_label if is_literature(record) else record.label
    name = tex.words(label if shared else record.about.title or label)
    if ours:
        return rf"\textbf{{{name}}} (ours)"
    return rf"{name}~\cite{{{cite_key(record)}}}" if has_source(record) else name
