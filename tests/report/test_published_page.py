"""The page of all published figures beside the measured ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from esrbench.flags import OWN_WEIGHTS
from esrbench.leaderboard.literature import with_literature
from esrbench.leaderboard.table import build_tables
from esrbench.literature.entry import Entry
from esrbench.literature.shelf import shipped
from esrbench.report.published_page import lines, write_published_page
from esrbench.results.record import About
from esrbench.results.references import load_counts
from esrbench.submission.find import find
from tests.report.records import record
from tests.submissions.table import ROWS


def _record(name: str, params: int, psnr: float):
    about = About(
        title=name,
        paper="https://arxiv.org/abs/1",
        published={
            "params": 100_000,
            "note": "without the <b>mean</b>",
            "macs": 1e9,
            "macs_at": "1x3x64x64",
            "quality": {"Set5": {"psnr_y": 32.0}},
        },
    )
    return record(name, about=about, params=params, quality={"Set5": {"psnr_y": psnr}})


def test_the_furthest_apart_come_first() -> None:
    found = lines([_record("near", 101_000, 32.01), _record("far", 200_000, 31.5)], {})
    assert [(x.label, x.against.difference) for x in found if x.against.gap is not None] == [
        ("far", "+100.0 %"),
        ("near", "+1.0 %"),
        ("far", "−0.50"),
        ("near", "+0.01"),
    ]


def test_the_page_shows_all_figures_and_what_was_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("esrbench.report.published_page.load_references", list)
    monkeypatch.setattr("esrbench.report.published_page.load_counts", list)
    entry = Entry.model_validate(
        {
            "name": "x",
            "title": "X",
            "source": "t",
            "figures": {4: {"quality": {"Set5": {"psnr_y": 40}}}},
        }
    )
    rows = with_literature(
        [_record("near", 101_000, 32.01), _record("far", 250_000, 31.5)], [entry]
    )
    tables = build_tables(rows)
    write_published_page(tables, {}, [entry, *shipped()], tmp_path)
    page = (tmp_path / "published.html").read_text()
    rows_of = re.findall(r"<tr><th scope=\"row\" data-v=\"(\w+)\"", page)
    assert rows_of == ["far", "near", "far", "near"], "counts, then quality; no published row"
    assert "for 1x3x64x64" in page
    assert "without the &lt;b&gt;mean" in page
    assert "LDEN" in page
    assert "2 of 4" in page


def test_weights_trained_here_are_not_the_papers() -> None:
    ours = _record("ours", 100_000, 31.0).model_copy(update={"flags": [OWN_WEIGHTS]})
    (quality,) = (line for line in lines([ours], {}) if line.against.is_quality)
    assert (quality.against.gap, quality.against.off) == (None, False)
    assert quality.against.difference == "weights trained here"


def test_counted_once_where_nothing_else_was_measured() -> None:
    """A record of its own takes the place of the count that comes with esrbench."""
    about = About(title="t", published={"params": 100_000})
    counted = record("a", about=about, params=90_000)
    measured = record("a", about=about, params=95_000)
    (line,) = lines([], {}, counted=[counted])
    assert line.against.difference == "−10.0 %"
    (line,) = lines([measured], {}, counted=[counted])
    assert line.against.difference == "−5.0 %"


def test_counts_that_come_with_esrbench_are_those_of_the_authors_code() -> None:
    """Each line is of a system that is bundled, and of those counted on their authors' own code
    (tests/submissions/table.py) it is that count."""
    known = {(row.submission, row.scale): row.params for row in ROWS}
    found = load_counts()
    assert len(found) > 100
    for one in found:
        label = one.own_label
        assert one.about.published == find(label, scale=one.scale).published, label
        if (label, one.scale) in known:
            assert one.params == known[label, one.scale], label
