"""What a file often is where weights or a graph were meant: said by name, as it cannot be read."""

from __future__ import annotations

from pathlib import Path

_POINTER = b"version https://git-lfs.github.com/spec/"
_PAGES = (b"<!doctype html", b"<html")


def mistaken(path: Path) -> str | None:
    """``is empty; ...``, ``is a Git LFS pointer ...`` or ``is a web page ...``; None for others."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_POINTER))
    except OSError:
        return None
    if not head:
        return "is empty; get it again"
    if head == _POINTER:
        return "is a Git LFS pointer and not the file itself; `git lfs pull` gets that"
    if head.lstrip().lower().startswith(_PAGES):
        return "is a web page and not what should be behind it; get the file itself"
    return None
