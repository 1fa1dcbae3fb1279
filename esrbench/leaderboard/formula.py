"""Challenge scores as data: a formula is a YAML file, never code. Lower scores are better."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.baseline import called
from esrbench.quantities.costs import COSTS, runtime_ratio
from esrbench.results.record import RunRecord
from esrbench.strict_yaml import load

_FOLDER = Path(__file__).parent / "formulas"


def _is_a_cost(key: str) -> str:
    if key not in COSTS:
        raise ValueError(f"there is no cost {key!r}{nearest(key, COSTS)}")
    return key


CostKey = Annotated[str, AfterValidator(_is_a_cost)]
"""A key of ``COSTS``."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Strict):
    """``weight * exp(rate * cost / the baseline's cost)``."""

    of: CostKey
    weight: float = Field(gt=0)
    rate: float = 2.0


class Criterion(_Strict):
    """One way to order rows: exactly one of the three kinds."""

    title: str
    order_by: CostKey | None = None
    """The cost itself."""
    sum_of_ranks: tuple[CostKey, ...] = ()
    """The sum of the ranks by each cost; equal costs share the better rank."""
    exponential: tuple[Term, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Criterion:
        kinds = [bool(self.order_by), bool(self.sum_of_ranks), bool(self.exponential)]
        if sum(kinds) != 1:
            raise ValueError("give exactly one of order_by, sum_of_ranks, exponential")
        return self

    @property
    def inputs(self) -> tuple[CostKey, ...]:
        """The costs a row needs."""
        if self.order_by:
            return (self.order_by,)
        return self.sum_of_ranks or tuple(term.of for term in self.exponential)


class Baseline(_Strict):
    """What an exponential score is held against; counts as published, times as measured.

    A YAML file gives ``submission`` and, beside it, costs by their keys.
    """

    submission: str
    """NAME or NAME/VARIANT; its own record in the table comes before the published costs."""
    published: dict[CostKey, float] = Field(default_factory=dict)
    """What depends on the device was measured on the challenge's own machine: it is printed, and
    never used for another device."""

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        costs = {key: value for key, value in given.items() if key in COSTS}
        rest = {key: value for key, value in given.items() if key not in COSTS}
        return {**rest, "published": {**rest.get("published", {}), **costs}}


class Formula(_Strict):
    """A challenge's main score and its sub-tracks."""

    name: str
    title: str
    main: Criterion
    sub_tracks: dict[str, Criterion] = Field(default_factory=dict)
    baseline: Baseline | None = None
    official_decimals: int = Field(default=2, ge=0)
    """To how many decimals the challenge rounds a PSNR before it applies its threshold."""

    def track(self, name: str | None) -> Criterion:
        """The main track, or a sub-track; raises UsageError when there is none so called."""
        if name is None or name == "main":
            return self.main
        if name not in self.sub_tracks:
            raise UsageError(
                f"{self.name} has no sub-track {name!r}{nearest(name, self.sub_tracks)}"
            )
        return self.sub_tracks[name]


def names() -> list[str]:
    """The formulas that come with esrbench."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_formula(name_or_path: str) -> Formula:
    """The formula so called, or the one in that YAML file; raises UsageError for neither."""
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"}:
        return load(path, Formula)
    if name_or_path not in names():
        raise UsageError(f"No score formula {name_or_path!r}{nearest(name_or_path, names())}")
    return load(_FOLDER / f"{name_or_path}.yaml", Formula)


@dataclass(frozen=True)
class Scored:
    """One row's score, or why there is none."""

    value: float | None
    missing: tuple[str, ...] = ()
    """The inputs that are not there."""


def evaluate(
    criterion: Criterion,
    formula: Formula,
    records: Sequence[RunRecord],
    among: Collection[str] | None = None,
) -> list[Scored]:
    """``criterion``'s score of each record, in order; a record without an input gets none.

    Ranks are taken among the records that have every input and whose id is in ``among`` (None:
    all), so that a row that stands apart moves nobody.
    """
    wanted = dict.fromkeys(criterion.inputs)
    if criterion.exponential:
        inputs = [{c: _over_baseline(c, formula, r, records) for c in wanted} for r in records]
    else:
        inputs = [{c: COSTS[c].value(r) for c in wanted} for r in records]
    lacking = [tuple(c for c in wanted if row[c] is None) for row in inputs]
    whole = [
        row
        for r, row, gaps in zip(records, inputs, lacking, strict=True)
        if not gaps and (among is None or r.id in among)
    ]
    return [
        Scored(None, gaps) if gaps else Scored(_score(criterion, row, whole))
        for row, gaps in zip(inputs, lacking, strict=True)
    ]


Inputs = dict[str, "float | None"]


def _score(criterion: Criterion, row: Inputs, whole: Sequence[Inputs]) -> float:
    if criterion.order_by:
        return row[criterion.order_by] or 0.0
    if criterion.sum_of_ranks:
        return float(sum(_rank(row[c], [w[c] for w in whole]) for c in criterion.sum_of_ranks))
    return math.fsum(_exponential(term, row[term.of] or 0.0) for term in criterion.exponential)


def _exponential(term: Term, ratio: float) -> float:
    try:
        return term.weight * math.exp(term.rate * ratio)
    except OverflowError:  # beyond 355 times the baseline the score says nothing anyway
        return math.inf


def _rank(value: float | None, among: Sequence[float | None]) -> int:
    return 1 + sum(
        1 for other in among if other is not None and value is not None and other < value
    )


def _over_baseline(
    key: str, formula: Formula, record: RunRecord, records: Sequence[RunRecord]
) -> float | None:
    """A cost over the baseline's: the paired ratio for runtime where there is one."""
    baseline = formula.baseline
    value = COSTS[key].value(record)
    if baseline is None or value is None:
        return None
    if key == "runtime_ms" and (paired := runtime_ratio(record)) is not None:
        return paired
    beside = called(baseline.submission, records)
    reference = COSTS[key].value(beside) if beside else None
    if reference is None and not COSTS[key].of_device:
        reference = baseline.published.get(key)
    return value / reference if reference else None
