"""BibTeX entries of the systems shown; a paper's table cites them by the same keys."""

from __future__ import annotations

import re
from collections.abc import Sequence

from esrbench.leaderboard.table import Table
from esrbench.report.formats import tex
from esrbench.results.record import RunRecord

_ARXIV = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})")
_DOI = re.compile(r"doi\.org/(10\.\d{4,9}/\S+)")


def cite_key(record: RunRecord) -> str:
    """``span2024``: the submission and its year; letters, digits and ``-`` alone."""
    name = re.sub(r"[^A-Za-z0-9-]+", "-", record.submission).strip("-").lower() or "system"
    return f"{name}{record.about.year or ''}"


def has_source(record: RunRecord) -> bool:
    """Whether there is something to cite."""
    return bool(record.about.authors or record.about.paper)


def to_bibtex(tables: Sequence[Table]) -> str:
    """An entry for each submission that names its authors or its paper, variants together."""
    entries = {
        cite_key(record): entry_of(record)
        for table in tables
        for record in table.records
        if has_source(record)
    }
    return "\n\n".join(entries[key] for key in sorted(entries)) + "\n" if entries else ""


def entry_of(record: RunRecord) -> str:
    """The entry of one system."""
    about = record.about
    arxiv, doi = (pattern.search(about.paper or "") for pattern in (_ARXIV, _DOI))
    authors = " and ".join(
        part.strip() for part in (about.authors or "").split(",") if part.strip()
    )
    fields = {
        "title": f"{{{tex.words(about.title)}}}",
        "author": tex.words(authors),
        "year": str(about.year or ""),
        "eprint": arxiv[1] if arxiv else "",
        "archivePrefix": "arXiv" if arxiv else "",
        "doi": doi[1] if doi else "",
        "url": about.paper or about.code or "",
        "note": "As named in its submission; check the title before printing",
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{cite_key(record)},\n" + ",\n".join(lines) + "\n}"
