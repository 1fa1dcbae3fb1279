"""What each page was made from last time, so that only what changed is made again."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from esrbench.report.atomic import write_text

_FILE = ".pages.json"
_SOURCES = (".py", ".html", ".yaml")


class Memory:
    """The inputs of the pages under ``out``, as digests."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._before = _read(out / _FILE)
        self._now: dict[str, str] = {}

    def is_new(self, page: str, inputs: object) -> bool:
        """Whether ``page`` must be made: it is not there, or its inputs or the code changed."""
        text = json.dumps([_code(), inputs], sort_keys=True, default=str)
        self._now[page] = hashlib.sha256(text.encode()).hexdigest()[:24]
        return self._before.get(page) != self._now[page] or not (self._out / page).is_file()

    def keep(self) -> None:
        """Remember; called after the pages are written, so a crash makes them again."""
        write_text(self._out / _FILE, json.dumps(self._now, indent=0) + "\n")


def _read(path: Path) -> dict[str, str]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(k): str(v) for k, v in data.items()} if isinstance(data, dict) else {}


@cache
def _code() -> str:
    """A digest of the code, formulas and templates that make pages."""
    report = Path(__file__).parent
    digest = hashlib.sha256()
    for folder in (report, report.parent / "leaderboard"):
        for source in sorted(folder.rglob("*")):
            if source.suffix in _SOURCES:
                digest.update(source.read_bytes())
    return digest.hexdigest()
