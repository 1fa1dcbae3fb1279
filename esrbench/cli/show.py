"""``esrbench show``: the authors' figures beside the measured ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from esrbench.cli import options as given
from esrbench.errors import UsageError

if TYPE_CHECKING:
    from esrbench.results.record import RunRecord


def show(
    name: Annotated[str, typer.Argument(help="A scored submission: NAME or NAME/VARIANT.")],
    results: given.Results = given.DEFAULT_RESULTS,
    protocol: Annotated[
        str | None, typer.Option("--protocol", "-p", help="Only this protocol's records.")
    ] = None,
    json: given.Json = False,
) -> None:
    """What is known of a submission, published against measured."""
    from dataclasses import asdict

    from esrbench.cli.stored import opened
    from esrbench.cli.summary import summary
    from esrbench.cli.terminal import print_json
    from esrbench.report.published import against_published

    store = opened(results)
    records = _named(name, protocol, store.latest())
    if json:
        print_json(
            {
                "records": [
                    {
                        **record.model_dump(mode="json"),
                        "against_published": [asdict(row) for row in against_published(record)],
                    }
                    for record in records
                ]
            }
        )
        return
    for record in records:
        print(summary(record, store.file_of(record)))
        rows = against_published(record)
        if not rows:
            print("  The submission names no published figures at this scale.")
            continue
        width = max(len(row.name) for row in rows)
        print(f"  {'':<{width}} {'published':>12} {'measured':>12}  difference")
        for row in rows:
            mark = "  <-- look" if row.off else ""
            print(
                f"  {row.name:<{width}} {row.published:>12} {row.measured:>12}  "
                f"{row.difference}{mark}"
            )
        print(f"  published: {record.about.published.get('source') or record.about.paper or ''}")


def _named(name: str, protocol: str | None, records: list[RunRecord]) -> list[RunRecord]:
    from esrbench.errors import nearest

    wanted = [record for record in records if protocol in (None, record.protocol)]
    found = [r for r in wanted if name in (r.label, r.own_label, r.submission)]
    if not found:
        labels = {record.label for record in wanted}
        raise UsageError(f"No record of {name!r}{nearest(name, labels)}")
    return found
