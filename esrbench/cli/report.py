"""``esrbench report``: the HTML leaderboard, from the records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esrbench.cli import options as given

if TYPE_CHECKING:
    from esrbench.report.site import Before
    from esrbench.results.store import ResultsStore


def report(
    results: given.Results = given.DEFAULT_RESULTS,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the pages.")] = Path(
        "reports"
    ),
    protocol: Annotated[
        str | None, typer.Option("--protocol", "-p", help="Only this protocol's records.")
    ] = None,
    references: given.References = True,
    literature: given.Literature = False,
    allow: given.Allow = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            help="Also a page of what changed: since a DATE (2026-01-31) or from an older results "
            "FOLDER.",
        ),
    ] = None,
    json: given.Json = False,
) -> None:
    """Build index.html, and a page for each submission, from the records alone."""
    from esrbench.cli.stored import opened
    from esrbench.cli.terminal import print_json
    from esrbench.flags import check_allowed
    from esrbench.literature.of_submissions import everything
    from esrbench.report.site import make_site

    allowed = check_allowed(allow or [])
    store = opened(results)
    site = make_site(
        store,
        out,
        protocol=protocol,
        allowed=allowed,
        references=references,
        literature=everything(results) if literature else (),
        before=_before(since, store) if since else None,
    )
    if json:
        document = {"index": str(site.index), "records": len(store.rows())}
        print_json(document | ({"since": since, "changed": site.changed} if since else {}))
        return
    print(f"The leaderboard is {site.index}")
    if site.changed is not None:
        print(f"Since {since}: {site.changed} ({out / 'changes.html'})")


def _before(since: str, store: ResultsStore) -> Before:
    """The rows as they stood on a date, or as an older results folder has them."""
    from datetime import datetime, timezone

    from esrbench.errors import UsageError
    from esrbench.report.site import Before
    from esrbench.results.store import ResultsStore

    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        if not Path(since).is_dir():
            raise UsageError(
                f"--since {since}: no date such as 2026-01-31, and no results folder."
            ) from None
        return Before(since, ResultsStore(Path(since)).latest())
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return Before(since, store.latest(before=moment))
