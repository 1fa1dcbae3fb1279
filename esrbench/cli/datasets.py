"""``esrbench datasets``: what is there, what is not, and how to get or make it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from esrbench.cli import options as given
from esrbench.number_of import number_of

app = typer.Typer(help="Datasets: list, prepare, verify, download.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A dataset of the catalogue, such as Set5.")]
AtScale = Annotated[int, typer.Option("--scale", "-s", help="Upscaling factor.")]


@app.command("list")
def list_command(
    data_root: given.DataRoot = None,
    datasets: given.Datasets = None,
    json: given.Json = False,
) -> None:
    """Every dataset: is it there, whole, and if not, how to get it."""
    from esrbench.cli.terminal import print_json
    from esrbench.data.catalogue import load_catalogue
    from esrbench.data.listing import list_datasets

    rows = list_datasets(load_catalogue(datasets), data_root=data_root)
    if json:
        print_json({"datasets": [_plain(row) for row in rows]})
        return
    for row in rows:
        made = ", ".join(f"x{scale} {how}" for scale, how in row.lr.items())
        state = f"there     {made}" if row.present else "missing"
        print(f"{row.name:<22} {number_of(row.images, 'image'):>11}  {state}")
        if row.problem:
            print(f"{'':<22} {row.problem}")


@app.command()
def prepare(
    name: Name,
    scale: AtScale = 4,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the LR images here, not to the cache.")
    ] = None,
    data_root: given.DataRoot = None,
    datasets: given.Datasets = None,
    json: given.Json = False,
) -> None:
    """Make LR from HR by the MATLAB-exact bicubic."""
    from esrbench.cli.terminal import print_json
    from esrbench.data.catalogue import load_catalogue
    from esrbench.data.prepare import prepare as make

    with _bar(f"{name} x{scale}") as progress:
        done = make(
            name,
            scale,
            data_root=data_root,
            catalogue=load_catalogue(datasets),
            out=out,
            progress=progress,
        )
    if json:
        print_json(_plain(done))
    else:
        print(
            f"{done.name} x{done.scale}: {done.images} LR images ({done.lr_source}), {done.folder}"
        )


@app.command()
def verify(
    name: Name,
    scale: AtScale = 4,
    data_root: given.DataRoot = None,
    datasets: given.Datasets = None,
    json: given.Json = False,
) -> None:
    """Check counts, names, sizes, mod-crop and hashes, and list every fault."""
    from esrbench.cli.terminal import print_json
    from esrbench.data.catalogue import load_catalogue
    from esrbench.data.verify import verify as look

    with _bar(f"{name} x{scale}") as progress:
        found = look(
            name,
            scale,
            data_root=data_root,
            catalogue=load_catalogue(datasets),
            progress=progress,
        )
    if json:
        print_json({**_plain(found), "ok": found.ok})
    else:
        images = number_of(found.images, "image")
        print(f"{found.name} x{found.scale}: {images} in {found.hr_folder}")
        for fault in found.faults:
            print(f"  FAULT {fault}")
        for note in found.notes:
            print(f"  note  {note}")
        if found.ok:
            print(f"  ok    sha256 {found.sha256}")
    raise typer.Exit(0 if found.ok else 3)


@app.command()
def download(
    name: Name,
    scale: Annotated[
        int | None, typer.Option("--scale", "-s", help="Only this scale's LR, where they differ.")
    ] = None,
    accept_unknown_hash: Annotated[
        bool, typer.Option("--accept-unknown-hash", help="Fetch what cannot be checked, too.")
    ] = False,
    data_root: given.DataRoot = None,
    datasets: given.Datasets = None,
    json: given.Json = False,
) -> None:
    """Fetch a dataset that has a public address; an interrupted download goes on."""
    from esrbench.cli.terminal import print_json
    from esrbench.data.catalogue import load_catalogue
    from esrbench.data.download import download as fetch

    with _byte_bar() as progress:
        done = fetch(
            name,
            data_root=data_root,
            catalogue=load_catalogue(datasets),
            scale=scale,
            accept_unknown_hash=accept_unknown_hash,
            progress=progress,
        )
    if json:
        print_json({"files": [_plain(one) for one in done]})
        return
    for one in done:
        unchecked = one.status == "fetched" and not one.checked
        print(f"  {one.status:<13} {one.path}{'  (no sha256 known)' if unchecked else ''}")
    print(f"{name}: {number_of(len(done), 'file')}. Next: esrbench datasets verify {name}")


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar on a terminal; nothing elsewhere."""
    from tqdm import tqdm

    with tqdm(desc=title, unit="image", leave=False, disable=None) as bar:

        def progress(done: int, total: int, name: str) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress


@contextmanager
def _byte_bar() -> Iterator[Callable[[str, int, int | None], None]]:
    """A bar of bytes on a terminal; nothing elsewhere."""
    from tqdm import tqdm

    with tqdm(unit="B", unit_scale=True, leave=False, disable=None) as bar:

        def progress(url: str, had: int, total: int | None) -> None:
            bar.set_description(url.rsplit("/", 1)[-1], refresh=False)
            bar.total = total
            bar.n = had
            bar.refresh()

        yield progress


def _plain(value: Any) -> dict[str, Any]:
    """A dataclass as JSON can hold it."""
    return {
        key: str(inner) if isinstance(inner, Path) else inner
        for key, inner in asdict(value).items()
    }
