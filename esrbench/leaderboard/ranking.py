"""Order the rows of one table: by a challenge's formula, else by the protocol's one quantity.

Everything is done on unrounded values. A row that lacks what is ranked stands apart; it is never
ranked as if it had zero, and it moves nobody else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from esrbench.errors import UsageError
from esrbench.flags import taking_out
from esrbench.leaderboard.columns import Column, find_column, quality_column
from esrbench.leaderboard.formula import Formula, Scored, evaluate, load_formula
from esrbench.leaderboard.imported import is_imported
from esrbench.leaderboard.thresholds import Excess, Miss, misses
from esrbench.leaderboard.ties import same_rank, tie_groups
from esrbench.leaderboard.unranked import why_unranked
from esrbench.protocol.recorded import RecordedProtocol, recorded
from esrbench.quantities.costs import COSTS, keeps_official_count
from esrbench.quantities.quantity import number
from esrbench.results.record import RunRecord

STRICT, OFFICIAL = "strict", "official"
"""How thresholds are held: against unrounded values, or after rounding as the challenges do."""


@dataclass(frozen=True)
class Rule:
    """What a table is ranked by."""

    key: str
    """A column's key, or ``score``."""
    title: str
    lower: bool
    formula: Formula | None = None
    column: Column | None = None
    note: str | None = None
    """Why the protocol's own formula is not used, where it is not."""
    official: bool = False
    """Whether the ranks are the challenge's own: thresholds after rounding."""

    @property
    def decimals(self) -> int:
        """To how many decimals the challenge rounds before it applies its thresholds."""
        return self.formula.official_decimals if self.formula else 2


@dataclass(frozen=True)
class Place:
    """A rank: 1 is best, equal ranks are ties."""

    rank: int
    tied: bool


@dataclass(frozen=True)
class Row:
    """One record in its table."""

    record: RunRecord
    rank: int | None
    """1 is best; equal ranks are ties. None where the row is not ranked."""
    tied: bool = False
    score: float | None = None
    sub_scores: dict[str, float | None] = field(default_factory=dict)
    apart: str | None = None
    """Why the row is not ranked."""
    missed: tuple[Miss | Excess, ...] = ()
    official_rank: int | None = None
    """The rank if thresholds were applied after rounding, as the challenge does."""
    allowed: tuple[str, ...] = ()
    """The flags that would have taken the row out, had they not been allowed."""
    second_score: float | None = None
    """The score with the dispatcher's MACs, where the two counters differ."""
    places: dict[str, Place] = field(default_factory=dict)
    """Its place by other rules: each sub-track's, and ``strict`` or ``official``, whichever the
    table is not ranked by."""


def rule_for(records: Sequence[RunRecord]) -> Rule:
    """What ``records`` of one protocol are ranked by."""
    protocol = recorded(records[0].protocol_spec)
    official = all(map(is_imported, records))
    note = None
    if protocol.score:
        try:
            formula = load_formula(protocol.score)
        except UsageError as why:
            note = str(why)
        else:
            if any(s.value is not None for s in evaluate(formula.main, formula, records)):
                title = f"{formula.title} score ({formula.main.title.lower()})"
                return Rule("score", title, True, formula, official=official)
            note = f"no row has every figure the {formula.title} score needs"
    column = _ranked_column(protocol, records)
    where = f" on {column.group}" if column.kind == "quality" else ""
    title = f"{column.heading}{where}, {column.direction} is better"
    if column.direction == "unknown":
        title = f"nothing: this esrbench does not know which way {column.label} is better"
    return Rule(column.key, title, column.direction == "lower", None, column, note, official)


def rank_rows(rule: Rule, records: Sequence[RunRecord], allowed: Collection[str] = ()) -> list[Row]:
    """The rows of one table: the ranked ones in order, then those that stand apart.

    A flag that takes a row out (``esrbench.flags``) does not when it is ``allowed``.
    """
    missed = [misses(record, rule.decimals) for record in records]
    lacking = [scored.missing for scored in _scores(rule, records, None)]
    reasons = {
        OFFICIAL: [
            why_unranked(r, gaps, [m for m in ms if not m.passes_rounded], allowed)
            for r, gaps, ms in zip(records, lacking, missed, strict=True)
        ],
        STRICT: [
            why_unranked(r, gaps, ms, allowed)
            for r, gaps, ms in zip(records, lacking, missed, strict=True)
        ],
    }
    kind, other = (OFFICIAL, STRICT) if rule.official else (STRICT, OFFICIAL)
    scored, ranks = _ranked(rule, records, reasons[kind])
    other_ranks = _ranked(rule, records, reasons[other])[1]
    subs = _sub_tracks(rule, records, ranks)
    second = _second_scores(rule, records, ranks)
    sharing = Counter(ranks.values())
    rows = [
        Row(
            record=r, rank=ranks.get(i), tied=sharing[ranks.get(i, 0)] > 1,
            score=scored[i].value if rule.formula else None,
            sub_scores={name: values[i].value for name, (values, _) in subs.items()},
            apart=reasons[kind][i], missed=missed[i],
            official_rank=(ranks if rule.official else other_ranks).get(i),
            allowed=tuple(f.key for f in taking_out(r.flags) if f.key in allowed),
            second_score=second[i],
            places=_places(i, {other: other_ranks, **{n: by for n, (_, by) in subs.items()}}),
        )
        for i, r in enumerate(records)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.record.label))


def _ranked_column(protocol: RecordedProtocol, records: Sequence[RunRecord]) -> Column:
    if protocol.ranked_by and protocol.ranked_on:
        return quality_column(protocol.ranked_on, protocol.ranked_by)
    found = find_column(protocol.ranked_by, records) if protocol.ranked_by else None
    if found:
        return found
    datasets = [*protocol.datasets, *(d for r in records for d in r.quality)]
    return quality_column(datasets[0] if datasets else "", f"psnr_{protocol.colour}")


def _scores(
    rule: Rule, records: Sequence[RunRecord], among: Collection[str] | None
) -> list[Scored]:
    if rule.formula:
        return evaluate(rule.formula.main, rule.formula, records, among)
    assert rule.column is not None
    if rule.column.direction == "unknown":
        return [Scored(None, (rule.column.key,)) for _ in records]
    values = [rule.column.value(r) for r in records]
    return [Scored(v, () if v is not None else (rule.column.key,)) for v in values]


def _ranked(
    rule: Rule, records: Sequence[RunRecord], reasons: Sequence[str | None]
) -> tuple[list[Scored], dict[int, int]]:
    """Each row's score, and the rank by index of those without a reason against it."""
    who = [i for i, reason in enumerate(reasons) if reason is None]
    scored = _scores(rule, records, {records[i].id for i in who})
    by_runtime = (
        rule.formula.main.order_by == "runtime_ms"
        if rule.formula
        else rule.key in COSTS and COSTS[rule.key].bolding == "as measured"
    )
    unsure = [rule.column.unsure(r) if rule.column else 0.0 for r in records]
    return scored, _ranks(
        records, scored, who, by_runtime=by_runtime, lower=rule.lower, unsure=unsure
    )


def _ranks(
    records: Sequence[RunRecord], scored: Sequence[Scored], who: Sequence[int],
    *, by_runtime: bool, lower: bool, unsure: Sequence[float] = (),
) -> dict[int, int]:  # fmt: skip
    """Rank by index of ``who``; ties share the better rank."""
    who = [i for i in who if scored[i].value is not None]
    if by_runtime:
        return {who[i]: rank for i, rank in tie_groups([records[i] for i in who]).items()}
    values = [scored[i].value or 0.0 for i in who]
    by_chance = [unsure[i] for i in who] if unsure else ()
    ranks = same_rank(values, lower=lower, unsure=by_chance)
    return {who[i]: rank for i, rank in ranks.items()}


def _sub_tracks(
    rule: Rule, records: Sequence[RunRecord], ranks: dict[int, int]
) -> dict[str, tuple[list[Scored], dict[int, int]]]:
    """Scores and ranks of each of the challenge's sub-tracks, among the rows that are ranked."""
    if rule.formula is None:
        return {}
    among = {records[i].id for i in ranks}
    found = {}
    for name, criterion in rule.formula.sub_tracks.items():
        scored = evaluate(criterion, rule.formula, records, among)
        by_runtime = criterion.order_by == "runtime_ms"
        found[name] = (
            scored,
            _ranks(records, scored, list(ranks), by_runtime=by_runtime, lower=True),
        )
    return found


def _places(i: int, views: dict[str, dict[int, int]]) -> dict[str, Place]:
    """Row ``i``'s place in each of ``views`` that it has one in."""
    return {
        name: Place(ranks[i], Counter(ranks.values())[ranks[i]] > 1)
        for name, ranks in views.items()
        if i in ranks
    }


def _second_scores(
    rule: Rule, records: Sequence[RunRecord], ranks: dict[int, int]
) -> list[float | None]:
    """Each row's score with the other counter's MACs, where the column keeps the official one's
    and the counters are over 1% apart."""
    second: list[float | None] = [None] * len(records)
    if rule.formula is None:
        return second
    among = {records[i].id for i in ranks}
    for i, record in enumerate(records):
        other = number(COSTS["macs"].beside(record))
        if other is not None and keeps_official_count(record):
            swapped = [*records]
            swapped[i] = record.model_copy(update={"macs": other})
            second[i] = evaluate(rule.formula.main, rule.formula, swapped, among)[i].value
    return second
