"""Open a results folder that must be there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.errors import UsageError

if TYPE_CHECKING:
    from esrbench.results.store import ResultsStore


def opened(results: Path) -> ResultsStore:
    """The store at ``results``; raises UsageError when there is no such folder."""
    from esrbench.results.store import ResultsStore

    if not results.is_dir():
        raise UsageError(
            f"There is no results folder {results}; `esrbench score` makes one, or name another "
            "with --results."
        )
    return ResultsStore(results)
