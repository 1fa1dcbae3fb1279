"""Which esrbench made a record, and which submission it was made of."""

from __future__ import annotations

import hashlib
import subprocess
import uuid
from datetime import datetime, timezone
from functools import lru_cache

from esrbench import __version__, bundled

VERSION = __version__


@lru_cache(maxsize=1)
def harness_commit() -> str | None:
    """The commit this checkout is at, ``+changed`` when files differ; None outside a checkout."""
    root = bundled.checkout()
    if root is None:
        return None
    commit = _git(str(root), "rev-parse", "--short=12", "HEAD")
    if commit is None:
        return None
    changed = _git(str(root), "status", "--porcelain", "--", "esrbench")
    return f"{commit}+changed" if changed else commit


def new_id(now: datetime | None = None) -> str:
    """An id that sorts by time: ``20261121t101502z-1f9c2a``."""
    moment = now or datetime.now(timezone.utc)
    return f"{moment:%Y%m%dt%H%M%Sz}-{uuid.uuid4().hex[:6]}"


def timestamp() -> str:
    """Now in UTC, ISO 8601, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def combined_sha256(*parts: str | None) -> str:
    """One hash over several; None counts, so that "no weights" differs from any weights."""
    return hashlib.sha256("\0".join(part or "-" for part in parts).encode()).hexdigest()


def _git(folder: str, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", folder, *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
