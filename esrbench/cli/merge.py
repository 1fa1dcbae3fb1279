"""``esrbench merge``: several results folders as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from esrbench.cli import options as given
from esrbench.number_of import number_of

if TYPE_CHECKING:
    from esrbench.results.merge import Merged


def merge(
    stores: Annotated[list[Path], typer.Argument(help="Results folders.")],
    into: Annotated[Path, typer.Option("--into", help="The folder they are copied into.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    json: given.Json = False,
) -> None:
    """Copy records and pictures into one folder; nothing is averaged, contradictions are told."""
    from dataclasses import asdict

    from esrbench.cli.terminal import print_json
    from esrbench.results.merge import merge as put_together

    merged = put_together(stores, into, dry_run=dry_run)
    if json:
        left_out = [one.why for one in merged.left_out]
        print_json({**asdict(merged), "left_out": left_out, "ok": merged.ok, "dry_run": dry_run})
    else:
        _print(merged, into, dry_run)
    raise typer.Exit(0 if merged.ok else 1)


def _print(merged: Merged, into: Path, dry_run: bool) -> None:
    would = "would be copied" if dry_run else "copied"
    print(
        f"{number_of(len(merged.copied), 'record')} {would} into {into} with "
        f"{number_of(merged.pictures, 'picture')}, "
        f"{len(merged.there)} there already."
    )
    for device, count in merged.by_device.items():
        print(f"  {count:>5}  {device}")
    for one in merged.left_out:
        print(f"  left out  {one.why}")
    for sentence in merged.refused:
        print(f"  REFUSED   {sentence}")
    for found in merged.contradictions:
        figures = ", ".join(f"{value:.6f} dB ({record})" for record, value in found.values)
        print(f"  DIFFERS   {found.label} {found.dataset} {found.metric}: {figures}")
