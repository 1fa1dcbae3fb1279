"""Get a dataset that can be fetched. Only ever called because a person asked for it by name."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from esrbench.data.catalogue import DATA_ROOT_VARIABLE, find_entry
from esrbench.data.entry import DatasetEntry, Download
from esrbench.data.fetch import Fetched, discard, fetch
from esrbench.data.unpack import unpack_folder
from esrbench.errors import UnavailableError, UsageError
from esrbench.file_hash import file_sha256

_PARTIAL = ".esrbench-downloads"
"""Folder below the data root for files that are not whole yet."""

Progress = Callable[[str, int, "int | None"], None]
"""Called with the URL, bytes had so far and bytes in all (None where unknown)."""


@dataclass(frozen=True)
class Downloaded:
    """What became of one file."""

    url: str
    path: Path
    status: str
    """``fetched``, or ``already there`` (nothing was sent)."""
    sha256: str | None
    """What the fetched file hashes to; None where it was unpacked by an earlier call."""
    checked: bool
    """The hash was known beforehand and is the same."""
    bytes: int
    resumed_at: int
    """Bytes an earlier, interrupted call had left; 0 for none."""
    files: int
    """1, or how many files were unpacked."""


def download(
    name: str,
    *,
    data_root: Path | None,
    catalogue: dict[str, DatasetEntry],
    scale: int | None = None,
    accept_unknown_hash: bool = False,
    progress: Progress | None = None,
) -> list[Downloaded]:
    """Fetch what the catalogue lists for ``name`` (for ``scale`` only, if given) to the data root.

    Interrupted downloads go on where they stopped. A file without a known sha256 is fetched only
    with ``accept_unknown_hash``. Raises UsageError when there is nothing to fetch or no root,
    UnavailableError when the network, the hash or the disk stands in the way.
    """
    entry, _, _ = find_entry(name, catalogue)
    if not entry.downloads:
        raise UsageError(f"{name} cannot be fetched by esrbench; {entry.how_to_get}.")
    if data_root is None:
        raise UsageError(f"Give --data-root FOLDER or set {DATA_ROOT_VARIABLE}: it goes there.")
    items = [one for item in entry.downloads for one in item.files()]
    wanted = [one for one in items if not one.scales or scale in (None, *one.scales)]
    unknown = [one.url for one in wanted if one.sha256 is None]
    if unknown and not accept_unknown_hash:
        raise UsageError(
            f"No sha256 is known for {unknown[0]}, so what arrives cannot be checked; "
            "pass --accept-unknown-hash to fetch it all the same."
        )
    return [_one(item, data_root, progress) for item in wanted]


def _one(item: Download, data_root: Path, progress: Progress | None) -> Downloaded:
    target = data_root / item.to
    if target.exists():
        return _already_there(item, target)
    part = data_root / _PARTIAL / (hashlib.sha256(item.url.encode()).hexdigest()[:16] + ".part")

    def report(had: int, total: int | None) -> None:
        if progress is not None:
            progress(item.url, had, total)

    try:
        fetched = fetch(item.url, part, limit=item.bytes, report=report)
        _check(item, fetched)
        if item.unpack:
            files = unpack_folder(part, item.inside or item.to, target)
        else:
            files = 1
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(part, target)  # noqa: PTH105 - atomic, on the same file system
    except OSError as why:
        raise UnavailableError(f"{data_root} cannot be written: {why.strerror or why}.") from None
    discard(part)
    return Downloaded(
        url=item.url,
        path=target,
        status="fetched",
        sha256=fetched.sha256,
        checked=item.sha256 is not None,
        bytes=fetched.bytes,
        resumed_at=fetched.resumed_at,
        files=files,
    )


def _already_there(item: Download, target: Path) -> Downloaded:
    """The answer for a file or folder that exists; raises when a file is not the one meant."""
    found = file_sha256(target) if target.is_file() else None
    if found is not None and item.sha256 not in (None, found):
        raise UsageError(
            f"{target} is there but is another file than {item.url} (its sha256 is "
            f"{found[:12]}..., not {(item.sha256 or '')[:12]}...); move it away first."
        )
    checked = found is not None and item.sha256 is not None
    return Downloaded(item.url, target, "already there", found, checked, 0, 0, 0)


def _check(item: Download, fetched: Fetched) -> None:
    """Raise, and drop the file, when it is not the one the catalogue means."""
    if item.sha256 in (None, fetched.sha256):
        return
    discard(fetched.path)
    raise UnavailableError(
        f"{item.url} was fetched but its sha256 is {fetched.sha256}, not {item.sha256}; it was "
        "deleted. The file on the server changed, or something on the way altered it."
    )
