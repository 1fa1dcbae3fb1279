"""What a file often is where weights, a graph or an image were meant: said by name."""

from __future__ import annotations

from pathlib import Path

_POINTER = b"version https://git-lfs.github.com/spec/"
HEAD = len(_POINTER)
_PAGES = (b"<!doctype html", b"<html")


def mistaken(path: Path) -> str | None:
    """``is empty; ...``, ``is a Git LFS pointer ...`` or ``is a web page ...``; None for others."""
    try:
        with path.open("rb") as file:
            return mistaken_content(file.read(HEAD))
    except OSError:
        return None


def mistaken_content(head: bytes) -> str | None:
    """The same of a file that begins with ``head``, its first ``HEAD`` bytes or more."""
    if not head:
        return "is empty; get it again"
    if head.startswith(_POINTER):
        return "is a Git LFS pointer and not the file itself; `git lfs pull` gets that"
    if head.lstrip().lower().startswith(_PAGES):
        return "is a web page and not what should be behind it; get the file itself"
    return None
