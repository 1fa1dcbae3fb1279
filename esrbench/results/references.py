"""Records that come with esrbench: quality and counts of the bundled systems, measured once.

They lie in ``references/``, a file a system, scale and protocol, written by ``references/make.py``;
what depends on the machine is left out of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from esrbench import bundled
from esrbench.results.reading import read_record
from esrbench.results.record import RunRecord
from esrbench.results.scored import ImageScore
from esrbench.results.seal import sealed_json
from esrbench.whole_file import write_whole

COUNTS = "counts.jsonl"
"""Counts of the systems that have published ones: a record a line, by ``references/count.py``."""
_LARGE = ("effective_field", "layers")
"""Facts that are pictures or tables of a page."""
_DECIMALS = 6
"""Kept of a single image's figures, for there are many: more than any difference is printed to."""


def file_name(label: str, scale: int, protocol: str) -> str:
    """``span-c28_x4_quick.json``."""
    return f"{label.replace('/', '-')}_x{scale}_{protocol}.json"


def kept(record: RunRecord) -> RunRecord:
    """``record`` without what depends on the machine, and without modules; the figures of single
    images to a few digits, for there are many."""
    counted = record.complexity
    if counted is not None:
        facts = {key: value for key, value in counted.facts.items() if key not in _LARGE}
        counted = counted.model_copy(update={"by_module": {}, "facts": facts})
    return record.model_copy(
        update={
            "complexity": counted,
            "environment": {"versions": record.environment.get("versions", {})},
            "images": {name: _short(scores) for name, scores in record.images.items()},
            "memory": {},
            "memory_by_shape": {},
            "missing": {k: why for k, why in record.missing.items() if k in record.signatures},
            "peak_memory_bytes": None,
            "pictures": [],
        }
    )


def _short(scores: Sequence[ImageScore]) -> list[ImageScore]:
    return [
        score.model_copy(
            update={
                "values": {
                    key: None if value is None else round(value, _DECIMALS)
                    for key, value in score.values.items()
                },
                "forward_ms": None,
            }
        )
        for score in scores
    ]


def write_reference(record: RunRecord, folder: Path) -> Path:
    """Write ``record``, sealed, where :func:`load_references` finds it."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name(record.own_label, record.scale, record.protocol)
    text = sealed_json(record, indent=None)
    write_whole(target, text.encode(), prefix=".reference-", durable=True)
    return target


@lru_cache(maxsize=1)
def load_references() -> tuple[RunRecord, ...]:
    """Every record of the folder, by name; none where the folder is not there."""
    return tuple(read_record(path) for path in sorted(bundled.references().glob("*.json")))


@lru_cache(maxsize=1)
def load_counts() -> tuple[RunRecord, ...]:
    """Params and MACs of every bundled system that has published ones, counted once without
    weights; none where the file is not there. Such a record is no row of any table."""
    path = bundled.references() / COUNTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return tuple(RunRecord.model_validate_json(line) for line in lines)
