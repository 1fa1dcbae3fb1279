"""Open a results folder that must be there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from esrbench.errors import UsageError
from esrbench.number_of import number_of

if TYPE_CHECKING:
    from esrbench.results.store import ResultsStore

_LINES = 5
"""Files that are named one by one."""


def opened(results: Path) -> ResultsStore:
    """The store at ``results``; what of it is left out is said, a line each.

    Raises UsageError when there is no such folder, or nothing in it can be read.
    """
    from esrbench.cli.terminal import say
    from esrbench.results.store import ResultsStore

    must_be_there(results)
    store = ResultsStore(results)
    left_out = store.left_out()
    for one in left_out[:_LINES]:
        say(f"Left out: {one.why}")
    if len(left_out) > _LINES:
        more = number_of(len(left_out) - _LINES, "more file")
        say(f"Left out: {more} (esrbench results verify {results})")
    damaged = [one for one in left_out if one.kind == "damaged"]
    if damaged and not store.rows():
        raise UsageError(f"{results} has no record that can be shown: {damaged[0].why}")
    return store


def must_be_there(results: Path) -> None:
    """Raises UsageError when there is no such folder."""
    if not results.is_dir():
        raise UsageError(
            f"There is no results folder {results}; `esrbench score` makes one, or name another "
            "with --results."
        )
