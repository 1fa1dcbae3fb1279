"""A dataset's hash without decoding its images again: remembered for files that did not change.

The hash is over pixels, and a few hundred images take seconds to decode; whether a dataset is the
one a record was made on is asked by every command.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from esrbench import bundled

_VERSION = 1
"""Raised whenever the same files would give another hash."""


def fingerprint(scale: int, files: Iterable[Path]) -> str | None:
    """What changes whenever one of ``files`` does; None when one is not there."""
    states: list[object] = [_VERSION, scale]
    try:
        for path in files:
            facts = path.stat()
            states.append(
                [str(path), facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino]
            )
    except OSError:
        return None
    return hashlib.sha256(json.dumps(states).encode()).hexdigest()


def recall(of: str | None) -> str | None:
    """The hash remembered for a fingerprint; None when there is none."""
    if of is None:
        return None
    try:
        text = _path(of).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return text if re.fullmatch("[0-9a-f]{64}", text) else None


def remember(of: str | None, sha256: str) -> None:
    """Keep ``sha256`` for a fingerprint; without a word where the cache cannot be written."""
    if of is None or recall(of) == sha256:
        return
    with contextlib.suppress(OSError):
        path = _path(of)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sha256 + "\n", encoding="ascii")


def _path(of: str) -> Path:
    return bundled.cache() / "dataset-hashes" / of
