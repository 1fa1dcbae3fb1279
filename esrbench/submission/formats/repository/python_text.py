"""Python files of a repository as text and as syntax, in bounded memory; none of them is run."""

from __future__ import annotations

import ast
from pathlib import Path

from esrbench.submission import limits
from esrbench.submission.single_file import too_deep


def content_of(file: Path) -> bytes:
    """What ``file`` holds; nothing where it cannot be read or is longer than any source."""
    try:
        with file.open("rb") as opened:
            content = opened.read(limits.SOURCE_BYTES + 1)
    except OSError:
        return b""
    return content if len(content) <= limits.SOURCE_BYTES else b""


def statements(content: bytes) -> list[ast.stmt]:
    """The top level of a module; nothing where it is not valid Python or nested too deeply.

    What is wrong with it is told, with its line, when it is loaded.
    """
    if too_deep(content):
        return []
    try:
        return ast.parse(content).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
