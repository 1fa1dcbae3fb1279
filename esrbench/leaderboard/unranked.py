"""Why a row is not ranked: it failed, is flagged, is no competitor, or lacks what is ranked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from esrbench.flags import NO_WEIGHTS, taking_out
from esrbench.leaderboard.thresholds import Excess, Miss
from esrbench.quantities.costs import COSTS
from esrbench.quantities.metrics import described
from esrbench.results.record import RunRecord

FOR_REFERENCE = "interpolation: it has nothing to learn and is shown for reference"


def is_reference(record: RunRecord) -> bool:
    """Whether ``record`` is of plain interpolation: a network without a single parameter.

    Nearest, bicubic and lanczos stand in tables to compare with; they win no column.
    """
    return record.status == "ok" and record.params == 0


def why_unranked(
    record: RunRecord,
    lacking: Sequence[str],
    missed: Sequence[Miss | Excess],
    allowed: Collection[str],
) -> str | None:
    """Why ``record`` is not ranked, in one sentence; None when it is.

    ``lacking`` are the keys that the ranking needs and it has no value for, ``missed`` the
    thresholds it does not reach, ``allowed`` the flags that take no row out here.
    """
    if record.status != "ok":
        return f"{record.status}: {record.reason or 'no reason was recorded'}"
    flagged = taking_out(record.flags, allowed)
    if any(flag.key == NO_WEIGHTS for flag in flagged):
        return record.reason or "no weights at hand, so its quality was not measured"
    if flagged:
        return " ".join(f"{flag.badge}: {flag.meaning}" for flag in flagged)
    if is_reference(record):
        return FOR_REFERENCE
    if lacking:
        return _lacks(record, lacking)
    return "; ".join(miss.sentence() for miss in missed) or None


def _lacks(record: RunRecord, keys: Sequence[str]) -> str:
    told = (record.why_missing(key) for key in keys)
    why = next((reason for reason in told if reason), record.reason)
    return f"no {', '.join(map(in_words, keys))}" + (f": {why}" if why else "")


def in_words(key: str) -> str:
    """``PSNR Y on Set5`` for ``Set5.psnr_y``, ``peak memory`` for ``peak_memory_bytes``."""
    dataset, dot, metric = key.rpartition(".")
    if dot:
        return f"{described(metric).heading} on {dataset}"
    label = COSTS[key].label if key in COSTS else key.replace("_", " ")
    return label if label[:2].isupper() else label[:1].lower() + label[1:]
