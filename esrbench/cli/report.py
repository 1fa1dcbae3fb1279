"""``esrbench report``: the HTML leaderboard, from the records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given


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
    json: given.Json = False,
) -> None:
    """Build index.html, and a page for each submission, from the records alone."""
    from esrbench.cli.stored import opened
    from esrbench.cli.terminal import print_json
    from esrbench.flags import check_allowed
    from esrbench.literature.of_submissions import everything
    from esrbench.report.site import render_site

    allowed = check_allowed(allow or [])
    store = opened(results)
    index = render_site(
        store,
        out,
        protocol=protocol,
        allowed=allowed,
        references=references,
        literature=everything(results) if literature else (),
    )
    if json:
        print_json({"index": str(index), "records": len(store.latest())})
    else:
        print(f"The leaderboard is {index}")
