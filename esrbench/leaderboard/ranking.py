"""Order the rows of one table: by a challenge's formula, else by the protocol's one figure.

Everything is done on unrounded values. A row that lacks what is ranked stands apart; it is never
ranked as if it had zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from esrbench.errors import UsageError
from esrbench.flags import NO_WEIGHTS, taking_out
from esrbench.leaderboard.columns import METRICS, Column, find_column, main_colour, quality_column
from esrbench.leaderboard.formula import Formula, Scored, evaluate, load_formula
from esrbench.leaderboard.thresholds import Miss, misses
from esrbench.leaderboard.ties import same_rank, tie_groups
from esrbench.results.record import RunRecord


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
    missed: tuple[Miss, ...] = ()
    official_rank: int | None = None
    """The rank if thresholds were applied after rounding, as the challenge does."""
    allowed: tuple[str, ...] = ()
    """The flags that would have taken the row out, had they not been allowed."""
    second_score: float | None = None
    """The score with the dispatcher's MACs, where the two counters differ."""


def rule_for(records: Sequence[RunRecord]) -> Rule:
    """What ``records`` of one protocol are ranked by."""
    spec = records[0].protocol_spec
    note = None
    if spec.get("score"):
        try:
            formula = load_formula(str(spec["score"]))
        except UsageError as why:
            note = str(why)
        else:
            if any(s.value is not None for s in evaluate(formula.main, formula, records)):
                title = f"{formula.title} score ({formula.main.title.lower()})"
                return Rule("score", title, True, formula)
            note = f"no row has every figure the {formula.title} score needs"
    column = _ranked_column(spec, records)
    word = "lower" if column.direction == "lower" else "higher"
    where = f" on {column.group}" if "." in column.key else ""
    title = f"{column.heading}{where}, {word} is better"
    return Rule(column.key, title, column.direction == "lower", None, column, note)


def rank_rows(rule: Rule, records: Sequence[RunRecord], allowed: Collection[str] = ()) -> list[Row]:
    """The rows of one table: the ranked ones in order, then those that stand apart.

    A flag that takes a row out (``esrbench.flags``) does not when it is ``allowed``.
    """
    scored = _scores(rule, records)
    missed = [misses(record, _decimals(rule)) for record in records]
    reasons = [_apart(r, s, m, allowed) for r, s, m in zip(records, scored, missed, strict=True)]
    ranks = _ranks(rule, records, scored, [reason is None for reason in reasons])
    official = [
        reason is None or (_apart(r, s, (), allowed) is None and all(m.passes_rounded for m in ms))
        for r, s, ms, reason in zip(records, scored, missed, reasons, strict=True)
    ]
    official_ranks = _ranks(rule, records, scored, official)
    subs = _sub_scores(rule, records)
    second = _second_scores(rule, records)
    has_formula = rule.formula is not None
    sharing = Counter(ranks.values())
    rows = [
        Row(
            record=r, rank=ranks.get(i), tied=sharing[ranks.get(i, 0)] > 1,
            score=scored[i].value if has_formula else None, sub_scores=subs[i],
            apart=reasons[i], missed=missed[i], official_rank=official_ranks.get(i),
            allowed=tuple(f.key for f in taking_out(r.flags) if f.key in allowed),
            second_score=second[i],
        )
        for i, r in enumerate(records)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, row.record.label))


def _ranked_column(spec: dict[str, object], records: Sequence[RunRecord]) -> Column:
    rank_by = spec.get("rank_by")
    if isinstance(rank_by, dict) and rank_by.get("metric"):
        metric, dataset = str(rank_by["metric"]), rank_by.get("dataset")
        if dataset:
            return quality_column(str(dataset), metric)
        found = find_column(metric, records)
        if found:
            return found
    named = spec.get("datasets")
    datasets = [str(d) for d in named] if isinstance(named, list | tuple) else []
    datasets += [d for r in records for d in r.quality]
    return quality_column(datasets[0] if datasets else "", f"psnr_{main_colour(spec)}")


def _scores(rule: Rule, records: Sequence[RunRecord]) -> list[Scored]:
    if rule.formula:
        return evaluate(rule.formula.main, rule.formula, records)
    assert rule.column is not None
    values = [rule.column.value(r) for r in records]
    return [Scored(v, () if v is not None else (rule.column.key,)) for v in values]


def _apart(
    record: RunRecord, scored: Scored, missed: Sequence[Miss], allowed: Collection[str]
) -> str | None:
    """Why ``record`` is not ranked; None when it is."""
    if record.status != "ok":
        return f"{record.status}: {record.reason or 'no reason was recorded'}"
    flagged = taking_out(record.flags, allowed)
    if any(flag.key == NO_WEIGHTS for flag in flagged):
        return record.reason or "no weights at hand, so its quality was not measured"
    if flagged:
        return " ".join(f"{flag.badge}: {flag.meaning}" for flag in flagged)
    if scored.value is None:
        lacking = ", ".join(_in_words(key) for key in scored.missing)
        told = (record.why_missing(key) for key in scored.missing)
        why = next((reason for reason in told if reason), record.reason)
        return f"no {lacking}" + (f": {why}" if why else "")
    return "; ".join(miss.sentence() for miss in missed) or None


def _in_words(key: str) -> str:
    dataset, dot, metric = key.rpartition(".")
    if not dot:
        return key.removesuffix("_ms").removesuffix("_bytes").replace("_", " ")
    return f"{METRICS.get(metric, (metric,))[0]} on {dataset}"


def _decimals(rule: Rule) -> int:
    return rule.formula.official_decimals if rule.formula else 2


def _ranks(
    rule: Rule, records: Sequence[RunRecord], scored: Sequence[Scored], taking_part: Sequence[bool]
) -> dict[int, int]:
    """Rank by index for those that take part; ties share the better rank."""
    who = [i for i, takes in enumerate(taking_part) if takes and scored[i].value is not None]
    by_runtime = rule.key in {"runtime_ms", "runtime_ratio"} or bool(
        rule.formula and rule.formula.main.order_by == "runtime_ms"
    )
    if by_runtime:
        return {who[i]: rank for i, rank in tie_groups([records[i] for i in who]).items()}
    values = [scored[i].value or 0.0 for i in who]
    return {who[i]: rank for i, rank in same_rank(values, lower=rule.lower).items()}


def _sub_scores(rule: Rule, records: Sequence[RunRecord]) -> list[dict[str, float | None]]:
    scores: list[dict[str, float | None]] = [{} for _ in records]
    if rule.formula:
        for name, track in rule.formula.sub_tracks.items():
            for row, scored in zip(scores, evaluate(track, rule.formula, records), strict=True):
                row[name] = scored.value
    return scores


def _second_scores(rule: Rule, records: Sequence[RunRecord]) -> list[float | None]:
    """Each row's score with the other counter's MACs, where the counters are over 1% apart."""
    if rule.formula is None:
        return [None] * len(records)
    second: list[float | None] = []
    for i, record in enumerate(records):
        other = record.complexity.macs_dispatch if record.complexity else None
        if not other or not record.macs or abs(other / record.macs - 1) <= 0.01:
            second.append(None)
            continue
        swapped = [*records]
        swapped[i] = record.model_copy(update={"macs": other})
        second.append(evaluate(rule.formula.main, rule.formula, swapped)[i].value)
    return second
