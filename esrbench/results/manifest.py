"""The manifest of a results folder: every record and picture with its hash, so that one that is
missing, changed or new shows.

It is in the form of ``sha256sum``, so that it can be checked without esrbench.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from esrbench.errors import UsageError
from esrbench.file_hash import file_sha256
from esrbench.results.scan import PICTURES, record_files

MANIFEST = "MANIFEST.sha256"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_HEAD = "# esrbench results manifest"


@dataclass(frozen=True)
class Differences:
    """How a folder differs from its manifest; paths are relative to the folder."""

    missing: tuple[str, ...]
    changed: tuple[str, ...]
    new: tuple[str, ...]
    """Not in the manifest: added since."""


def manifest_text(root: Path, signer: str) -> str:
    """The manifest of ``root`` as it is now; ``signer`` is what the key calls itself."""
    lines = [_HEAD, f"# signer: {signer}"]
    lines += [f"{_sha256(root / name)}  {name}" for name in _names(root)]
    return "\n".join(lines) + "\n"


def read_manifest(root: Path) -> dict[str, str] | None:
    """Hashes by path; None without a manifest. Raises UsageError for one that is none."""
    path = root / MANIFEST
    if not path.is_file():
        return None
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as why:
        raise UsageError(f"{path} cannot be read: {why}.") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if line.startswith("#") or not line.strip():
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise UsageError(f"{path}, line {number}: not a hash, two spaces and a path.")
        found[match[2]] = match[1]
    return found


def compare(root: Path, manifest: dict[str, str]) -> Differences:
    """``root`` as it is now against ``manifest``."""
    now = set(_names(root))
    there = [name for name in manifest if name in now]
    return Differences(
        missing=tuple(sorted(set(manifest) - now)),
        changed=tuple(name for name in there if _sha256(root / name) != manifest[name]),
        new=tuple(sorted(now - set(manifest))),
    )


def _names(root: Path) -> list[str]:
    paths = [*record_files(root), *_pictures(root)]
    return sorted(path.relative_to(root).as_posix() for path in paths)


def _pictures(root: Path) -> Iterator[Path]:
    for path in root.rglob("*.png"):
        parts = path.relative_to(root).parts
        if PICTURES in parts[:-1] and not any(part.startswith(".") for part in parts):
            yield path


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError:
        return ""
