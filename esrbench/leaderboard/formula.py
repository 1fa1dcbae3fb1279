"""Challenge scores as data: a formula is a YAML file, never code. Lower scores are better."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from esrbench.errors import UsageError, nearest
from esrbench.leaderboard.baseline import called
from esrbench.leaderboard.columns import COST_COLUMNS, number
from esrbench.results.record import RunRecord
from esrbench.strict_yaml import load

_FOLDER = Path(__file__).parent / "formulas"

Figure = Literal[
    "runtime_ms", "params", "macs", "activations", "convs", "peak_memory_bytes"
]  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Term(_Strict):
    """``weight * exp(rate * figure / the baseline's figure)``."""

    of: Figure
    weight: float = Field(gt=0)
    rate: float = 2.0


class Track(_Strict):
    """One way to order rows: exactly one of the three kinds."""

    title: str
    order_by: Figure | None = None
    """The figure itself."""
    sum_of_ranks: tuple[Figure, ...] = ()
    """The sum of the ranks by each figure; equal figures share the better rank."""
    exponential: tuple[Term, ...] = ()

    @model_validator(mode="after")
    def _one_kind(self) -> Track:
        kinds = [bool(self.order_by), bool(self.sum_of_ranks), bool(self.exponential)]
        if sum(kinds) != 1:
            raise ValueError("give exactly one of order_by, sum_of_ranks, exponential")
        return self

    @property
    def inputs(self) -> tuple[Figure, ...]:
        """The figures a row needs."""
        if self.order_by:
            return (self.order_by,)
        return self.sum_of_ranks or tuple(term.of for term in self.exponential)


class Baseline(_Strict):
    """What an exponential score is held against; counts as published, times as measured."""

    submission: str
    """NAME or NAME/VARIANT; its own record in the table comes before the figures below."""
    params: float | None = None
    macs: float | None = None
    activations: float | None = None
    convs: float | None = None
    peak_memory_bytes: float | None = None
    runtime_ms: float | None = None
    """On the challenge's own machine: printed, and never used for another device."""


class Formula(_Strict):
    """A challenge's main score and its sub-tracks."""

    name: str
    title: str
    main: Track
    sub_tracks: dict[str, Track] = Field(default_factory=dict)
    baseline: Baseline | None = None
    official_decimals: int = Field(default=2, ge=0)
    """To how many decimals the challenge rounds a PSNR before it applies its threshold."""

    def track(self, name: str | None) -> Track:
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


def figure_of(record: RunRecord, figure: str) -> float | None:
    """The unrounded figure ``figure`` of ``record``; None when it has none."""
    column = next(c for c in COST_COLUMNS if c.key == figure)
    return column.value(record)


@dataclass(frozen=True)
class Scored:
    """One row's score, or why there is none."""

    value: float | None
    missing: tuple[str, ...] = ()
    """The inputs that are not there."""


def evaluate(track: Track, formula: Formula, records: Sequence[RunRecord]) -> list[Scored]:
    """``track``'s score of each record, in order; a record without an input gets none.

    Ranks are taken among the records that have every input.
    """
    wanted = dict.fromkeys(track.inputs)
    if track.exponential:
        inputs = [{f: _over_baseline(f, formula, r, records) for f in wanted} for r in records]
    else:
        inputs = [{f: figure_of(r, f) for f in wanted} for r in records]
    lacking = [tuple(f for f in wanted if row[f] is None) for row in inputs]
    whole = [row for row, gaps in zip(inputs, lacking, strict=True) if not gaps]
    return [
        Scored(None, gaps) if gaps else Scored(_score(track, row, whole))
        for row, gaps in zip(inputs, lacking, strict=True)
    ]


def _score(
    track: Track, row: dict[Figure, float | None], whole: Sequence[dict[Figure, float | None]]
) -> float:
    if track.order_by:
        return row[track.order_by] or 0.0
    if track.sum_of_ranks:
        return float(sum(_rank(row[f], [w[f] for w in whole]) for f in track.sum_of_ranks))
    return math.fsum(_exponential(term, row[term.of] or 0.0) for term in track.exponential)


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
    figure: Figure, formula: Formula, record: RunRecord, records: Sequence[RunRecord]
) -> float | None:
    """``figure`` over the baseline's: the paired ratio for runtime where there is one."""
    baseline = formula.baseline
    value = figure_of(record, figure)
    if baseline is None or value is None:
        return None
    if figure == "runtime_ms" and record.runtime_ms and number(record.runtime_ms.ratio) is not None:
        return record.runtime_ms.ratio
    beside = called(baseline.submission, records)
    reference = figure_of(beside, figure) if beside else None
    if reference is None and figure not in {"runtime_ms", "peak_memory_bytes"}:
        reference = getattr(baseline, figure)
    return value / reference if reference else None
