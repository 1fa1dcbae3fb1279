"""What the site's build adds: the reference pages from the code, and links into the repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

from esrbench.cli.reference import PAGES

_ROOT = Path(__file__).resolve().parents[1]
_OUTSIDE = re.compile(r"\]\(\.\./([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: Any) -> Files:
    """Put the generated pages under ``reference/``."""
    for name, make in PAGES.items():
        files.append(File.generated(config, f"reference/{name}", content=make()))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn links to files beside the documentation into names; one that is not there ends the
    build."""

    def linked(match: re.Match[str]) -> str:
        if not (_ROOT / match[1]).exists():
            raise PluginError(f"{page.file.src_path} links to {match[1]}, which is not there")
        base = (config.get("repo_url") or "").rstrip("/")
        return f"]({base}/blob/main/{match[1]}{match[2] or ''})" if base else "](#)"

    return _OUTSIDE.sub(linked, markdown)
