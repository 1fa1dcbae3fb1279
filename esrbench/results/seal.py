"""A record's seal: a hash of everything in the file, so that an edit by hand shows.

Anyone can make a seal anew, so it tells an accident or a careless edit and no forger: who measured
is what a signature says (``signing.py``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from esrbench.results.record import RunRecord

SEAL = "seal"
SealState = Literal["whole", "edited", "none"]


def seal_of(data: Mapping[str, Any]) -> str:
    """SHA-256 over ``data`` without its own seal; keys' order and white space do not matter."""
    content = {key: value for key, value in data.items() if key != SEAL}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def seal_state(data: Mapping[str, Any]) -> SealState:
    """``none`` for a record made before there were seals, or whose seal was taken out."""
    kept = data.get(SEAL)
    if kept is None:
        return "none"
    return "whole" if kept == seal_of(data) else "edited"


def sealed_json(record: RunRecord, *, indent: int | None = 1) -> str:
    """``record`` as a file holds it, with its seal, which is set; without ``indent`` one line."""
    record.seal = None
    record.seal = seal_of(json.loads(record.model_dump_json()))
    return record.model_dump_json(indent=indent) + "\n"
