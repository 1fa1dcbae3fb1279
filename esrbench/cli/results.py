"""``esrbench results``: is a results folder whole, and who vouches for it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given
from esrbench.number_of import number_of

app = typer.Typer(help="Results folders: verify, sign.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="A results folder.")]


@app.command("verify")
def verify_command(
    folder: Folder = given.DEFAULT_RESULTS,
    signers: Annotated[
        Path | None,
        typer.Option("--signers", help="Whose signature is asked for: ssh's allowed signers."),
    ] = None,
    json: given.Json = False,
) -> None:
    """Find what was edited, damaged, dated wrongly, added or lost since the folder was signed."""
    from dataclasses import asdict

    from esrbench.cli.stored import must_be_there
    from esrbench.cli.terminal import print_json
    from esrbench.results.verify import verify

    must_be_there(folder)
    found = verify(folder, signers)
    if json:
        print_json(
            {
                "ok": found.ok,
                "records": found.records,
                "findings": [asdict(finding) for finding in found.findings],
            }
        )
    else:
        for finding in found.findings:
            print(f"  {finding.level:<5} {finding.path or folder}: {finding.sentence}")
        broken = sum(finding.level == "fault" for finding in found.findings)
        faults = number_of(broken, "fault") if broken else "whole"
        print(f"{number_of(found.records, 'record')} in {folder}: {faults}")
    raise typer.Exit(0 if found.ok else 1)


@app.command("sign")
def sign_command(
    folder: Folder = given.DEFAULT_RESULTS,
    key: Annotated[
        Path, typer.Option("--key", "-k", help="Your SSH key; one with a passphrase: its .pub.")
    ] = Path("~/.ssh/id_ed25519"),
    json: given.Json = False,
) -> None:
    """Write the folder's manifest and sign it with an SSH key."""
    from esrbench.cli.stored import must_be_there
    from esrbench.cli.terminal import print_json
    from esrbench.results.manifest import MANIFEST, read_manifest
    from esrbench.results.signing import sign, signature_of

    must_be_there(folder)
    signature = sign(folder, key.expanduser())
    files, said = len(read_manifest(folder) or {}), signature_of(folder)
    if json:
        document = {"manifest": str(folder / MANIFEST), "signature": str(signature)}
        print_json({**document, "files": files, "key": said.key if said else None})
    else:
        print(f"{folder / MANIFEST}: {files} files, signed with {said.key if said else '?'}")
