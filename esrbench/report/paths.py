"""Where each page of the site is; names are readable, short, and never collide."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

from esrbench.results.record import RunRecord
from esrbench.results.store import slug

_LONGEST = 120
TABLES = "data/tables"
"""Scripts of whole tables, apart from those of single rows, whose names anyone may choose."""


def table_script(kind: str, anchor: str) -> str:
    """``data/tables/KIND-ANCHOR.js`` of the table with this fragment; a long one is cut and
    hashed."""
    if len(anchor) > _LONGEST:
        digest = hashlib.sha256(anchor.encode()).hexdigest()[:8]
        anchor = f"{anchor[:_LONGEST]}-{digest}"
    return f"{TABLES}/{kind}-{anchor}.js"


def page_names(records: Sequence[RunRecord]) -> dict[str, str]:
    """``submissions/LABEL-xS-PROTOCOL-DEVICE-PRECISION.html`` by record id.

    Names that are cut short or would be the same twice end in a hash of what they stand for, so
    that each page's name depends on its own record and on those it would collide with only.
    """
    plain = {record.id: _plain(record) for record in records}
    taken = Counter(name[:_LONGEST] for name in plain.values())
    return {
        record.id: f"submissions/{_unique(record, plain[record.id], taken)}.html"
        for record in records
    }


def _plain(record: RunRecord) -> str:
    parts = [record.label, f"x{record.scale}", record.protocol, record.device, record.precision]
    return "-".join(slug(part) for part in parts)


def _unique(record: RunRecord, name: str, taken: Counter[str]) -> str:
    short = name[:_LONGEST]
    if short == name and taken[short] == 1:
        return name
    identity = "\0".join(
        (record.label, str(record.scale), record.protocol, record.device, record.precision)
    )
    return f"{short}-{hashlib.sha256(identity.encode()).hexdigest()[:8]}"
