"""The leaderboard itself: tables of comparable rows, made from records alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.columns import Column, columns_for, score_column
from esrbench.leaderboard.comparable import Comparable, Heading, comparable_groups
from esrbench.leaderboard.formula import Criterion
from esrbench.leaderboard.ranking import Row, Rule, rank_rows, rule_for
from esrbench.protocol.recorded import RecordedProtocol, recorded
from esrbench.results.record import RunRecord

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """Rows that may be compared with each other, ranked."""

    heading: Heading
    rule: Rule
    rows: tuple[Row, ...]
    """The ranked ones in order, then those that stand apart."""
    columns: tuple[Column, ...]
    signatures: dict[str, str]
    """How each figure came about, by its key: the same for every row."""
    differs: tuple[str, ...] = ()
    """Why this table stands apart from the first of the same heading."""

    @property
    def protocol(self) -> RecordedProtocol:
        """The protocol as it was applied."""
        return recorded(self.rows[0].record.protocol_spec)

    @property
    def records(self) -> list[RunRecord]:
        """The rows' records, in the table's order."""
        return [row.record for row in self.rows]


def build_tables(records: Sequence[RunRecord], allowed: Collection[str] = ()) -> list[Table]:
    """One table for each group of ``records`` that may be compared; none for no records.

    ``allowed`` are flags that take no row out of the ranking here.
    """
    return [_table(group, allowed) for group in comparable_groups(records)]


def only_rows(tables: Sequence[Table], names: Sequence[str]) -> list[Table]:
    """``tables`` with the rows of these names (``span/c28``, or ``span`` for all its variants);
    ranks stay those of the whole tables.

    Raises UsageError for a name that no row has.
    """
    known = {name for t in tables for r in t.records for name in (r.label, r.submission)}
    for name in names:
        if name not in known:
            raise UsageError(f"No record of {name!r}{nearest(name, known)}")
    kept = [
        replace(
            table,
            rows=tuple(r for r in table.rows if {r.record.label, r.record.submission} & set(names)),
        )
        for table in tables
    ]
    return [table for table in kept if table.rows]


def build_table(records: Sequence[RunRecord], allowed: Collection[str] = ()) -> pd.DataFrame:
    """Every row of every table of ``records`` as one DataFrame: see :func:`frame_of`."""
    return frame_of(build_tables(records, allowed))


def frame_of(tables: Sequence[Table]) -> pd.DataFrame:
    """Every row of ``tables`` as one DataFrame, values unrounded and in the records' units.

    ``rank`` is empty (NA) where a row is not ranked, with the reason under ``apart``;
    ``official_rank`` applies thresholds after rounding, as the challenges do; ``score_all_macs`` is
    the score with the second counter's MACs, where the two differ; ``allowed`` names the flags that
    would have taken the row out; ``chance`` is why two answers to one image differ, and
    ``answers_apart`` by how much of the data range, where they do; ``trust`` is ``verified`` or
    ``claimed``, empty where nobody asked.
    """
    import pandas as pd

    rows = [{**_identity(table), **_figures(table, row)} for table in tables for row in table.rows]
    frame: pd.DataFrame = pd.DataFrame(rows)
    if "rank" in frame:
        frame["rank"] = frame["rank"].astype("Int64")
        frame["official_rank"] = frame["official_rank"].astype("Int64")
    return frame


def _table(group: Comparable, allowed: Collection[str]) -> Table:
    rule = rule_for(group.records)
    rows = tuple(rank_rows(rule, group.records, allowed))
    return Table(
        heading=group.heading,
        rule=rule,
        rows=rows,
        columns=(*_sub_track_columns(rule, rows), *columns_for(group.records)),
        signatures=group.marks,
        differs=group.differs,
    )


def _sub_track_columns(rule: Rule, rows: Sequence[Row]) -> list[Column]:
    """A column for each sub-track of the challenge that any row has a score in."""
    sub_tracks = rule.formula.sub_tracks if rule.formula else {}
    return [
        _sub_track_column(
            name, criterion, {row.record.id: row.sub_scores.get(name) for row in rows}
        )
        for name, criterion in sub_tracks.items()
        if any(row.sub_scores.get(name) is not None for row in rows)
    ]


def _sub_track_column(name: str, criterion: Criterion, scores: dict[str, float | None]) -> Column:
    digits = 0 if criterion.sum_of_ranks else 3
    return score_column(name, criterion.title, digits, lambda record: scores.get(record.id))


def _identity(table: Table) -> dict[str, object]:
    heading = table.heading
    return {
        "protocol": heading.protocol,
        "scale": heading.scale,
        "device": heading.device,
        "precision": heading.precision,
    }


def _figures(table: Table, row: Row) -> dict[str, object]:
    record = row.record
    timed = record.runtime_ms
    return {
        "rank": row.rank,
        "submission": record.shown_submission,
        "variant": record.variant,
        "status": record.status,
        "apart": row.apart,
        "score": row.score,
        "score_all_macs": row.second_score,
        "official_rank": row.official_rank,
        **{column.key: column.value(record) for column in table.columns},
        **_beside(table.columns, record),
        "runtime_statistic": timed.statistic if timed else None,
        "runtime_p5": timed.p5 if timed else None,
        "runtime_p95": timed.p95 if timed else None,
        "chance": record.chance.cause if record.chance else None,
        "answers_apart": record.chance.difference if record.chance else None,
        "trust": record.verification.status if record.verification else None,
        "flags": " ".join(record.flags),
        "allowed": " ".join(row.allowed),
        "id": record.id,
    }


def _beside(columns: Sequence[Column], record: RunRecord) -> dict[str, object]:
    """What is not the one value of a column: its mark, the other way of counting, and the ends of
    what is not always the same."""
    found: dict[str, object] = {}
    for column in columns:
        ends = column.ends(record)
        if ends is not None and column.key != "runtime_ms":  # its ends are percentiles of calls
            found[f"{column.key}_low"], found[f"{column.key}_high"] = ends
        if column.mark(record):
            found[f"{column.key}_other"] = column.beside(record)
            found[f"{column.key}_mark"] = column.mark(record)
    return found
