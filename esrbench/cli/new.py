"""``esrbench new``: a submission folder to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from esrbench.cli import options as given


def new(
    name: Annotated[str, typer.Argument(help="What the submission is called.")],
    folder: Annotated[Path, typer.Option("--in", help="Where the folder NAME is made.")] = Path(
        "submissions"
    ),
    json: given.Json = False,
) -> None:
    """Write a submission that scores as it stands, to put your network into."""
    from esrbench.cli.terminal import print_json
    from esrbench.submission.new import write_new

    written = write_new(name, folder)
    if json:
        print_json({"submission": name, "folder": str(written)})
        return
    print(f"{written} is a submission that works: put your network into its model.py, then")
    print(f"  esrbench check {written}")
    print(f"  esrbench score {written}")
