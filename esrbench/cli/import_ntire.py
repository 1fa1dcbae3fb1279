"""``esrbench import-ntire-results``: an official results file as records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given
from esrbench.number_of import number_of


def import_ntire(
    path: Annotated[Path, typer.Argument(help="An organisers' results.json.")],
    protocol: given.ProtocolName = "ntire2026",
    baseline: Annotated[
        str | None, typer.Option("--baseline", help="The entry others are held against.")
    ] = None,
    results: given.Results = Path("reports/ntire"),
    json: given.Json = False,
) -> None:
    """Turn an NTIRE challenge's own measurements into records, to report them here."""
    from esrbench.cli.terminal import print_json
    from esrbench.leaderboard.ntire_import import import_ntire_results
    from esrbench.results.store import ResultsStore

    records = import_ntire_results(path, protocol=protocol, baseline=baseline)
    store = ResultsStore(results)
    for record in records:
        store.add(record)
    if json:
        print_json({"records": [record.model_dump(mode="json") for record in records]})
    else:
        told = number_of(len(records), "entry is now a record", "entries are now records")
        print(f"{told} in {results}. Next:")
        print(f"  esrbench report --results {results} --out {results}")
