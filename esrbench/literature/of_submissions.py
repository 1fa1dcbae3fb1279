"""What the manifests of the bundled systems say their authors print, as entries."""

from __future__ import annotations

from pathlib import Path

from esrbench import bundled
from esrbench.literature import shelf
from esrbench.literature.entry import Entry, Figures
from esrbench.submission.find import bundled_names
from esrbench.submission.manifest import Manifest, Published, read_manifest


def everything(results: Path | None = None) -> list[Entry]:
    """What the bundled systems' authors print, what else comes with esrbench, and a person's own
    entries beside the records of ``results``; of one name the last of these."""
    found = {entry.name: entry for entry in (*printed_by_authors(), *shelf.entries(results))}
    return [found[name] for name in sorted(found)]


def printed_by_authors() -> list[Entry]:
    """An entry for each variant of a bundled system that has published figures."""
    found = []
    for name in bundled_names():
        manifest = read_manifest(bundled.submissions() / name / "submission.yaml")
        variants: list[str | None] = [*manifest.variants] or [None]
        for variant in variants:
            entry = _entry(manifest.resolved(variant), variant)
            found += [entry] if entry else []
    return found


def _entry(manifest: Manifest, variant: str | None) -> Entry | None:
    figures = {scale: _figures(one) for scale, one in manifest.published.items()}
    figures = {scale: one for scale, one in figures.items() if one != Figures()}
    if not figures:
        return None
    label = f"{manifest.name}/{variant}" if variant else manifest.name
    sources = sorted({one.source for one in manifest.published.values() if one.source})
    return Entry(
        name=label,
        title=manifest.title or label,
        authors=manifest.authors,
        year=manifest.year,
        paper=manifest.paper,
        code=manifest.code,
        source="; ".join(sources) or ("the paper" if manifest.paper else "its authors"),
        figures=figures,
    )


def _figures(one: Published) -> Figures:
    """MACs are left out where nobody says for which size."""
    told = one.macs is not None and one.macs_at is not None
    return Figures(
        params=one.params,
        macs=one.macs if told else None,
        macs_at=one.macs_at if told else None,
        quality=one.quality,
    )
