"""The static site: an index, a page for each submission, and everything they need beside them."""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import esrbench
from esrbench.leaderboard.literature import with_literature
from esrbench.leaderboard.references import with_references
from esrbench.leaderboard.selection import select
from esrbench.leaderboard.since import changes, vanished
from esrbench.leaderboard.table import build_tables
from esrbench.literature import shelf
from esrbench.literature.entry import Entry
from esrbench.report.assets import write_assets
from esrbench.report.atomic import write_text
from esrbench.report.changes_page import PAGE as CHANGES
from esrbench.report.changes_page import in_words, write_changes_page
from esrbench.report.cite import badge_path
from esrbench.report.compare_page import data_path, write_compare_page
from esrbench.report.history_page import write_history_page
from esrbench.report.index_page import index_html
from esrbench.report.paper_script import write_papers
from esrbench.report.paths import page_names
from esrbench.report.picture_sets import write_picture_sets
from esrbench.report.pictures import copy_pictures
from esrbench.report.published_page import write_published_page
from esrbench.report.standings import write_standings
from esrbench.report.submission_pages import write_submission_pages
from esrbench.results.record import RunRecord
from esrbench.results.store import ResultsStore


@dataclass(frozen=True)
class Before:
    """What stood before: the rows that a page of changes starts from."""

    called: str
    """The date or folder, as it was asked for."""
    records: Sequence[RunRecord]


@dataclass(frozen=True)
class Site:
    """What was written."""

    index: Path
    changed: str | None = None
    """What differs from before, in a few words; None where nobody asked."""


def render_site(store: ResultsStore, out: Path, *, protocol: str | None = None,
                allowed: Collection[str] = (), references: bool = False,
                literature: Sequence[Entry] = ()) -> Path:  # fmt: skip
    """As :func:`make_site`, of what stands now; returns its index.html."""
    return make_site(store, out, protocol=protocol, allowed=allowed, references=references,
                     literature=literature).index  # fmt: skip


def make_site(store: ResultsStore, out: Path, *, protocol: str | None = None,
              allowed: Collection[str] = (), references: bool = False,
              literature: Sequence[Entry] = (), before: Before | None = None) -> Site:  # fmt: skip
    """Write the leaderboard of ``store``'s latest records under ``out``.

    Only what changed is written; each file is replaced whole. With ``protocol`` only that
    protocol's records are shown: UsageError when there is none. ``allowed`` are flags that take
    no row out of the ranking; the pages say so. ``references`` puts the bundled systems, whose
    figures come with esrbench, beside them, ``literature`` published figures, set apart. ``before``
    makes a page of what changed since. No records make an index that says so. Raises
    UnavailableError when ``out`` cannot be written.
    """

    def shown(records: Sequence[RunRecord]) -> list[RunRecord]:
        beside = with_references(records) if references else list(records)
        return with_literature(beside, literature)

    with _collector_paused():
        records = shown(select(store.latest(), protocol=protocol))
        lives = [life for life in store.lives() if protocol in (None, life[0].protocol)]
        if before is not None:
            kept = [r for r in before.records if protocol in (None, r.protocol)]
            before = replace(before, records=shown(kept))
        return _render(store, out, records, lives, before, allowed)


def _render(
    store: ResultsStore,
    out: Path,
    records: Sequence[RunRecord],
    lives: Sequence[Sequence[RunRecord]],
    before: Before | None,
    allowed: Collection[str],
) -> Site:
    tables = build_tables(records, allowed)
    links = page_names(records)
    write_assets(out)
    pictures = copy_pictures(records, store.root, out)
    write_submission_pages(
        tables, links, pictures, out, _files(records, store, out), runs=store.runs()
    )
    write_standings(tables, links, out)
    write_papers(tables, out)
    write_compare_page(tables, links, {i for i, shown in pictures.items() if shown}, out)
    write_picture_sets(tables, pictures, out)
    write_published_page(tables, links, shelf.entries(store.root), out)
    write_history_page(tables, links, lives, out)
    changed = None
    if before is not None:
        found = changes(before.records, records, allowed)
        gone = vanished(before.records, records)
        write_changes_page(found, gone, before.called, tables, links, out)
        changed = in_words(found, gone)
    else:
        (out / CHANGES).unlink(missing_ok=True)
    index = out / "index.html"
    since = before.called if before else None
    write_text(index, index_html(tables, links, _made(records), _left_out(store), since))
    _remove_orphans(out, set(links.values()))
    return Site(index, changed)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Work without looking for cycles: records hold millions of small objects and no cycle, and
    the search for one costs as much as making the pages."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _files(records: Sequence[RunRecord], store: ResultsStore, out: Path) -> dict[str, str]:
    """The records' own files, seen from a submission's page, where they lie below the site."""
    root = out.resolve()
    paths = {r.id: store.path_of(r).resolve() for r in records if not r.shipped}
    return {
        key: f"../{quote(path.relative_to(root).as_posix())}"
        for key, path in paths.items()
        if path.is_relative_to(root) and path.is_file()
    }


def _made(records: Sequence[RunRecord]) -> dict[str, str]:
    newest = max((r.created for r in records), default="")
    return {"version": esrbench.__version__, "newest": newest[:16].replace("T", " ")}


def _left_out(store: ResultsStore) -> list[str]:
    """Why damaged records are not shown; their paths from the results folder, as a page may be
    published. Files that never were records are nobody's row."""
    return [
        one.why.replace(str(one.path), one.path.relative_to(store.root).as_posix())
        for one in store.left_out()
        if one.kind == "damaged"
    ]


def _remove_orphans(out: Path, kept: set[str]) -> None:
    """Pages of records that are no longer shown; only files this site wrote are touched."""
    for page in (out / "submissions").glob("*.html"):
        ours = b'name="generator" content="esrbench"' in page.read_bytes()[:600]
        if ours and f"submissions/{page.name}" not in kept:
            page.unlink()
            (out / data_path(f"submissions/{page.name}")).unlink(missing_ok=True)
            (out / badge_path(page.name)).unlink(missing_ok=True)
